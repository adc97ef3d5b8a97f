"""What create, update and delete share: a guarded write with its audit row, tried again if a race is lost."""

from collections.abc import Callable

from django.db import transaction

from patients import audit
from patients.audit import AuditEntry
from patients.fhir.entity_tags import ANY_VERSION
from patients.fhir.outcomes import Conflict, PreconditionFailed
from patients.interactions.read import current_version
from patients.interactions.results import StoredResource
from patients.interactions.visibility import refuse_unreachable
from patients.models import writing
from patients.models.writing import Change

ATTEMPTS = 5


def write_guarded(
    entry: AuditEntry, change_from: Callable[[StoredResource | None], Change]
) -> StoredResource:
    """Read the current version, write what `change_from` makes of it, and answer that.

    Somebody else may write in between: then all is done again.

    :raises Forbidden: if it meets what the actor may not see.
    :raises Conflict: if that happened five times in a row.
    """
    for _ in range(ATTEMPTS):
        current, known = current_version(
            entry.resource_type, entry.resource_id or "", actor=entry.actor, interaction=entry.interaction
        ) or (None, None)
        change = change_from(current)
        refuse_unreachable(entry.actor, entry.interaction, change, known)
        written = _write(entry, change)
        if written is not None:
            return written
    raise Conflict(
        f"{entry.resource_type}/{entry.resource_id} is being changed by others; nothing was changed."
    )


def require_version(
    current: StoredResource | None, if_match: int | None, resource_type: str, id: str
) -> None:
    """Refuse to replace another version than the client has seen.

    :raises PreconditionFailed: if the current version is not `if_match`, or none is there to be any.
    """
    if if_match is None or (current and current.version_id == if_match):
        return
    if if_match == ANY_VERSION:
        if current and not current.is_deleted:
            return
        raise PreconditionFailed(f"{resource_type}/{id} is not there; If-Match: * asks for what is.")
    if current is None:
        raise PreconditionFailed(f'{resource_type}/{id} is not known, not W/"{if_match}".')
    raise PreconditionFailed(f'{resource_type}/{id} is at version {current.version_id}, not W/"{if_match}".')


def _write(entry: AuditEntry, change: Change) -> StoredResource | None:
    with transaction.atomic():
        version = writing.write(change)
        if version is None:
            return None
        entry.version_id, entry.patients = version.version_id, change.patients
        audit.record(entry)
    writing.remember_commit(entry.actor.principal)
    return StoredResource.written(change, version)
