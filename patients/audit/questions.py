"""Who saw this patient: how the rows are found is decided by their number, as in all searches here.

PostgreSQL has no statistics of a patient among so many, takes each for one in two hundred, and would look for
them along the time: a walk through millions of rows for who was seen twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from perf import database

# So many are gathered by the index of patients and sorted; more are met soon enough along the time.
MOST_GATHERED = 5_000

_COUNT = database.Query(
    "audit of a patient",
    "SELECT count(*) FROM (SELECT FROM audit_records WHERE patients @> ARRAY[%s::text] LIMIT %s) AS met",
)


def about(patient_id: str) -> Q:
    """The records that name the patient."""
    return Q(patients__contains=[patient_id])


@contextmanager
def asked_of(patient_id: str) -> Iterator[None]:
    """Read records about the patient, in the order of time, within this context."""
    with transaction.atomic():
        connection = database.raw_connection(database.PRIMARY_ALIAS)
        connection.execute("SET LOCAL enable_indexscan = off")  # bitmaps are none
        if database.fetch_primary(_COUNT, (patient_id, MOST_GATHERED + 1))[0][0] > MOST_GATHERED:
            connection.execute("SET LOCAL enable_indexscan = on")
        yield
        connection.execute("SET LOCAL enable_indexscan TO DEFAULT")
