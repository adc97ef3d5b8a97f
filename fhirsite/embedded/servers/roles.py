"""The roles and the database of an embedded primary. A site's own server gets the same by hand."""

from psycopg import Connection, sql

from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.servers import superuser

# pg_stat_statements is not a trusted extension; the others are here so that the owner need not be able to.
_EXTENSIONS = ("btree_gin", "pg_stat_statements", "pg_trgm")

_DATABASE = sql.Identifier(instances.DATABASE_NAME)
_OWNER = sql.Identifier(instances.OWNER_ROLE)
_APPLICATION = sql.Identifier(instances.APPLICATION_ROLE)


def provision(instance: Instance) -> None:
    """Make the roles, the database and its extensions; what is there stays as it is."""
    with superuser.connect(instance) as connection:
        _make_roles(connection, instance)
        _make_database(connection)
    with superuser.connect(instance, database=instances.DATABASE_NAME) as connection:
        for extension in _EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def _make_roles(connection: Connection, instance: Instance) -> None:
    there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for role, attributes, password in (
        (instances.OWNER_ROLE, "", instance.owner_password),
        (instances.APPLICATION_ROLE, "", instance.application_password),
        (instances.REPLICATION_ROLE, "REPLICATION", instance.replication_password),
    ):
        if role not in there:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER {} PASSWORD {}").format(
                    sql.Identifier(role),
                    sql.SQL(attributes),
                    sql.Literal(_verifier(connection, role, password)),
                )
            )
    connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(_APPLICATION))


def _verifier(connection: Connection, role: str, password: str) -> str:
    """The SCRAM verifier of a password: statements are kept and shown to others, passwords must not be."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return verifier.decode()


def _make_database(connection: Connection) -> None:
    there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [instances.DATABASE_NAME])
    if there.fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(_DATABASE, _OWNER))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(_DATABASE))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(_DATABASE, _APPLICATION)
    )
