"""The invariants of every resource that may contain others (https://hl7.org/fhir/R4/domainresource.html)."""

from collections.abc import Iterator
from typing import Any

from patients.fhir.invariants.rule import Invariant, Value


def _contained(resource: Value) -> list[Value]:
    found: list[Value] = resource.get("contained", [])
    return found


def _no_nested_resources(resource: Value) -> bool:
    return not any("contained" in inner for inner in _contained(resource))


def _no_server_meta(resource: Value) -> bool:
    return not any(
        name in inner.get("meta", {})
        for inner in _contained(resource)
        for name in ("versionId", "lastUpdated")
    )


def _no_security_labels(resource: Value) -> bool:
    return not any("security" in inner.get("meta", {}) for inner in _contained(resource))


def _all_are_referred_to(resource: Value) -> bool:
    contained = _contained(resource)
    if not contained:
        return True
    texts = set(_local_references(resource))
    return all(f"#{inner.get('id')}" in texts or "#" in _local_references(inner) for inner in contained)


def _local_references(value: Any) -> Iterator[str]:
    """Yield all strings that begin with `#`: references, canonicals and URIs into the resource."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _local_references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _local_references(item)
    elif isinstance(value, str) and value.startswith("#"):
        yield value


DOMAIN_RESOURCE = (
    Invariant("dom-2", "may not contain resources themselves", _no_nested_resources, "contained"),
    Invariant("dom-3", "must be referred to, or refer to its container", _all_are_referred_to, "contained"),
    Invariant("dom-4", "may not have meta.versionId or meta.lastUpdated", _no_server_meta, "contained"),
    Invariant("dom-5", "may not have security labels", _no_security_labels, "contained"),
)

WITHOUT_CONTAINED = frozenset({"Binary", "Bundle", "Parameters"})
