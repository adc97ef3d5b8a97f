"""PostgreSQL's settings of the embedded pair, fitted to the machine. Written at each start."""

import psutil

from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance

REPLICATION_SLOT = "fhirsite_standby"

_MEBIBYTE = 1024 * 1024

# Which roles may come in by which door. There is no line for TCP: nothing listens there.
HOST_BASED_AUTHENTICATION = f"""\
local all {instances.SUPERUSER_ROLE} scram-sha-256
local {instances.DATABASE_NAME} {instances.OWNER_ROLE},{instances.APPLICATION_ROLE} scram-sha-256
local replication {instances.REPLICATION_ROLE} scram-sha-256
"""


def postgres_settings(instance: Instance, *, port: int) -> str:
    """The text of `fhirsite.conf`. Primary and standby have the same, so that they can change places."""
    settings = {
        **_connections(instance, port),
        **_memory(),
        **_REPLICATION,
        "primary_conninfo": _primary_conninfo(instance),
        **_LOGS,
        **_PLANNER,
    }
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _connections(instance: Instance, port: int) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(instance.sockets),
        "unix_socket_permissions": "0700",
        "port": str(port),
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "shared_preload_libraries": "pg_stat_statements",
        "timezone": "UTC",
    }


def _memory() -> dict[str, str]:
    total = psutil.virtual_memory().total
    return {
        "shared_buffers": _megabytes(total // 16, least=128, most=2048),
        "effective_cache_size": _megabytes(total // 2, least=512, most=65536),
        "maintenance_work_mem": _megabytes(total // 64, least=64, most=512),
        "work_mem": _megabytes(total // 1024, least=8, most=32),
        "max_wal_size": "2GB",
        "wal_compression": "lz4",
    }


_REPLICATION = {
    "wal_level": "replica",
    "max_wal_senders": "8",
    "max_replication_slots": "8",
    "primary_slot_name": REPLICATION_SLOT,
    # A standby that stays away does not fill the primary's disk: beyond this it is based anew.
    "max_slot_wal_keep_size": "4GB",
    "hot_standby": "on",
    "hot_standby_feedback": "on",
    "max_standby_streaming_delay": "5s",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "1s",
    "wal_log_hints": "on",
}

# Statements, details and messages of errors quote values, and logs carry no patient data. Who sent the
# statement is told of its error, and logs the class of it.
_LOGS = {
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "[%p] ",
}

_PLANNER = {
    "jit": "off",
    "random_page_cost": "1.1",
    "track_io_timing": "on",
    "pg_stat_statements.max": "5000",
}


def _primary_conninfo(instance: Instance) -> str:
    fields = {
        "host": str(instance.sockets),
        "port": str(instances.PRIMARY_PORT),
        "user": instances.REPLICATION_ROLE,
        "password": instance.replication_password,
        "application_name": "standby",
    }
    return " ".join(f"{name}='{_escaped(value)}'" for name, value in fields.items())


def _megabytes(size: int, *, least: int, most: int) -> str:
    return f"{min(max(size // _MEBIBYTE, least), most)}MB"


def _quoted(value: str) -> str:
    """As a settings file wants it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _escaped(value: str) -> str:
    """As a connection string wants it."""
    return value.replace("\\", "\\\\").replace("'", "\\'")
