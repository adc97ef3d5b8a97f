"""What each action takes and answers: statuses, content types, shapes and headers, for the OpenAPI.

A table, in the order of `urls.py`; the tests hold every answer against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from patients.api.openapi_shapes import Shape, ref
from patients.fhir.bulk_export import NDJSON

FHIR = ("application/fhir+json", "application/json")
PLAIN = ("application/json",)
ANY = ("*/*",)
FORM = "application/x-www-form-urlencoded"
JSON_PATCH = "application/json-patch+json"

# At every address: what is asked is not understood, nobody has logged in, it is forbidden, is not there, is
# not to be had in that format, is too long, or the database does not answer.
_EVERYWHERE = (400, 401, 403, 404, 406, 413, 503)
_OF_A_BODY = (415, 422)

_BYTES: Shape = {"type": "string", "format": "binary"}
_REQUEST_ID = {"X-Request-Id": {"required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}}
_TAG = {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^(W/)?"[0-9]+(-[0-9a-f]+)?"$'}}}
_TEXT = {"required": True, "schema": {"type": "string", "minLength": 1}}
_LOCATION = {"Location": _TEXT}
_CONTENT_LOCATION = {"Content-Location": _TEXT}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of one status; nothing is in the body where there is no shape."""

    shape: Shape | None = None
    media_types: tuple[str, ...] = FHIR
    headers: Mapping[str, Any] = field(default_factory=dict)

    def described(self, status: int) -> dict[str, Any]:
        found: dict[str, Any] = {
            "description": HTTPStatus(status).phrase,
            "headers": {**_REQUEST_ID, **self.headers},
        }
        if self.shape is not None:
            found["content"] = {each: {"schema": self.shape} for each in self.media_types}
        return found


@dataclass(frozen=True, slots=True)
class Action:
    """What an action takes and answers, besides what is refused everywhere."""

    answers: Mapping[int, Answer]
    refusals: tuple[int, ...] = ()
    takes: Mapping[str, Shape] = field(default_factory=dict)
    headers: tuple[str, ...] = ()

    def responses(self, *, has_body: bool) -> dict[str, Any]:
        refused = {*_EVERYWHERE, *self.refusals, *(_OF_A_BODY if has_body else ())} - set(self.answers)
        outcome = Answer(ref("OperationOutcome"))
        found = {**self.answers, **dict.fromkeys(refused, outcome)}
        return {str(status): found[status].described(status) for status in sorted(found)}


def _of(shape: str) -> Answer:
    return Answer(ref(shape))


def _taking(shape: str) -> dict[str, Shape]:
    return {each: ref(shape) for each in FHIR}


# A write is answered with what was stored, a sentence, or nothing, as `Prefer` says.
_STORED = {"anyOf": [ref("StoredResource"), ref("OperationOutcome")]}
_WRITTEN = Answer(_STORED, headers=_TAG)
_MADE = Answer(_STORED, headers={**_TAG, **_LOCATION})
_VERSION = Answer(ref("StoredResource"), headers=_TAG)
_SAME = Answer(headers=_TAG)
_DELETED = {200: _of("OperationOutcome"), 204: Answer()}
_PATCHES = {JSON_PATCH: ref("JsonPatch"), **_taking("Parameters")}
_ORDER = Action({202: Answer(headers=_CONTENT_LOCATION)}, (410, 429), _taking("Parameters"), ("Prefer",))
_BEHIND = _of("OperationOutcome")
_FILE = {200: Answer(_BYTES, (NDJSON,)), 206: Answer(_BYTES, (NDJSON,)), 416: _BEHIND}

_PREFER_IF_MATCH = ("Prefer", "If-Match")
_SEARCH = Action(
    {200: _of("Searchset")},
    (410,),
    {FORM: {"type": "object", "additionalProperties": {"type": "string"}}},
    ("Prefer",),
)
_READ = Action({200: _VERSION, 304: _SAME}, (410,), headers=("If-None-Match", "If-Modified-Since"))
_UPDATE = Action(
    {200: _WRITTEN, 201: _MADE}, (409, 412), _taking("Resource"), (*_PREFER_IF_MATCH, "If-None-Match")
)
_PATCH = Action({200: _WRITTEN}, (409, 410, 412), _PATCHES, _PREFER_IF_MATCH)
_DELETE = Action(_DELETED, (409, 412), headers=_PREFER_IF_MATCH)
_LABELS = Action({200: _of("Parameters")}, (409, 410, 412), _taking("Parameters"), ("If-Match",))

ACTIONS: dict[str, Action] = {
    "capabilities": Action({200: _of("CapabilityStatement")}),
    "system_search": _SEARCH,
    "perform": Action(
        {200: _of("BundleOfResponses")}, (409, 410, 412), _taking("BundleOfRequests"), ("Prefer",)
    ),
    "system_history": Action({200: _of("History")}, (410,)),
    "validate": Action({200: _of("OperationOutcome")}, (), _taking("Resource")),
    "meta": Action({200: _of("Parameters")}, (410,)),
    "meta_add": _LABELS,
    "meta_delete": _LABELS,
    "everything": Action({200: _of("Searchset")}, (410,), _taking("Parameters")),
    "export": _ORDER,
    "status": Action({200: Answer(ref("ExportManifest"), PLAIN), 202: Answer()}),
    "cancel": Action({202: Answer()}),
    "file": Action(_FILE, (410,), headers=("Range",)),
    "search": _SEARCH,
    "create": Action({200: _MADE, 201: _MADE}, (409, 412), _taking("Resource"), ("Prefer", "If-None-Exist")),
    "conditional_update": _UPDATE,
    "conditional_patch": _PATCH,
    "conditional_delete": _DELETE,
    "read": _READ,
    "update": _UPDATE,
    "patch": _PATCH,
    "delete": _DELETE,
    "compartment_search": _SEARCH,
    "type_history": Action({200: _of("History")}, (410,)),
    "history": Action({200: _of("History")}, (410,)),
    "vread": _READ,
    "openapi": Action({200: Answer({"type": "object", "required": ["openapi"]}, PLAIN)}),
}

_CONTENT = Answer({}, ANY, _TAG)
_CONTENT_READ = Action(
    {200: _CONTENT, 206: _CONTENT, 304: _SAME, 416: Answer(ref("OperationOutcome"), headers=_TAG)},
    (410,),
    headers=("Accept", "If-None-Match", "Range"),
)

# Addresses where an action takes or answers something of its own.
_OF_ADDRESS: dict[tuple[str, str], Action] = {
    ("/api/patients", "search"): Action({200: Answer(ref("PatientSummaries"), PLAIN)}, (410,)),
    ("/api/patients/{id}", "read"): Action({200: Answer(ref("PatientSummary"), PLAIN)}, (410,)),
    ("/fhir/Binary", "create"): Action(
        {200: _MADE, 201: _MADE}, (409, 412), {"*/*": _BYTES}, ("Prefer", "X-Security-Context")
    ),
    ("/fhir/Binary/{id}", "update"): Action(
        _UPDATE.answers, _UPDATE.refusals, {"*/*": _BYTES}, (*_UPDATE.headers, "X-Security-Context")
    ),
    ("/fhir/Binary/{id}", "read"): _CONTENT_READ,
    ("/fhir/Binary/{id}/_history/{version_id}", "vread"): _CONTENT_READ,
}


def action_of(path: str, name: str) -> Action:
    """Return what is said of an action at an address."""
    return _OF_ADDRESS.get((path, name)) or ACTIONS[name]
