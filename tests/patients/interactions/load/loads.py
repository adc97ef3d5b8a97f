"""Files to load, made for one test each, and what the database holds afterwards."""

import io
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from perf.database import Query, fetch_primary

_CURRENT = Query(
    "current content",
    """
    SELECT v.content FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = %s AND r.fhir_id = %s AND NOT r.deleted
    """,
)
_IDENTIFIED = Query(
    "ids by system",
    """
    SELECT r.resource_type || '/' || r.fhir_id
    FROM search_tokens t JOIN fhir_resources r ON r.id = t.resource_id
    WHERE t.parameter = 'identifier' AND t.system = %s ORDER BY t.value
    """,
)


@dataclass(frozen=True)
class Run:
    """What a run of the command came to."""

    exit_code: int
    output: str
    errors: str

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.output.splitlines()[-1])


def load(*paths: Path | str, **options: Any) -> Run:
    """Run the command in this process; with `json`, unless told otherwise."""
    output, errors = io.StringIO(), io.StringIO()
    code, message = 0, ""
    try:
        options = {"json": True, **options}
        call_command("load", *map(str, paths), stdout=output, stderr=errors, skip_checks=True, **options)
    except CommandError as error:
        code, message = error.returncode, str(error)
    return Run(code, output.getvalue(), errors.getvalue() + message)


def new_system() -> str:
    """An identifier system that only one test uses."""
    return f"https://example.org/{uuid.uuid4()}"


def new_id() -> str:
    return str(uuid.uuid4())


def patient(system: str, value: str = "1", **members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": system, "value": value}], **members}


def practitioner(system: str, value: str = "1", **members: Any) -> dict[str, Any]:
    return {**patient(system, value, **members), "resourceType": "Practitioner"}


def observation(system: str, subject: str, value: str = "o", **members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": system, "value": value}],
        "status": "final",
        "code": {"text": "pulse"},
        "subject": {"reference": subject},
        **members,
    }


def post(resource: dict[str, Any], full_url: str | None = None, **request: str) -> dict[str, Any]:
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource: dict[str, Any], full_url: str | None = None) -> dict[str, Any]:
    url = f"{resource['resourceType']}/{resource['id']}"
    entry = {"resource": resource, "request": {"method": "PUT", "url": url}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def bundle(bundle_type: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": bundle_type, "entry": list(entries)}


def written(path: Path, value: dict[str, Any] | list[dict[str, Any]] | str) -> Path:
    """Write a document, the lines of a list, or a text as it is."""
    if isinstance(value, list):
        value = "".join(json.dumps(each) + "\n" for each in value)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def stored_text(reference: str) -> str | None:
    """The text of the current version, or None."""
    rows = fetch_primary(_CURRENT, tuple(reference.split("/")))
    return rows[0][0] if rows else None


def stored(reference: str) -> dict[str, Any]:
    text = stored_text(reference)
    assert text is not None, f"{reference} is not stored"
    return json.loads(text)


def identified(system: str) -> list[str]:
    """What is stored with an identifier of the system, as references, in the order of the identifiers."""
    return [row[0] for row in fetch_primary(_IDENTIFIED, (system,))]
