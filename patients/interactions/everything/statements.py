"""The records of a Patient in SQL: of a page with their text, of all only their keys."""

import re
from typing import Any

from patients.fhir import own_addresses
from patients.fhir.everything import EverythingRequest
from patients.search import contents
from patients.search.sight import Sight
from perf.database import Query

_SEEN = re.compile(r"<seen ([a-z_.]+)>")
FIRST_DATE = "9999-12-31T00:00:00Z"

# A record without a date is in any range of dates.
_WITHIN = """
    (c.date < '0001-01-03T00:00:00Z'
        OR (c.date >= coalesce(%(start)s::timestamptz, '-infinity')
            AND c.date < coalesce(%(end)s::timestamptz, 'infinity')))
"""
_ASKED_FOR = """
    (%(types)s::text[] IS NULL OR r.resource_type = ANY (%(types)s::text[]))
        AND (%(since)s::timestamptz IS NULL OR r.last_updated > %(since)s::timestamptz)
"""
_MEMBERS = f"""
    FROM patient_compartment c
    JOIN fhir_resources r ON r.id = c.resource_id
    WHERE c.patient_id = %(patient)s
        AND {_ASKED_FOR}
        AND {_WITHIN}
        AND NOT (c.resource_type = 'Patient' AND r.fhir_id = %(patient)s)
        AND <seen r.id>
"""
# An absolute URL below an address of this service is the same as the relative reference.
_NAMED = rf"""
    records AS (
        SELECT c.resource_id
        FROM patient_compartment c
        WHERE c.patient_id = %(patient)s AND {_WITHIN} AND <seen c.resource_id>
        UNION
        SELECT p.id FROM fhir_resources p WHERE p.resource_type = 'Patient' AND p.fhir_id = %(patient)s
    ), named AS MATERIALIZED (
        SELECT DISTINCT split_part(n.text, '/', 1) AS resource_type, split_part(n.text, '/', 2) AS fhir_id
        FROM records m
        JOIN fhir_resources r ON r.id = m.resource_id
        CROSS JOIN LATERAL (
            SELECT f.value #>> '{{}}' AS text
            FROM jsonb_path_query(r.resource_data, 'strict $.**.reference') AS f(value)
        ) f
        CROSS JOIN LATERAL (
            SELECT coalesce(
                (SELECT substr(f.text, length(a.address) + 1) FROM unnest(%(own)s::text[]) AS a(address)
                 WHERE starts_with(f.text, a.address) LIMIT 1),
                f.text
            ) AS text
        ) n
        WHERE n.text ~ '^[A-Z][A-Za-z]+/[A-Za-z0-9.-]{{1,64}}(/_history/[A-Za-z0-9.-]{{1,64}})?$'
    )
"""
_REFERRED_TO = f"""
    FROM named n
    JOIN fhir_resources r ON (r.resource_type, r.fhir_id) = (n.resource_type, n.fhir_id) AND NOT r.deleted
    WHERE r.resource_type <> 'Patient'
        AND {_ASKED_FOR}
        AND NOT EXISTS (SELECT FROM patient_compartment c WHERE c.resource_id = r.id)
        AND <seen r.id>
"""

PATIENT = Query(
    "everything: patient",
    """
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, v.method, v.content, r.deleted
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = 'Patient' AND r.fhir_id = %s
    """,
)
# In order of the index patient_compartment_by_date.
_COMPARTMENT = f"""
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, c.date::text AS date, r.id
    {_MEMBERS}
        AND c.resource_type >= %(after_type)s
        AND (c.resource_type > %(after_type)s
             OR (c.date, c.resource_id) < (%(after_date)s::timestamptz, %(after_id)s))
    ORDER BY c.resource_type, c.date DESC, c.resource_id DESC
    LIMIT %(limit)s
"""
_REFERENCES = f"""
    WITH {_NAMED}
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, '' AS date, r.id
    {_REFERRED_TO}
        AND (r.resource_type, r.id) > (%(after_type)s, %(after_id)s)
    ORDER BY r.resource_type, r.id
    LIMIT %(limit)s
"""
# One statement, so that all keys are of one moment. `octet_length` of a text does not read it.
_KEYS = f"""
    WITH {_NAMED}, every AS MATERIALIZED (
        SELECT 0 AS phase, r.resource_type, r.fhir_id, NULL::timestamptz AS date, r.id, r.version_id
        FROM fhir_resources r
        WHERE r.resource_type = 'Patient' AND r.fhir_id = %(patient)s AND NOT r.deleted
            AND (%(types)s::text[] IS NULL OR r.resource_type = ANY (%(types)s::text[]))
        UNION ALL
        SELECT 1, r.resource_type, r.fhir_id, c.date, r.id, r.version_id {_MEMBERS}
        UNION ALL
        SELECT 2, r.resource_type, r.fhir_id, NULL, r.id, r.version_id {_REFERRED_TO}
    )
    SELECT array_agg(e.id ORDER BY e.phase, e.resource_type, e.date DESC, e.place),
           array_agg(e.version_id ORDER BY e.phase, e.resource_type, e.date DESC, e.place),
           array_agg(e.octets ORDER BY e.phase, e.resource_type, e.date DESC, e.place),
           ARRAY(
               SELECT o.patient_id FROM every f JOIN patient_compartment o ON o.resource_id = f.id
               UNION
               SELECT f.fhir_id FROM every f WHERE f.resource_type = 'Patient'
           )
    FROM (
        SELECT k.*, CASE k.phase WHEN 1 THEN -k.id ELSE k.id END AS place,
               octet_length(v.content) + length(k.resource_type) + length(k.fhir_id) AS octets
        FROM every k
        JOIN fhir_resource_versions v ON v.resource_id = k.id AND v.version_id = k.version_id
    ) e
"""
# A version never changes: those of the keys are what was there at their moment, whenever they are read.
VERSIONS = Query(
    "everything: versions",
    """
    SELECT r.resource_type, r.fhir_id, v.version_id, v.last_updated, false, v.method, v.content
    FROM unnest(%s::bigint[], %s::integer[]) WITH ORDINALITY AS k(id, version_id, place)
    JOIN fhir_resource_versions v ON v.resource_id = k.id AND v.version_id = k.version_id
    JOIN fhir_resources r ON r.id = k.id
    ORDER BY k.place
    """,
)


def keys(sight: Sight) -> Query:
    """The keys of all records."""
    return Query("everything: keys", _within_sight(_KEYS, sight))


def compartment(sight: Sight) -> Query:
    """A page of the compartment."""
    return _page("everything: compartment", _within_sight(_COMPARTMENT, sight))


def references(sight: Sight) -> Query:
    """A page of what is referred to."""
    return _page("everything: references", _within_sight(_REFERENCES, sight))


def _page(name: str, keys: str) -> Query:
    """The rows of these keys, in their order; text as far as it fits into a page."""
    return Query(
        name,
        f"""
        SELECT p.resource_type, p.fhir_id, p.version_id, p.last_updated, v.method,
               {contents.content("w").sql}, p.date, p.id,
               ARRAY(SELECT o.patient_id FROM patient_compartment o WHERE o.resource_id = p.id)
        FROM (SELECT i.*, row_number() OVER () AS place FROM ({keys}) i) p
        JOIN fhir_resource_versions v ON v.resource_id = p.id AND v.version_id = p.version_id
        WINDOW w AS (ORDER BY p.place ROWS UNBOUNDED PRECEDING)
        ORDER BY p.place
        """,
    )


def parameters(request: EverythingRequest, sight: Sight, **others: Any) -> Any:
    """The parameters of a statement; `others` are those of a page's place."""
    return {
        "patient": request.patient_id,
        "types": list(request.types) or None,
        "since": request.since,
        "start": request.start,
        "end": request.end,
        "own": list(own_addresses.known()),
        **{f"seen{at}": value for at, value in enumerate(sight.of_any("r.id").params)},
        **others,
    }


def _within_sight(sql: str, sight: Sight) -> str:
    """Put what may be seen in the places where it is asked of a row id, by the names of its parameters."""
    return _SEEN.sub(lambda place: _named(sight.of_any(place[1]).sql), sql)


def _named(sql: str) -> str:
    first, *others = sql.split("%s")
    return first + "".join(f"%(seen{at})s{rest}" for at, rest in enumerate(others))
