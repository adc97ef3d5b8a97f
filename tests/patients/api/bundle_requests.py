"""Bundles of requests, and what they are answered."""

import json
import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.audited import audit_records
from tests.patients.api.messages import FHIR

_AUDITED = ("interaction", "resource_type", "resource_id", "patients", "outcome")


def bundle(type: str, *entries: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def entry(
    method: str, url: str, resource: Any = None, *, full_url: str | None = None, **request: str
) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def post(resource: dict[str, Any], full_url: str | None = None, **request: str) -> dict[str, Any]:
    return entry("POST", resource["resourceType"], resource, full_url=full_url, **request)


def put(resource: dict[str, Any], **request: str) -> dict[str, Any]:
    return entry("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **request)


def patient(system: str, value: str = "1", **members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": system, "value": value}], **members}


def observation(subject: str, **members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "pulse"},
        "subject": {"reference": subject},
        **members,
    }


def new_system() -> str:
    """An identifier system that only one test uses."""
    return f"https://example.org/{uuid.uuid4()}"


def new_id() -> str:
    return str(uuid.uuid4())


def urn() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def sent(client: Client, value: Any, prefer: str | None = None) -> HttpResponse:
    headers = {"Prefer": f"return={prefer}"} if prefer else {}
    text = value if isinstance(value, bytes | str) else json.dumps(value, ensure_ascii=False)
    return client.post("/fhir", text, content_type=FHIR, headers=headers)


def statuses(response: HttpResponse) -> list[str]:
    """The statuses of the entries."""
    assert response.status_code == 200, response.content
    return [entry["response"]["status"] for entry in response.json().get("entry", [])]


def locations(response: HttpResponse) -> list[str]:
    """`Type/id` of the entries that have a location."""
    entries = response.json()["entry"]
    places = [entry["response"].get("location", "") for entry in entries]
    return [place.partition("/_history/")[0] for place in places]


def audited(response: HttpResponse) -> list[tuple[str, str, str | None, list[str], int]]:
    """The audit rows of the request: interaction, type, id, patients, outcome."""
    rows = audit_records().filter(request_id=response["X-Request-Id"]).order_by("id")
    return list(rows.values_list(*_AUDITED))


def identified(client: Client, system: str) -> list[str]:
    """The ids of the Patients of a system."""
    page = client.get("/fhir/Patient", {"identifier": f"{system}|"}).json()
    return [entry["resource"]["id"] for entry in page.get("entry", [])]
