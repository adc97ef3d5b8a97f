"""Rows of an audit, made up: so many that a question without its index would show."""

from django.db import connections

# A patient in ten thousand of which one in a hundred is seen often, by one of two hundred users.
_INSERT = """
    INSERT INTO audit_records (
        id, recorded, request_id, user_id, actor, roles, elevated, channel, address,
        interaction, resource_type, resource_id, version_id, patients, outcome, chain, number, code
    )
    SELECT gen_random_uuid(), now() - n * interval '1 second', md5(n::text), 1000000 + n %% 200,
           'made-up-' || n %% 200, '{clinician}', '{}', 'session', '192.0.2.1',
           (ARRAY['read', 'search', 'vread', 'everything'])[n %% 4 + 1],
           'Patient', 'p' || n %% %(patients)s, 1,
           CASE WHEN n %% 4 = 1
                THEN ARRAY(SELECT 'p' || (n + i * 37) %% %(patients)s FROM generate_series(1, 20) AS i)
                ELSE ARRAY['p' || CASE WHEN n %% 100 = 0 THEN 'often' ELSE (n %% %(patients)s)::text END]
           END,
           200, %(chain)s, n, ''
    FROM generate_series(%(first)s, %(last)s) AS n
    """


def fill(*, first: int, last: int, patients: int, chain: str) -> None:
    """Insert made-up rows, of a chain that is to be taken away again."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_INSERT, {"first": first, "last": last, "patients": patients, "chain": chain})


def analyze() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE audit_records")


def remove(chain: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM audit_records WHERE chain = %s", [chain])
