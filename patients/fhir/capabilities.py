"""What this server can do, made from the tables that it works by. https://hl7.org/fhir/R4/capabilitystatement.html"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from patients.fhir.bundles import instant
from patients.fhir.search_parameters import OFFERED, SearchParameter
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT

FHIR_VERSION = "4.0.1"

# The names of the interactions here, in the order and by the codes of R4.
_INTERACTION_CODES = {
    "read": "read",
    "vread": "vread",
    "update": "update",
    "delete": "delete",
    "history": "history-instance",
    "create": "create",
    "search": "search-type",
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
_NOT_OFFERED = (
    "Resources of other types are stored and shown on the pages, but not offered here yet."
    " Not offered yet either: batch and transaction, patch, conditional create, update and delete, history of"
    " a type or of the system, `_since` and `_at` of a history, chained and reverse chained parameters,"
    " `_include` and `_revinclude`, `_summary` and `_elements`, operations, and XML."
    " What is not offered is refused, never ignored."
)
_RESULTS = (
    f"Results come in pages of `_count` (by default {DEFAULT_COUNT}, at most {MAXIMUM_COUNT}; 0 answers the"
    " total alone); follow the link `next`. `_sort` takes one of {sortable}, after a '-' in reverse."
    " `_total` is none by default; accurate and estimate both answer the exact number."
    " A search sees every write that was answered before it."
    " An update may make a resource under an id of the client's; If-Match guards updates and deletes."
)


def capability_statement(
    *, base: str, name: str, version: str, date: datetime, interactions: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    """Return the CapabilityStatement of the server at `base`, which offers `interactions` by type."""
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "version": version,
        "name": "Fhirsite",
        "title": name,
        "status": "active",
        "date": instant(date),
        "kind": "instance",
        "software": {"name": "fhirsite", "version": version},
        "implementation": {"description": name, "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": ["json", "application/fhir+json", "application/json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _NOT_OFFERED,
                "security": _security(),
                "resource": [_resource(type, offered) for type, offered in sorted(interactions.items())],
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


def _resource(resource_type: str, interactions: Iterable[str]) -> dict[str, Any]:
    offered = set(interactions)
    parameters = OFFERED[resource_type].values()
    sortable = ", ".join(each.name for each in parameters if each.is_sortable)
    return {
        "type": resource_type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{resource_type}",
        "documentation": _RESULTS.replace("{sortable}", sortable),
        "interaction": [{"code": code} for name, code in _INTERACTION_CODES.items() if name in offered],
        "versioning": "versioned-update",
        "readHistory": "vread" in offered,
        "updateCreate": "update" in offered,
        "conditionalCreate": False,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [_search_parameter(each) for each in parameters],
    }


def _search_parameter(parameter: SearchParameter) -> dict[str, Any]:
    modifiers = ", ".join(f":{each}" for each in parameter.modifiers)
    definition = _DEFINITIONS.get(parameter.name, f"individual-{parameter.name}")
    return {
        "name": parameter.name,
        "definition": f"http://hl7.org/fhir/SearchParameter/{definition}",
        "type": parameter.type,
        "documentation": f"{parameter.documentation} Modifiers: {modifiers}.",
    }
