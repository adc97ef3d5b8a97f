"""Every interaction leaves a row, written before its answer is sent (docs/security.md#audit)."""

from dataclasses import dataclass, field

from patients.access import Actor
from perf import database

_INSERT = database.Query(
    "audit",
    """
    INSERT INTO audit_records (
        request_id, user_id, actor, channel, address,
        interaction, resource_type, resource_id, version_id, query, patients, outcome
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    """,
)


@dataclass(slots=True)
class AuditEntry:
    """What is known of an interaction so far; filled in while it goes on."""

    actor: Actor
    interaction: str
    resource_type: str
    resource_id: str | None = None
    version_id: int | None = None
    query: str | None = None
    patients: list[str] = field(default_factory=list)
    outcome: int = 200
    is_recorded: bool = False


def record(entry: AuditEntry) -> None:
    """Write the entry; within the transaction of the interaction if there is one."""
    record_all([entry])


def record_all(entries: list[AuditEntry]) -> None:
    """Write the entries of one group in one round trip."""
    if len(entries) == 1:
        database.fetch_primary(_INSERT, _row(entries[0]))
    elif entries:
        database.execute_each_primary(_INSERT, [_row(entry) for entry in entries])
    for entry in entries:
        entry.is_recorded = True


def _row(entry: AuditEntry) -> tuple[object, ...]:
    actor = entry.actor
    return (
        actor.request_id,
        actor.user_id,
        actor.name,
        actor.channel,
        actor.address,
        entry.interaction,
        entry.resource_type,
        entry.resource_id,
        entry.version_id,
        entry.query,
        entry.patients,
        entry.outcome,
    )
