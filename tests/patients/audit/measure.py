"""`python -m tests.patients.audit.measure ROWS`: what the questions take over an audit of so many rows.

It starts servers of its own, fills them, prints a table, and takes all away again.
"""

import random
import sys
import time
import uuid

from perf.benchmark.summaries import percentile
from tests import environment

SAMPLES = 300
PATIENTS = 100_000
_AT_A_TIME = 250_000


def main(rows: int) -> None:
    instance = environment.prepare()
    environment.set_up_django()
    try:
        with environment.running(instance):
            _fill(rows)
            _measure()
    finally:
        environment.remove(instance)


def _fill(rows: int) -> None:
    from tests.patients.audit import made_up

    chain = str(uuid.uuid4())
    for first in range(1, rows + 1, _AT_A_TIME):
        made_up.fill(first=first, last=min(rows, first + _AT_A_TIME - 1), patients=PATIENTS, chain=chain)
    made_up.analyze()


def _measure() -> None:
    from patients.models import AuditRecord

    chance = random.Random(1)
    users = range(1_000_000, 1_000_200)
    questions = {
        "who saw a patient": lambda: _about(f"p{chance.randrange(PATIENTS)}"),
        "who saw a patient that is seen often": lambda: _about("poften"),
        "who saw somebody who is not there": lambda: _about(f"nobody{chance.random()}"),
        "what a user saw": lambda: _page(AuditRecord.objects.filter(user_id=chance.choice(users))),
        "the newest": lambda: _page(AuditRecord.objects.all()),
    }
    sys.stdout.write("| question | p50 ms | p95 | p99 | max |\n|---|---|---|---|---|\n")
    for name, ask in questions.items():
        seconds = sorted(_timed(ask) for _ in range(SAMPLES))
        shown = " | ".join(f"{1_000 * percentile(seconds, share):.1f}" for share in (0.5, 0.95, 0.99, 1))
        sys.stdout.write(f"| {name} | {shown} |\n")


def _about(patient: str) -> None:
    from patients.audit import questions
    from patients.models import AuditRecord

    with questions.asked_of(patient):
        _page(AuditRecord.objects.filter(questions.about(patient)))


def _page(rows) -> None:
    list(rows.order_by("-recorded", "-id")[:51])


def _timed(ask) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
