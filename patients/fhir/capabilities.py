"""What this server can do, made from the tables that it works by. https://hl7.org/fhir/R4/capabilitystatement.html"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from patients.fhir.bundles import instant
from patients.fhir.search_parameters import SearchParameter, parameters_of
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT

FHIR_VERSION = "4.0.1"

# The names of the interactions here, in the order and by the codes of R4.
_INTERACTION_CODES = {
    "read": "read",
    "vread": "vread",
    "update": "update",
    "patch": "patch",
    "delete": "delete",
    "history": "history-instance",
    "type_history": "history-type",
    "create": "create",
    "search": "search-type",
}
_SYSTEM_CODES = {
    "perform": ("transaction", "batch"),
    "system_history": ("history-system",),
    "system_search": ("search-system",),
}

# By type, "" being the system and "Resource" all types: the name of an operation and where it is defined.
_BULK_DATA = "http://hl7.org/fhir/uv/bulkdata"
_OPERATIONS = {
    "": (("export", f"{_BULK_DATA}/OperationDefinition/export"),),
    "Resource": tuple(
        (name, f"http://hl7.org/fhir/OperationDefinition/Resource-{name}")
        for name in ("meta", "meta-add", "meta-delete", "validate")
    ),
    "Group": (("export", f"{_BULK_DATA}/OperationDefinition/group-export"),),
    "Patient": (
        ("everything", "http://hl7.org/fhir/OperationDefinition/Patient-everything"),
        ("export", f"{_BULK_DATA}/OperationDefinition/patient-export"),
    ),
}

_LIMITS_OF_OPERATIONS = {
    "meta": "Of one resource; neither of a type nor of the system.",
    "validate": "Without profiles.",
}

# Where HL7 defines a search parameter; it shares those that are not listed among Patient and Practitioner.
_DEFINITIONS = {
    "_id": "Resource-id",
    "_lastUpdated": "Resource-lastUpdated",
    "active": "Patient-active",
    "deceased": "Patient-deceased",
    "identifier": "Patient-identifier",
    "name": "Patient-name",
}

_SECURITY = (
    "Log in with a bearer token (`manage.py token` makes one), with HTTP Basic over TLS, or with the session"
    " of the pages. Only this statement and the health checks are open. Every interaction is audited."
)
_INTRODUCTION = (
    "All resource types of R4 but Parameters, which is never stored. XML is not offered."
    " What is not offered is refused, never ignored."
)
_WRITES = "An update may make a resource under an id of the client's; If-Match guards updates and deletes."
_BINARIES = (
    "What is sent with a Content-Type of its own becomes the content of a Binary; a read and a vread answer"
    " the content in its type, unless Accept asks for application/fhir+json."
)
_RESULTS = (
    f"Results come in pages of `_count` (by default {DEFAULT_COUNT}, at most {MAXIMUM_COUNT}; 0 answers the"
    " total alone); follow the link `next`. `_sort` takes one of {sortable}, after a '-' in reverse."
    " `_total` is none by default; accurate and estimate both answer the exact number."
    " A search sees every write that its user was answered before it, and those of others soon after. "
)


def capability_statement(
    *,
    base: str,
    name: str,
    version: str,
    date: datetime,
    types: Iterable[str],
    interactions: Collection[str],
) -> dict[str, Any]:
    """Return the CapabilityStatement of the server at `base`, which offers `interactions` for all `types`."""
    of_system = [code for name, codes in _SYSTEM_CODES.items() if name in interactions for code in codes]
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "version": version,
        "name": "Fhirsite",
        "title": name,
        "status": "active",
        "date": instant(date),
        "kind": "instance",
        "instantiates": [f"{_BULK_DATA}/CapabilityStatement/bulk-data"],
        "software": {"name": "fhirsite", "version": version},
        "implementation": {"description": name, "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": ["json", "application/fhir+json", "application/json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _INTRODUCTION,
                "security": _security(),
                "resource": [_resource(type, interactions) for type in sorted(types)],
                **({"interaction": [{"code": code} for code in of_system]} if of_system else {}),
                **_operations(""),
            }
        ],
    }


def _security() -> dict[str, Any]:
    basic = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "Basic",
        "display": "Basic",
    }
    return {
        "cors": False,
        "service": [{"coding": [basic], "text": "HTTP Basic"}, {"text": "Bearer token"}],
        "description": _SECURITY,
    }


def _resource(resource_type: str, interactions: Collection[str]) -> dict[str, Any]:
    parameters = _searched_by(resource_type)
    offered = set(interactions) if parameters else set(interactions) - {"search"}
    sortable = ", ".join(each.name for each in parameters if each.is_sortable)
    writes = f"{_WRITES} {_BINARIES}" if resource_type == "Binary" else _WRITES
    documentation = _RESULTS.replace("{sortable}", sortable) + writes if parameters else writes
    described = {
        "type": resource_type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{resource_type}",
        "documentation": documentation,
        "interaction": [{"code": code} for name, code in _INTERACTION_CODES.items() if name in offered],
        "versioning": "versioned-update",
        "readHistory": "vread" in offered,
        "updateCreate": "update" in offered,
        "conditionalCreate": "conditional_update" in offered,
        "conditionalRead": "full-support",
        "conditionalUpdate": "conditional_update" in offered,
        "conditionalDelete": "single" if "conditional_delete" in offered else "not-supported",
    }
    # R4 has no empty arrays.
    searched = {"searchParam": [_search_parameter(each) for each in parameters]} if parameters else {}
    return described | searched | _operations("Resource", resource_type)


def _operations(*places: str) -> dict[str, Any]:
    offered = [each for place in places for each in _OPERATIONS.get(place, ())]
    return {"operation": [_operation(name, definition) for name, definition in offered]} if offered else {}


def _operation(name: str, definition: str) -> dict[str, Any]:
    limit = _LIMITS_OF_OPERATIONS.get(name)
    return {"name": name, "definition": definition, **({"documentation": limit} if limit else {})}


def _searched_by(resource_type: str) -> Collection[SearchParameter]:
    return parameters_of(resource_type).values()


def _search_parameter(parameter: SearchParameter) -> dict[str, Any]:
    modifiers = ", ".join(f":{each}" for each in parameter.modifiers)
    definition = _DEFINITIONS.get(parameter.name, f"individual-{parameter.name}")
    return {
        "name": parameter.name,
        "definition": parameter.url or f"http://hl7.org/fhir/SearchParameter/{definition}",
        "type": parameter.type,
        "documentation": f"{parameter.documentation} Modifiers: {modifiers or 'none'}.",
    }
