"""The standby: another server, in recovery, streaming from the primary and close behind it."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connections

from fhirsite.doctor.findings import Finding, warning, wrong
from fhirsite.doctor.primary import check_version, first_line_of, is_reached, place_of, value

_STREAMING = """
    SELECT application_name, state, coalesce(extract(epoch FROM replay_lag), 0),
           pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)
      FROM pg_stat_replication
     WHERE state = 'streaming'
"""
_SLOTS = "SELECT slot_name, wal_status FROM pg_replication_slots WHERE slot_type = 'physical'"


def check_standby() -> Iterator[Finding]:
    replica = connections["replica"]
    if _is_the_primary():
        mend = "Name one in REPLICA_URL; until then the primary answers all reads."
        yield warning("standby", "there is none", mend)
        return
    try:
        replica.ensure_connection()
    except DatabaseError as failure:
        meanwhile = "The primary answers meanwhile. " if is_reached() else ""
        yield wrong(
            "standby",
            f"{place_of(replica)} can't be reached: {first_line_of(failure)}",
            f"{meanwhile}Start the site (`manage.py up`), or see to REPLICA_URL.",
        )
        return
    yield check_version("standby", replica)
    if value(replica, "SELECT pg_is_in_recovery()") != "True":
        yield wrong(
            "standby", "it is not in recovery: it follows no primary", "Set it up as a standby again."
        )
    yield from _check_replication()


def _is_the_primary() -> bool:
    primary, replica = connections["default"].settings_dict, connections["replica"].settings_dict
    return all(primary[key] == replica[key] for key in ("HOST", "PORT", "NAME"))


def _check_replication() -> Iterator[Finding]:
    """As the primary sees it."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(_STREAMING)
            streams = cursor.fetchall()
            cursor.execute(_SLOTS)
            slots = cursor.fetchall()
    except DatabaseError:
        return  # the primary's own check has said it
    if not streams:
        mend = "See the standby's log; an embedded one is copied anew by `manage.py up` if it can't catch up."
        yield wrong("replication", "no standby is streaming from the primary", mend)
    for name, state, lag_seconds, lag_bytes in streams:
        says = f"{name} is {state}, {lag_bytes} bytes and {float(lag_seconds):.2f} s behind"
        if lag_seconds > settings.REPLICA_MAX_LAG_SECONDS:
            yield warning("replication", says, "Reads go to the primary until it has caught up.")
        else:
            yield Finding("replication", says)
    for name, wal_status in slots:
        if wal_status in {"lost", "unreserved"}:
            yield wrong("replication", f"the slot {name} is {wal_status}", "Copy the standby anew.")
