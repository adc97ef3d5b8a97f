"""The supervisor's own connections to the embedded servers."""

import psycopg

from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance


def connect(
    instance: Instance, *, port: int = instances.PRIMARY_PORT, database: str = "postgres"
) -> psycopg.Connection:
    return psycopg.connect(
        host=str(instance.sockets),
        port=port,
        user=instances.SUPERUSER_ROLE,
        password=instance.superuser_password,
        dbname=database,
        connect_timeout=2,
        autocommit=True,
        application_name="fhirsite supervisor",
    )
