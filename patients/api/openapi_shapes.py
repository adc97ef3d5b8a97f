"""What bodies look like, as JSON Schema: as much of it as is said of all resources alike.

What is within a resource of a type R4 defines, and `$validate` tells; a schema of all types would be 3 MB.
https://spec.openapis.org/oas/v3.1.0#schema-object
"""

from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES

Shape = dict[str, Any]

_STRING: Shape = {"type": "string"}
_INSTANT: Shape = {"type": "string", "format": "date-time"}
_URL: Shape = {"type": "string", "minLength": 1}
ID: Shape = {
    "type": "string",
    "maxLength": 64,
    # Not dots alone, which mean something else in an address.
    "pattern": r"^[A-Za-z0-9\-.]*[A-Za-z0-9\-][A-Za-z0-9\-.]*$",
}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: tuple[str, ...], *, closed: bool = False, **properties: Shape) -> Shape:
    found: Shape = {"type": "object", "properties": properties}
    if required:
        found["required"] = list(required)
    if closed:
        found["additionalProperties"] = False
    return found


def _resource(kind: str, /, *required: str, closed: bool = False, **properties: Shape) -> Shape:
    type = {"type": "string", "const": kind}
    return _object(("resourceType", *required), closed=closed, resourceType=type, **properties)


def _list(items: Shape) -> Shape:
    # R4 has no empty arrays.
    return {"type": "array", "items": items, "minItems": 1}


def _bundle(types: tuple[str, ...], entry: Shape, *required: str) -> Shape:
    return _resource(
        "Bundle",
        "type",
        *required,
        closed=True,
        type={"type": "string", "enum": list(types)},
        meta=_object(("lastUpdated",), lastUpdated=_INSTANT),
        total={"type": "integer", "minimum": 0},
        link=_list(_object(("relation", "url"), closed=True, relation=_STRING, url=_URL)),
        entry=_list(entry),
    )


_META = _object((), versionId=_STRING, lastUpdated=_INSTANT, profile=_list(_URL))
_STORED_META = _object(("versionId", "lastUpdated"), versionId=_STRING, lastUpdated=_INSTANT)
_TYPE: Shape = {"type": "string", "enum": sorted(RESOURCE_TYPES)}
_STATUS: Shape = {"type": "string", "pattern": "^[1-5][0-9][0-9]"}
_RESPONSE = _object(
    ("status",),
    closed=True,
    status=_STATUS,
    location=_URL,
    etag=_STRING,
    lastModified=_INSTANT,
    outcome=ref("OperationOutcome"),
)
_COUNT: Shape = {"type": ["integer", "null"], "minimum": 0}
_LINES: Shape = {
    "type": "array",
    "items": _object(("type", "url"), closed=True, type=_TYPE, url=_URL, count=_COUNT),
}

SHAPES: dict[str, Shape] = {
    "Resource": _object(("resourceType",), resourceType=_TYPE, id=ID, meta=_META),
    "StoredResource": _object(("resourceType", "id", "meta"), resourceType=_TYPE, id=ID, meta=_STORED_META),
    "OperationOutcome": _resource(
        "OperationOutcome",
        "issue",
        closed=True,
        issue=_list(
            _object(
                ("severity", "code", "diagnostics"),
                closed=True,
                severity={"type": "string", "enum": ["fatal", "error", "warning", "information"]},
                code=_STRING,
                diagnostics={"type": "string", "minLength": 1},
                expression=_list(_STRING),
            )
        ),
    ),
    "Searchset": _bundle(
        ("searchset",),
        _object(
            ("resource", "search"),
            closed=True,
            fullUrl=_URL,
            resource=ref("Resource"),
            search=_object(("mode",), mode={"type": "string", "enum": ["match", "include", "outcome"]}),
        ),
        "link",
    ),
    "History": _bundle(
        ("history",),
        _object(
            ("fullUrl", "request", "response"),
            closed=True,
            fullUrl=_URL,
            resource=ref("StoredResource"),
            request=_object(("method", "url"), closed=True, method=_STRING, url=_URL),
            response=_RESPONSE,
        ),
        "link",
    ),
    "BundleOfRequests": _resource(
        "Bundle",
        "type",
        type={"type": "string", "enum": ["batch", "transaction"]},
        entry=_list(
            _object(
                ("request",),
                fullUrl=_URL,
                resource=ref("Resource"),
                request=_object(
                    ("method", "url"),
                    method={"type": "string", "enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]},
                    url=_URL,
                    ifMatch=_STRING,
                    ifNoneMatch=_STRING,
                    ifNoneExist=_STRING,
                    ifModifiedSince=_INSTANT,
                ),
            )
        ),
    ),
    "BundleOfResponses": _bundle(
        ("batch-response", "transaction-response"),
        _object(("response",), closed=True, fullUrl=_URL, resource=ref("Resource"), response=_RESPONSE),
    ),
    "Parameters": _resource(
        "Parameters", parameter=_list(_object(("name",), name={"type": "string", "minLength": 1}))
    ),
    "CapabilityStatement": _resource(
        "CapabilityStatement",
        "status",
        "date",
        "kind",
        "fhirVersion",
        "format",
        "rest",
        status={"type": "string", "const": "active"},
        date=_INSTANT,
        kind={"type": "string", "const": "instance"},
        fhirVersion={"type": "string", "const": "4.0.1"},
        format=_list(_STRING),
        rest=_list(
            _object(("mode", "resource"), mode=_STRING, resource=_list(_object(("type",), type=_TYPE)))
        ),
    ),
    "JsonPatch": {
        "type": "array",
        "maxItems": 500,
        "items": _object(
            ("op", "path"),
            op={"type": "string", "enum": ["add", "copy", "move", "remove", "replace", "test"]},
            path={"type": "string"},
            value={},
        ),
    },
    "ExportManifest": _object(
        ("transactionTime", "request", "requiresAccessToken", "output", "error"),
        closed=True,
        transactionTime=_INSTANT,
        request=_URL,
        requiresAccessToken={"type": "boolean"},
        output=_LINES,
        error=_LINES,
        deleted=_LINES,
    ),
    "PatientSummary": _object(
        ("id", "version_id", "last_updated"),
        id=ID,
        version_id={"type": "integer", "minimum": 1},
        last_updated=_INSTANT,
        gender={"type": ["string", "null"], "enum": ["male", "female", "other", "unknown", None]},
    ),
    "PatientSummaries": _object(
        ("results", "next", "total", "as_of", "source"),
        closed=True,
        results={"type": "array", "items": ref("PatientSummary")},
        next={"type": ["string", "null"]},
        total=_COUNT,
        as_of=_INSTANT,
        source={"type": "string", "enum": ["view", "base"]},
    ),
}
