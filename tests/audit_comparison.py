"""Over the whole suite: as many records as interactions, each of one, and no change without its own.

Every interaction that a test of this process opens is noted at the door. After each test all of them must be
recorded; after the last one every record must be in the table once, but for changes that were rolled back.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.environment import set_up_django


@pytest.fixture(scope="session")
def interactions_opened(database: object) -> Iterator[list]:
    """The entries of all interactions so far."""
    set_up_django()
    from patients.audit import AuditEntry
    from patients.interactions import door

    opened: list[AuditEntry] = []

    def noted(*args: object, **kwargs: object) -> AuditEntry:
        opened.append(AuditEntry(*args, **kwargs))
        return opened[-1]

    door.AuditEntry = noted
    yield opened
    door.AuditEntry = AuditEntry
    _require_records(opened)


@pytest.fixture(autouse=True)
def _every_interaction_is_recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    if "database" not in request.fixturenames:
        yield
        return
    opened = request.getfixturevalue("interactions_opened")
    before = len(opened)
    yield
    # Where the audit cannot be written there is no answer either.
    if "audit_that_cannot_be_written" not in request.fixturenames:
        assert [entry for entry in opened[before:] if not entry.is_recorded] == []


def _require_records(opened: list) -> None:
    from patients.audit import recording, sealing
    from patients.models import FhirResourceVersion
    from tests.audited import audit_records

    recording.close_spool()
    ids = [entry.recorded_as for entry in opened if entry.is_recorded]
    there = {str(id) for id in audit_records().values_list("id", flat=True)}
    lost = [entry for entry in opened if entry.is_recorded and entry.recorded_as not in there]
    kept_since = datetime.fromisoformat(f"{sealing.months()[0]}-01T00:00+00:00")

    assert len(set(ids)) == len(ids)
    for entry in lost:
        if _time_of(entry.recorded_as) < kept_since:
            continue  # a test of retention dropped its month
        # What was rolled back did not happen, and has no version.
        assert recording.is_change(entry), entry
        versions = FhirResourceVersion.objects.filter(
            resource__resource_type=entry.resource_type,
            resource__fhir_id=entry.resource_id,
            version_id=entry.version_id,
        )
        assert not versions.exists() or _is_recorded_otherwise(entry), entry


def _time_of(id: str) -> datetime:
    return datetime.fromtimestamp((uuid.UUID(id).int >> 80) / 1000, UTC)


def _is_recorded_otherwise(entry: object) -> bool:
    """Whether the version is somebody else's, who took its number."""
    from patients.models import AuditRecord

    return AuditRecord.objects.filter(
        resource_type=entry.resource_type, resource_id=entry.resource_id, version_id=entry.version_id
    ).exists()
