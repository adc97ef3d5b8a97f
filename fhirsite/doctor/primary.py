"""The primary: reached, new enough, with its extensions and tables, and a role that may not too much."""

import time
from collections.abc import Iterator

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from fhirsite.doctor.findings import Finding, warning, wrong

OLDEST_VERSION = 15

_EXTENSIONS = {"btree_gin", "pg_stat_statements", "pg_trgm"}
_CLOCK_SECONDS = 1.0

_ROLE = """
    SELECT rolname, rolsuper,
           EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'm', 'p'))
      FROM pg_roles
     WHERE rolname = current_user
"""


def check_primary() -> Iterator[Finding]:
    connection = connections["default"]
    try:
        connection.ensure_connection()
    except DatabaseError as failure:
        yield wrong(
            "primary",
            f"{place_of(connection)} can't be reached: {first_line_of(failure)}",
            "Start the site (`manage.py up`), or see to DATABASE_URL.",
        )
        return
    yield check_version("primary", connection)
    yield from _check_recovery(connection)
    yield from _check_role(connection)
    yield from _check_extensions(connection)
    yield from _check_migrations(connection)
    yield from _check_clock(connection)


def check_version(subject: str, connection: BaseDatabaseWrapper) -> Finding:
    version = value(connection, "SHOW server_version")
    says = f"PostgreSQL {version} at {place_of(connection)}"
    if int(version.split(".")[0]) < OLDEST_VERSION:
        return wrong(subject, says, f"fhirsite needs PostgreSQL {OLDEST_VERSION} or newer.")
    return Finding(subject, says)


def is_reached() -> bool:
    try:
        connections["default"].ensure_connection()
    except DatabaseError:
        return False
    return True


def place_of(connection: BaseDatabaseWrapper) -> str:
    settings = connection.settings_dict
    return f"{settings['HOST'] or 'the local socket'}:{settings['PORT'] or 5432}/{settings['NAME']}"


def first_line_of(failure: Exception) -> str:
    return str(failure).partition("\n")[0]


def value(connection: BaseDatabaseWrapper, query: str) -> str:
    """The only value of the only row."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _check_recovery(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    if value(connection, "SELECT pg_is_in_recovery()") == "True":
        yield wrong(
            "primary", "it is a standby and can't be written to", "Let DATABASE_URL name the primary."
        )


def _check_role(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        name, is_superuser, is_owner = cursor.fetchone()
    mend = "Give the application a role of its own, and the owner's in DATABASE_OWNER_URL."
    if is_superuser:
        yield wrong("role", f"the application's role {name} is a superuser", mend)
    elif is_owner:
        yield wrong("role", f"the application's role {name} owns tables or the database", mend)
    else:
        yield Finding("role", f"{name}: no superuser, owner of nothing")


def _check_extensions(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        missing = sorted(_EXTENSIONS - {name for (name,) in cursor.fetchall()})
    if not missing:
        yield Finding("extensions", ", ".join(sorted(_EXTENSIONS)))
    for name in missing:
        yield wrong("extensions", f"{name} is missing", f"As a superuser: CREATE EXTENSION {name};")


def _check_migrations(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield wrong("migrations", f"{len(pending)} are pending", "Run `manage.py migrate`.")
    else:
        yield Finding("migrations", "all applied")


def _check_clock(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    """Times of versions are the database's; those of sessions and tokens are this machine's."""
    began = time.time()
    database = float(value(connection, "SELECT extract(epoch FROM clock_timestamp())"))
    ended = time.time()
    off = max(began - database, database - ended, 0.0)
    if off > _CLOCK_SECONDS:
        yield warning("clock", f"the database's clock is {off:.1f} s off", "Let both machines use NTP.")
    else:
        yield Finding("clock", "the database and this machine agree")
