"""The invariants of definitional resources: questionnaires, code systems, value sets and maps."""

from collections.abc import Iterator
from typing import Any

from patients.fhir.invariants.rule import (
    Invariant,
    Value,
    absent_if,
    any_of,
    at_most_one_of,
    given,
    needs,
    required_if,
)

_CHOICE = frozenset(
    {"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
)
_WITH_LENGTH = frozenset({"boolean", "decimal", "integer", "string", "text", "url", "open-choice"})


def _nested(value: Value, name: str) -> Iterator[Value]:
    for inner in value.get(name, ()):
        yield inner
        yield from _nested(inner, name)


def _are_unique(values: list[Any]) -> bool:
    return len(set(values)) == len(values)


def _link_ids_are_unique(questionnaire: Value) -> bool:
    return _are_unique([item["linkId"] for item in _nested(questionnaire, "item") if "linkId" in item])


def _codes_are_unique(code_system: Value) -> bool:
    return _are_unique([concept["code"] for concept in _nested(code_system, "concept") if "code" in concept])


def _groups_have_items(item: Value) -> bool:
    return ("item" in item) if item.get("type") == "group" else True


def _answers_fit_type(item: Value) -> bool:
    return item.get("type") in _CHOICE or not any_of("answerOption", "answerValueSet")(item)


def _length_fits_type(item: Value) -> bool:
    return item.get("type") in _WITH_LENGTH or not given(item, "maxLength")


def _exists_is_boolean(condition: Value) -> bool:
    return condition.get("operator") != "exists" or given(condition, "answerBoolean")


DEFINITIONAL: dict[str, tuple[Invariant, ...]] = {
    "CodeSystem": (Invariant("csd-1", "must have different codes", _codes_are_unique, "concept"),),
    "ConceptMap.group.unmapped": (
        Invariant("cmd-2", "is required if the mode is fixed", required_if("code", "mode", "fixed"), "code"),
        Invariant(
            "cmd-3", "is required if the mode is other-map", required_if("url", "mode", "other-map"), "url"
        ),
    ),
    "Questionnaire": (Invariant("que-2", "must have different linkIds", _link_ids_are_unique, "item"),),
    "Questionnaire.item": (
        Invariant("que-1", "of type group must have items", _groups_have_items),
        Invariant("que-1", "of type display may not have items", absent_if("item", "type", "display")),
        Invariant("que-3", "of type display may not have a code", absent_if("code", "type", "display")),
        Invariant(
            "que-4",
            "may have an answerOption or an answerValueSet, not both",
            at_most_one_of("answerOption", "answerValueSet"),
        ),
        Invariant("que-5", "may have answers to choose from only if its type has them", _answers_fit_type),
        Invariant("que-6", "of type display may not be required", absent_if("required", "type", "display")),
        Invariant("que-6", "of type display may not repeat", absent_if("repeats", "type", "display")),
        Invariant(
            "que-8",
            "may not be given for groups and displays",
            absent_if("initial", "type", "group", "display"),
            "initial",
        ),
        Invariant("que-9", "of type display may not be read-only", absent_if("readOnly", "type", "display")),
        Invariant("que-10", "may be given only for simple types", _length_fits_type, "maxLength"),
        Invariant(
            "que-11",
            "may have an answerOption or an initial value, not both",
            at_most_one_of("answerOption", "initial"),
        ),
    ),
    "Questionnaire.item.enableWhen": (
        Invariant("que-7", "must have a boolean answer if the operator is exists", _exists_is_boolean),
    ),
    "ValueSet.compose.include": (
        Invariant("vsd-1", "must have a valueSet or a system", any_of("valueSet", "system")),
        Invariant("vsd-2", "is required beside concepts", needs("concept", "system"), "system"),
        Invariant("vsd-2", "is required beside filters", needs("filter", "system"), "system"),
        Invariant("vsd-3", "may have concepts or filters, not both", at_most_one_of("concept", "filter")),
    ),
}
