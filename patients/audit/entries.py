"""What is recorded of an interaction."""

from dataclasses import dataclass, field

from patients.access import Actor
from patients.audit import payloads

_LARGEST_VERSION = 2**63 - 1


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
    roles: tuple[str, ...] = ()
    # Joins what was recorded together.
    group_id: str | None = None
    # The id of its record, once there is one.
    recorded_as: str | None = None

    @property
    def is_recorded(self) -> bool:
        return self.recorded_as is not None

    def payload(self) -> bytes:
        """The entry as it is recorded now: with an id and the time."""
        actor, version = self.actor, self.version_id
        self.recorded_as, recorded = payloads.id_and_time()
        return payloads.encode(
            {
                "id": self.recorded_as,
                "recorded": recorded,
                "request_id": actor.request_id,
                "group_id": self.group_id,
                "user_id": actor.user_id,
                "actor": actor.name,
                "roles": self.roles,
                "purpose": actor.purpose or None,
                "elevated": sorted(actor.elevations.intersection(self.patients)),
                "channel": actor.channel,
                "address": actor.address,
                "interaction": self.interaction,
                "resource_type": self.resource_type,
                "resource_id": self.resource_id,
                # Whoever asks for a version that no column could hold is told so; the query keeps it.
                "version_id": version if version is None or version <= _LARGEST_VERSION else None,
                "query": self.query,
                "patients": self.patients,
                "outcome": self.outcome,
            }
        )
