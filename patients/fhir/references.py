"""Where references may point (https://hl7.org/fhir/R4/references.html)."""

import re

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.structure import Reference, Value, Walk

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# `Patient/1`, `Patient/1/_history/2`, or in a transaction `Patient?identifier=…`.
_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?|\?.+)")


def check_reference(walk: Walk, reference: Reference) -> None:
    """Look for a reference into `contained` without its resource, or to a type not allowed here."""
    text = reference.value.get("reference")
    if text is None:
        return
    if text.startswith("#"):
        resource_type = _contained_type(walk, reference, text[1:])
    else:
        resource_type = _relative_type(walk, reference, text)
    if resource_type and reference.targets and resource_type not in reference.targets:
        walk.add("invariant", reference.path, f"must refer to {_alternatives(reference.targets)}.")


def _contained_type(walk: Walk, reference: Reference, id: str) -> str | None:
    """Return the type of the contained resource, or of its container if there is no id (ref-1)."""
    container = reference.container
    found = _with_id(container, id) if id else container
    if found is None:
        walk.add("invariant", reference.path, "must refer to a contained resource that is there (ref-1).")
        return None
    resource_type: str = found["resourceType"]
    return resource_type


def _with_id(container: Value, id: str) -> Value | None:
    return next((inner for inner in container.get("contained", ()) if inner.get("id") == id), None)


def _relative_type(walk: Walk, reference: Reference, text: str) -> str | None:
    """Return the type of a resource on this server; of others nothing is known."""
    if _ABSOLUTE.match(text):
        return None
    match = _RELATIVE.fullmatch(text)
    if match is None or match[1] not in RESOURCE_TYPES:
        sentence = "must refer to a resource: as Type/id, where R4 knows the type, or by an absolute URL."
        walk.add("invariant", reference.path, sentence)
        return None
    return match[1]


def _alternatives(targets: tuple[str, ...]) -> str:
    *others, last = targets
    return f"a resource of type {', '.join(others)} or {last}" if others else f"a resource of type {last}"
