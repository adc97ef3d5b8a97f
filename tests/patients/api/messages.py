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


def issue(response: HttpResponse) -> tuple[int, str, str]:
    """The status and the one issue of a refusal, by code and sentence."""
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert response["Content-Type"].startswith("application/")
    [issue] = outcome["issue"]
    assert issue["severity"] == "error"
    return response.status_code, issue["code"], issue["diagnostics"]


def _text(body: Any) -> bytes | str:
    return body if isinstance(body, bytes | str) else json.dumps(body)
