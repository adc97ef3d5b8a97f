"""Requests that Schemathesis makes from the OpenAPI, and what is there to ask for."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    load_all_checks,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from patients.fhir.search_parameters import parameters_of
from tests.patients.api.export.orders import manifest_of
from tests.patients.api.messages import FHIR

CHECKS_OF_HEAD = [not_a_server_error, status_code_conformance, response_headers_conformance]
CHECKS = [*CHECKS_OF_HEAD, content_type_conformance, response_schema_conformance]
BODIES: dict[str, dict[str, Any]] = {
    "Patient": {
        "active": True,
        "name": [{"family": "Described"}],
        "photo": [{"contentType": "text/plain", "data": "aGVsbG8="}],
    },
    "Observation": {"status": "final", "code": {"text": "pulse"}, "valueQuantity": {"value": 72}},
    "Group": {"type": "person", "actual": True},
    "Binary": {"contentType": "text/plain", "data": "aGVsbG8="},
    "Organization": {
        "name": "Clinic",
        "text": {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    },
}
PATCH = [{"op": "add", "path": "/language", "value": "en"}]
LABELS = {
    "resourceType": "Parameters",
    "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "described"}]}}],
}
HEADERS: dict[str, list[str]] = {
    "Accept": [FHIR, "*/*", "application/json", "text/plain", "image/png"],
    "If-Match": ['W/"1"', 'W/"2"', '"1"', "x"],
    "If-Modified-Since": ["Thu, 01 Jan 2099 00:00:00 GMT", "Thu, 01 Jan 2009 00:00:00 GMT", "x"],
    "If-None-Exist": ["name=Described", "_id=nobody", "x=y"],
    "If-None-Match": ["*", 'W/"1"', '"1"'],
    "Prefer": [
        "respond-async",
        "return=minimal",
        "return=representation",
        "return=OperationOutcome",
        "handling=lenient",
    ],
    "Range": ["bytes=0-1", "bytes=-1", "bytes=99999-", "x"],
    "X-Security-Context": ["Patient/1", "Cake/1"],
}


@dataclass(frozen=True)
class There:
    """Resources that can be read, changed and deleted, and a file of an export, by type and id."""

    resources: list[tuple[str, str]]
    job: str
    file: str


@dataclass
class Asked:
    """What was asked, and what came of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)


def schema_of(document: str) -> Any:
    load_all_checks()
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_dict(json.loads(document), config=config)


def stored(client: Client) -> There:
    resources = []
    for type, body in BODIES.items():
        for _ in range(4):
            text = json.dumps({"resourceType": type, **body})
            made = client.post(f"/fhir/{type}", text, content_type=FHIR)
            resources.append((type, made.json()["id"]))
    manifest = manifest_of(client, "/fhir/$export?_type=Group")
    job, file = manifest["output"][0]["url"].split("/")[-2:]
    return There(resources, job, file)


def operations_of(schema: Any) -> list[Any]:
    return [each.ok() for each in schema.get_all_operations()]


def ask(operation: Any, there: There, *, each: int, started: int, asked: Asked, **call: Any) -> None:
    """Send so many requests of the operation, and hold the answers against the schema."""
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @seed(started)
    @settings(
        max_examples=each, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=cases, of=st.sampled_from([None, *there.resources]), data=st.data())
    def ask_one(case: Any, of: tuple[str, str] | None, data: st.DataObject) -> None:
        if of is not None:
            _bring_near(case, there, *of, data)
        response = case.call(**call)
        asked.statuses[response.status_code] += 1
        asked.operations.add(operation.label)
        checks = CHECKS if _has_shape(case, response) else CHECKS_OF_HEAD
        case.validate_response(response, checks=checks, headers=call["headers"])

    ask_one()


def _has_shape(case: Any, response: Any) -> bool:
    """Not what may be missing, for which OpenAPI has no words; nor content, which is whatever was sent."""
    is_minimal = "return=minimal" in str((case.headers or {}).get("Prefer")) and not response.content
    return not is_minimal and "content-disposition" not in response.headers


def _bring_near(case: Any, there: There, type: str, id: str, data: st.DataObject) -> None:
    """Let the case be of what is there, or of what could be."""
    place = case.path.removeprefix("/fhir/").partition("/")[0]
    type = type if place.startswith("{") else place
    known = {"resource_type": type, "id": id, "version_id": 1, "job_id": there.job, "file_id": there.file}
    for name in case.path_parameters or {}:
        # The content of a Binary has addresses of its own.
        if known[name] != "Binary" or "$" in case.path:
            case.path_parameters[name] = known[name]
    case.headers = {
        name: data.draw(st.sampled_from(HEADERS[name]))
        for name in (each.name for each in case.operation.headers)
        if data.draw(st.booleans())
    }
    case.query = {}
    if case.method == "GET" and case.path == "/fhir/{resource_type}":
        name = data.draw(st.sampled_from(sorted(parameters_of(type))))
        case.query = {name: data.draw(st.text(max_size=20)), "_count": "2"}
    if case.method in ("POST", "PUT", "PATCH"):
        case.body = _body(case, type, id)


def _body(case: Any, type: str, id: str) -> Any:
    media_type = str(case.media_type)
    if media_type == "*/*":
        return b"hello"
    if media_type == "application/json-patch+json":
        return PATCH
    if "json" not in media_type or "Bundle" in str(case.body):
        return case.body
    if "$meta-" in case.path:
        return LABELS
    if "$" in case.path and "$validate" not in case.path:
        return {"resourceType": "Parameters"}
    return {"resourceType": type, "id": id, **BODIES.get(type, {})}
