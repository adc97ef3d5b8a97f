"""The work sets of `manage.py benchmark`: each a function that gives its cases, in a table by name."""

from collections.abc import Callable, Sequence

from patients.management.benchmarks import searches
from perf.benchmark.cases import Case

WORK_SETS: dict[str, Callable[[], Sequence[Case]]] = {
    "searches": searches.cases,
}
