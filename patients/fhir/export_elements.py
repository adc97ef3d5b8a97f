"""`_elements` of an export: which elements of the resources of each type are written.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

from collections.abc import Iterable, Sequence

from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.representations import Representation
from patients.fhir.search_results import parse_elements

NAME = "_elements"
MOST_ELEMENTS = 100


def parse(texts: Iterable[str], types: Sequence[str]) -> tuple[str, ...]:
    """Return the elements, each after its type and a dot; without a type in the text, it is meant of all.

    :raises InvalidSearchParameter: if none of the types has such an element, or too many are named.
    """
    named = [each for text in texts for each in text.split(",")]
    if len(named) > MOST_ELEMENTS:
        raise InvalidSearchParameter(
            f"Parameter '{NAME}' names {len(named)} elements; {MOST_ELEMENTS} may be."
        )
    return tuple(dict.fromkeys(each for name in named for each in _of_types(name, types)))


def representation(elements: Sequence[str], resource_type: str) -> Representation:
    """Return how much of a resource of the type is written."""
    start = f"{resource_type}."
    return Representation(
        elements=tuple(each.removeprefix(start) for each in elements if each.startswith(start))
    )


def _of_types(name: str, types: Sequence[str]) -> list[str]:
    before, dot, after = name.partition(".")
    if dot and before not in types:
        raise InvalidSearchParameter(f"Parameter '{NAME}' names elements of {before[:64]!a}, not exported.")
    concerned, element = ([before], after) if dot else (types, name)
    members = {each: _members(element, each) for each in concerned}
    if not any(members.values()):
        raise InvalidSearchParameter(f"Parameter '{NAME}' names {name[:64]!a}, which is no element.")
    # The id is there in any case: of types without the element, what is required alone remains.
    return [f"{type}.{member}" for type, found in members.items() for member in ("id", *found)]


def _members(element: str, resource_type: str) -> tuple[str, ...]:
    try:
        return parse_elements((resource_type,), element)
    except InvalidSearchParameter:
        return ()
