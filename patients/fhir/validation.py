"""Whether a resource is one that R4 allows (https://hl7.org/fhir/R4/validation.html).

Structure first (`structure`, `primitives`, `narrative`); then, once that is right, what its content must keep
to: references, required bindings, and the invariants of its types. Each issue names its element and says in a
sentence what was expected, without repeating values, which may be a patient's.
"""

from contextlib import suppress

from patients.fhir.outcomes import BrokenInvariant, InvalidResource
from patients.fhir.references import check_reference
from patients.fhir.resource import Resource
from patients.fhir.structure import Binding, EnoughFoundError, Visited, Walk


def validate(resource: Resource) -> None:
    """Accept a resource that R4 allows.

    :raises InvalidResource: if its structure is not that of its type.
    :raises BrokenInvariant: if its structure is right, but its content breaks rules of R4.
    """
    walk = Walk(resource.value)
    with suppress(EnoughFoundError):
        walk.object(resource.value, resource.resource_type, resource.resource_type)
    if walk.issues:
        raise InvalidResource(_summary(walk), issues=tuple(walk.issues))
    with suppress(EnoughFoundError):
        _check_content(walk)
    if walk.issues:
        raise BrokenInvariant(_summary(walk), issues=tuple(walk.issues))


def _summary(walk: Walk) -> str:
    first, others = walk.issues[0].diagnostics, len(walk.issues) - 1
    return f"{first} (And {others} more.)" if others else first


def _check_content(walk: Walk) -> None:
    for reference in walk.references:
        check_reference(walk, reference)
    for binding in walk.bindings:
        _check_binding(walk, binding)
    for visited in walk.visited:
        _check_invariants(walk, visited)


def _check_binding(walk: Walk, binding: Binding) -> None:
    """Look for codes that are not from the value set, of code systems that are."""
    codings = binding.value.get("coding", [binding.value] if "code" in binding.value else [])
    systems = binding.value_set.systems
    known = [coding for coding in codings if coding.get("system") in systems]
    for coding in known:
        if coding.get("code") not in systems[coding["system"]]:
            walk.add("code-invalid", binding.path, f"must have {_codes(binding)}.")
    if codings and not known:
        walk.add("code-invalid", binding.path, f"must have {_codes(binding)}.")


def _codes(binding: Binding) -> str:
    return " or ".join(
        f"one of the codes {', '.join(sorted(codes))} of {system}"
        for system, codes in binding.value_set.systems.items()
    )


def _check_invariants(walk: Walk, visited: Visited) -> None:
    for invariant in visited.invariants:
        if not invariant.holds(visited.value):
            path = f"{visited.path}.{invariant.element}" if invariant.element else visited.path
            walk.add("invariant", path, f"{invariant.sentence} ({invariant.key}).")
