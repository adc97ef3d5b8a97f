"""What tests send and look at."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

FHIR = "application/fhir+json"


def posted(client: Client, body: Any, **options: Any) -> HttpResponse:
    """The answer to a create."""
    return client.post("/fhir/Patient", _text(body), content_type=FHIR, **options)


def put(client: Client, id: str, body: Any, **options: Any) -> HttpResponse:
    """The answer to an update."""
    return client.put(f"/fhir/Patient/{id}", _text(body), content_type=FHIR, **options)


def created(client: Client, **elements: Any) -> str:
    """The id of a new Patient. What a user wrote, the same user reads at once; others a moment later."""
    response = posted(client, {"resourceType": "Patient", **elements})
    assert response.status_code == 201, response.content
    return response.json()["id"]


def updated(client: Client, id: str, **elements: Any) -> None:
    """Write the next version."""
    response = put(client, id, {"resourceType": "Patient", "id": id, **elements})
    assert response.status_code == 200, response.content


def found(response) -> list[str]:
    """The ids of the matches."""
    entries = response.json().get("entry", [])
    return [entry["resource"]["id"] for entry in entries if entry["search"]["mode"] == "match"]


def issue(response: HttpResponse) -> tuple[int, str, str]:
    """The status and the one issue of a refusal, by code and sentence."""
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert response["Content-Type"].startswith("application/")
    [issue] = outcome["issue"]
    assert issue["severity"] == "error"
    return response.status_code, issue["code"], issue["diagnostics"]


def _text(body: Any) -> bytes | str:
    return body if isinstance(body, bytes | str) else json.dumps(body, ensure_ascii=False)


def sent(response: Any) -> Any:
    """The body, whether it was made at once or is sent in portions."""
    return json.loads(b"".join(response)) if response.streaming else response.json()
