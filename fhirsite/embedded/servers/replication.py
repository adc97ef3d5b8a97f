"""Whether the standby can follow the primary, and the slot that keeps WAL for it."""

from dataclasses import dataclass

from psycopg import Connection

from fhirsite.embedded.servers.postgres_settings import REPLICATION_SLOT

_POSITION = """
    SELECT system_identifier::text,
           (SELECT timeline_id FROM pg_control_checkpoint()),
           pg_current_wal_flush_lsn() - '0/0'
      FROM pg_control_system()
"""


@dataclass(frozen=True, slots=True)
class ControlData:
    """What a server's files say of its place in history."""

    system_identifier: str
    timeline: int
    wal_position: int


def why_lost(connection: Connection, standby: ControlData) -> str | None:
    """Why a standby can never catch up with the primary of this connection; nothing if it can.

    The standby's data must have been read before: it only lags, unless it went another way.
    """
    slot = connection.execute(
        "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", [REPLICATION_SLOT]
    ).fetchone()
    primary = ControlData(*connection.execute(_POSITION).fetchone() or ("", 0, 0))
    if slot is None:
        return "its replication slot is gone"
    if slot[0] == "lost":
        return "the primary no longer has the WAL that it needs"
    if standby.system_identifier != primary.system_identifier:
        return "it is the copy of another primary"
    if standby.timeline > primary.timeline or standby.wal_position > primary.wal_position:
        return "it holds changes that the primary does not have"
    return None


def make_slot(connection: Connection) -> None:
    """A new slot that keeps WAL from now on, in the place of one that has lost some."""
    connection.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
        [REPLICATION_SLOT],
    )
    connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [REPLICATION_SLOT])


def parse_control_data(output: str) -> ControlData:
    """Read what `pg_controldata` prints."""
    fields = dict(line.split(":", 1) for line in output.splitlines() if ":" in line)
    return ControlData(
        system_identifier=fields["Database system identifier"].strip(),
        timeline=int(fields["Latest checkpoint's TimeLineID"]),
        wal_position=max(
            _position(fields["Latest checkpoint's REDO location"]),
            _position(fields["Minimum recovery ending location"]),
        ),
    )


def _position(text: str) -> int:
    high, _, low = text.strip().partition("/")
    return (int(high, 16) << 32) + int(low, 16)
