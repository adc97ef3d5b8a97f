"""What the database holds of a resource, and what it should hold, worked out anew from its versions."""

import re
from typing import Any

from patients.fhir.extraction import PATIENT_STRINGS, SearchValues, extract
from patients.fhir.resource import parse
from patients.fhir.search_values import IndexValues, extract_values
from patients.models.summary import COLUMNS
from perf.database import Query, fetch_primary
from tests.patients.models.indexed import index_flaws

_VERSIONS = Query(
    "versions",
    """
    SELECT r.id, r.version_id, r.deleted, r.last_updated, r.resource_data::text,
           v.version_id, v.last_updated, v.content, v.content::jsonb::text
    FROM fhir_resources r JOIN fhir_resource_versions v ON v.resource_id = r.id
    WHERE r.resource_type = %s AND r.fhir_id = %s ORDER BY v.version_id
    """,
)
_ROWS = ", ".join(column for column in COLUMNS if column != "birth_sort")


def flaws(resource_type: str, id: str) -> list[str]:
    """Each way in which the stored rows differ from the history; none if all is well."""
    rows = fetch_primary(_VERSIONS, (resource_type, id))
    resource_id, current, is_deleted, updated, data = rows[0][:5]
    found = _history_flaws([row[5:] for row in rows], current, is_deleted, updated)
    content = rows[-1][7]
    if not is_deleted and data != rows[-1][8]:
        found.append("resource_data is not its content")
    resource = parse(content) if content is not None else None
    index = extract_values(resource) if resource else None
    found += _row_flaws(resource_id, extract(resource) if resource else None, index)
    found += index_flaws(resource_id, resource_type, index)
    if resource_type == "Patient":
        found += _summary_flaws(resource_id, content)
    return found


def _history_flaws(
    versions: list[tuple[Any, ...]], current: int, is_deleted: bool, updated: Any
) -> list[str]:
    found = []
    if [version for version, *_ in versions] != list(range(1, current + 1)):
        found.append("versions are not 1, 2, 3 …")
    times = [time for _, time, *_ in versions]
    if times != sorted(set(times)) or times[-1] != updated:
        found.append("times do not rise")
    if (versions[-1][2] is None) != is_deleted:
        found.append("deleted disagrees with the last version")
    for version, time, content, _ in versions:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
        meta = f'"meta":{{"versionId":"{version}","lastUpdated":"{stamp}"'
        if content is not None and meta not in content:
            found.append(f"version {version} tells another version or time")
    return found


def _row_flaws(resource_id: int, values: SearchValues | None, index: IndexValues | None) -> list[str]:
    expected = {
        "search_strings": _strings(values, index) if values and index else set(),
        "search_tokens": set(values.tokens) if values else set(),
        "patient_compartment": {(patient,) for patient in values.compartment_patients} if values else set(),
    }
    columns = {
        "search_strings": "parameter, value, exact_hash",
        "search_tokens": "parameter, system, value",
        "patient_compartment": "patient_id",
    }
    found = []
    for table, rows in expected.items():
        query = Query("rows", f"SELECT {columns[table]} FROM {table} WHERE resource_id = %s")
        stored = fetch_primary(query, (resource_id,))
        if sorted(stored) != sorted(rows):
            found.append(f"{table} has {sorted(stored)}, not {sorted(rows)}")
    return found


def _strings(values: SearchValues, index: IndexValues) -> set[tuple[str, str, int]]:
    """Those of Patient search as it extracts them, and the others."""
    others = {row for row in index.strings if values.patient is None or row[0] not in PATIENT_STRINGS}
    return set(values.strings) | others


def _summary_flaws(resource_id: int, content: str | None) -> list[str]:
    index = fetch_primary(Query("index", f"SELECT {_ROWS} FROM patient_index WHERE id = %s"), (resource_id,))
    view = fetch_primary(Query("view", f"SELECT {_ROWS} FROM patient_summary WHERE id = %s"), (resource_id,))
    delta = fetch_primary(
        Query("delta", f"SELECT {_ROWS}, gone FROM patient_summary_delta WHERE id = %s"), (resource_id,)
    )
    shown = [row[:-1] for row in delta if not row[-1]] if delta else view
    found = [] if shown == index else ["view and delta do not show what the index has"]
    if content is None:
        return [*found, "deleted, but in the index"] if index else found
    if len(index) != 1:
        return [*found, "not in the index"]
    columns = extract(parse(content)).patient
    stored = dict(zip(_ROWS.split(", "), index[0], strict=True))
    names = ("family_name", "given_name", "family_folded", "birth_date", "gender", "active", "deceased")
    found.extend(f"{name} is {stored[name]!r}" for name in names if stored[name] != getattr(columns, name))
    version = re.search(r'"versionId":"(\d+)"', content)
    if version is None or stored["version_id"] != int(version[1]):
        found.append("the index has another version")
    return found
