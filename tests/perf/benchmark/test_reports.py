import json

from perf.benchmark import reports
from perf.benchmark.plans import Plan
from perf.benchmark.running import Result, Run
from perf.benchmark.summaries import Summary


def _plan(mode: str, indexes: tuple[str, ...], scanned: tuple[str, ...] = ()) -> Plan:
    return Plan("search", mode, indexes, scanned, 1.5, 50, 0, 10, 2, {"Plan": {}})


FAST = Result(
    "fast",
    Summary(2_000, 0.5, 1.0, 2.0, 9.0),
    Summary(2_000, 0.25, 0.5, 1.5, 8.0),
    Summary(2_000, 1, 2, 3, 9),
    1.0,
    50.0,
    0,
    (_plan("a", ("by_date",)),),
)
SLOW = Result(
    "slow",
    Summary(20, 5.0, 10.0, 20.0, 90.0),
    None,
    Summary(20, 6, 12, 22, 92),
    2.0,
    7.0,
    3,
    (_plan("a", ("k",)), _plan("b", (), ("people",))),
)
FAILED = Result("failed", None, None, None, 0.0, 0.0, 20, ())
RUN = Run((FAST, SLOW, FAILED), 0.5, 1.25, 61.0)


class TestTable:
    def test_tells_times_ratios_and_indexes(self):
        assert reports.table(RUN).splitlines() == [
            "| case | p50 ms | p95 | p99 | max | ratio"
            " | processor p50 ms | p99 | samples | queries | rows | found by |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            "| fast | 0.50 | 1.00 | 2.00 | 9.00 | 1.0 | 0.25 | 1.50 | 2,000 | 1.0 | 50 | by_date |",
            "| slow | 5.00 | 10.00 | 20.00 | 90.00 | 10.0"
            " | – | – | 20 (3 failed) | 2.0 | 7 | k, **all of people** |",
            "| failed | – | – | – | – | – | – | – | 0 (20 failed) | – | – | – |",
            "",
            "load average 0.5 before, 1.2 after; 61 s",
        ]


class TestWarnings:
    def test_name_what_is_read_from_end_to_end(self):
        assert reports.warnings(RUN) == ["slow: search reads people from end to end (b)"]


class TestJson:
    def test_has_all_that_was_measured(self):
        report = json.loads(json.dumps(reports.as_json(RUN)))

        assert report["load_before"] == 0.5
        assert [result["name"] for result in report["results"]] == ["fast", "slow", "failed"]
        assert report["results"][0]["database"]["p99"] == 2.0
        assert report["results"][1]["plans"][1]["scanned"] == ["people"]
