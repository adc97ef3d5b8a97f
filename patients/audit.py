"""Every interaction leaves a row, written before its answer is sent (docs/security.md#audit)."""

from dataclasses import dataclass, field

from patients.access import Actor
from patients.fhir import exact_json
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

_INSERT_MANY = database.Query(
    "audits",
    """
    INSERT INTO audit_records (
        request_id, user_id, actor, channel, address,
        interaction, resource_type, resource_id, version_id, query, patients, outcome
    )
    SELECT *
    FROM jsonb_to_recordset(%s::jsonb) AS entries (
        request_id text, user_id bigint, actor text, channel text, address text,
        interaction text, resource_type text, resource_id text, version_id integer, query text,
        patients text[], outcome smallint
    )
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
    """Write the entries of one group by one statement, in their order."""
    if len(entries) == 1:
        database.fetch_primary(_INSERT, tuple(_row(entries[0]).values()))
    elif entries:
        database.fetch_primary(_INSERT_MANY, (exact_json.encode([_row(entry) for entry in entries]),))
    for entry in entries:
        entry.is_recorded = True


def _row(entry: AuditEntry) -> dict[str, object]:
    """The columns, in the order of the statements."""
    actor = entry.actor
    return {
        "request_id": actor.request_id,
        "user_id": actor.user_id,
        "actor": actor.name,
        "channel": actor.channel,
        "address": actor.address,
        "interaction": entry.interaction,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "version_id": entry.version_id,
        "query": entry.query,
        "patients": entry.patients,
        "outcome": entry.outcome,
    }
