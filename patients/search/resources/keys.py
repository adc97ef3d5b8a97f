"""The keys by which a criterion finds its resources: of the lists, and of the row's own array.

A list holds the resources of one key in order (`search_list`); a row has all its keys (`search_resources`).
https://hl7.org/fhir/R4/search.html#token and https://hl7.org/fhir/R4/search.html#reference
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from patients.fhir import search_keys
from patients.fhir.criteria import Criterion
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.values.tokens import OfTypeValue, TokenValue, contact_codes, fold_code

_CONTACT_PARAMETERS = ("email", "phone", "telecom")
_OWN_SYSTEM_DATATYPES = ("boolean", "code", "id")


def listed(criterion: Criterion, types: Sequence[str]) -> list[UUID] | None:
    """Keys whose lists together hold all that match, and perhaps others; None if there are no such lists."""
    if criterion.modifier in ("not", "missing", "text") or _names_resources(criterion.parameter):
        return None
    of_type = _LISTED.get(criterion.parameter.type)
    if of_type is None:
        return None
    keys: list[UUID] = []
    for value in criterion.values:
        of_value = list(of_type(criterion, value, types))
        if not of_value:
            return None
        keys += of_value
    return list(dict.fromkeys(keys))


def of_row(criterion: Criterion, types: Sequence[str]) -> list[UUID] | None:
    """Keys of which a row that matches has one (or, for `:not`, none); None where keys don't tell."""
    if criterion.modifier == "text" or _names_resources(criterion.parameter):
        return None
    if criterion.modifier == "missing":
        return [search_keys.present_key(each, criterion.parameter.name) for each in types]
    of_type = _OF_ROW.get(criterion.parameter.type)
    if of_type is None:
        return None
    return [key for value in criterion.values for key in of_type(criterion, value, types)]


def _names_resources(parameter: SearchParameter) -> bool:
    """Whether it finds resources by their names, which are no values of theirs and have no keys."""
    return parameter.name in ("_id", "_list")


def _codes(parameter: SearchParameter, code: str) -> tuple[str, ...]:
    return contact_codes(code) if parameter.name in _CONTACT_PARAMETERS else (fold_code(code),)


def system_of(parameter: SearchParameter, value: TokenValue) -> str | None:
    """The system to compare; a bound code is stored without the one that it has by definition."""
    has_own = parameter.datatype in _OWN_SYSTEM_DATATYPES
    return None if has_own and value.system == parameter.system else value.system


def _listed_tokens(criterion: Criterion, value: Any, types: Sequence[str]) -> Iterable[UUID]:
    if isinstance(value, OfTypeValue):
        code = f"{fold_code(value.code)}|{fold_code(value.value)}"
        return [search_keys.token_key(each, f"{criterion.parameter.name}:of-type", code) for each in types]
    if value.code is None:
        return []
    name = criterion.parameter.name
    return [
        search_keys.token_key(each, name, folded)
        for each in types
        for folded in _codes(criterion.parameter, value.code)
    ]


def _row_tokens(criterion: Criterion, value: Any, types: Sequence[str]) -> Iterable[UUID]:
    if isinstance(value, OfTypeValue):
        name, code = (
            f"{criterion.parameter.name}:of-type",
            f"{fold_code(value.code)}|{fold_code(value.value)}",
        )
        return [search_keys.coding_key(each, name, value.system, code) for each in types]
    name, system = criterion.parameter.name, system_of(criterion.parameter, value)
    if system is None:
        return _listed_tokens(criterion, value, types)
    if value.code is None:
        return [search_keys.system_key(each, name, system) for each in types]
    codes = _codes(criterion.parameter, value.code)
    return [search_keys.coding_key(each, name, system, code) for each in types for code in codes]


def _references(criterion: Criterion, value: Any, types: Sequence[str]) -> Iterable[UUID]:
    name = criterion.parameter.name
    if criterion.modifier == "identifier":
        if value.code is None:
            raise InvalidSearchParameter(f"Search parameter '{name}:identifier' needs a value after the '|'.")
        code = fold_code(value.code)
        return [search_keys.identifier_key(each, name, value.system, code) for each in types]
    targets = [(target, value.id) for target in _targets(criterion, value)] if value.id else []
    if value.url:
        targets.append(("", value.url))
    return [search_keys.reference_key(each, name, *target) for each in types for target in targets]


def _targets(criterion: Criterion, value: Any) -> Sequence[str]:
    if value.type:
        return (value.type,)
    if criterion.modifier in RESOURCE_TYPES:
        return (criterion.modifier,)
    targets = criterion.parameter.targets
    return sorted(RESOURCE_TYPES) if not targets or "Resource" in targets else targets


def _uris(criterion: Criterion, value: Any, types: Sequence[str]) -> Iterable[UUID]:
    if criterion.modifier == "below":
        return []
    uris = _ancestors(value.text) if criterion.modifier == "above" else [value.text]
    return [search_keys.uri_key(each, criterion.parameter.name, uri) for each in types for uri in uris]


def _ancestors(uri: str) -> list[str]:
    """The URI itself and every one above it, with and without the slash at its end."""
    start = uri.find("://") + 3 if "://" in uri else len(uri)
    cuts = [at for at in range(start, len(uri)) if uri[at] == "/"]
    above = [uri[:end] for at in cuts for end in (at, at + 1)]
    return list(dict.fromkeys([*above, uri, uri.removesuffix("/")]))


def _first_of_composite(criterion: Criterion, value: Any, types: Sequence[str]) -> Iterable[UUID]:
    first = value.components[0]
    code = first.code if isinstance(first, TokenValue) else None
    if code is None:
        return []
    # Each is a parameter of its own; of its list, few have not the other component.
    name = criterion.parameter.components[0].name
    return [search_keys.token_key(each, name, fold_code(code)) for each in types]


_Keys = Callable[[Criterion, Any, Sequence[str]], Iterable[UUID]]
_LISTED: dict[str, _Keys] = {
    "composite": _first_of_composite,
    "reference": _references,
    "token": _listed_tokens,
    "uri": _uris,
}
_OF_ROW: dict[str, _Keys] = {"reference": _references, "token": _row_tokens, "uri": _uris}
