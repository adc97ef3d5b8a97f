"""Criteria whose values lie in a table of their own: the rows (alias `t`) that match.

https://hl7.org/fhir/R4/search.html#string, #date, #quantity and #composite
"""

from collections.abc import Callable
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.values.strings import fold
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import fold_code
from patients.models.search import INDEXED_CHARACTERS
from patients.search import strings
from patients.search.fragments import FALSE, Fragment, all_of, any_of
from patients.search.resources import keys, ranges

SPREAD_TEXTS = ("_content", "_text")
# Of less too many words are the beginning.
SHORTEST_BEGINNING = 3


def relation(criterion: Criterion) -> str:
    """The table that holds the parameter's values."""
    if is_text(criterion):
        return "search_texts t"
    return _RELATIONS[criterion.parameter.type]


def is_text(criterion: Criterion) -> bool:
    return criterion.modifier == "text" or criterion.parameter.name in SPREAD_TEXTS


def matching(criterion: Criterion) -> Fragment:
    """The parameter's rows that match one of the values."""
    parameter = of_parameter(criterion)
    if criterion.modifier == "missing":
        return parameter
    if is_text(criterion):
        return all_of([parameter, any_of(map(_text, criterion.values))])
    of_value = _MATCHES[criterion.parameter.type]
    return all_of([parameter, any_of(of_value(criterion, value) for value in criterion.values)])


def of_parameter(criterion: Criterion) -> Fragment:
    return Fragment("t.parameter = %s", (criterion.parameter.name,))


def places(criterion: Criterion) -> list[Fragment] | None:
    """Where indexes find rows that match, and few others: a match meets one of these conditions, or several.

    None if there is no such index.
    """
    kind, values = criterion.parameter.type, criterion.values
    if criterion.modifier == "missing":
        return None
    if is_text(criterion):
        return [_first_words(criterion) if criterion.parameter.name in SPREAD_TEXTS else matching(criterion)]
    if kind in _PLACES:
        found = [(each, _PLACES[kind](each)) for each in values]
        if not all(places for _, places in found):
            return None
        return [
            all_of([of_parameter(criterion), _MATCHES[kind](criterion, each), place])
            for each, places in found
            for place in places or ()
        ]
    has_index = strings.has_index(criterion) if kind == "string" else criterion.modifier == "below"
    return [matching(criterion)] if kind in ("string", "uri") and has_index else None


def _first_words(criterion: Criterion) -> Fragment:
    """The longest word of each value: a text may be spread over rows, but not a word."""
    longest = [words(value.text)[:1] for value in _texts(criterion)]
    return all_of(
        [of_parameter(criterion), any_of(text_condition(word) for each in longest for word in each)]
    )


def _text(value: Any) -> Fragment:
    """The texts that have all the words, or of the last one its beginning."""
    found = _words(value.text)
    if not found:
        return FALSE
    *whole, last = found
    if len(last) < SHORTEST_BEGINNING:
        return text_condition(value.text)
    quoted = last.replace("\\", r"\\").replace("'", "''")
    return Fragment(
        "t.document @@ (plainto_tsquery('simple', %s) && to_tsquery('simple', %s))",
        (" ".join(whole), f"'{quoted}':*"),
    )


def text_condition(text: str) -> Fragment:
    """The texts that have all these words."""
    return Fragment("t.document @@ plainto_tsquery('simple', %s)", (fold(text),))


def _texts(criterion: Criterion) -> list[TextValue]:
    return [value for value in criterion.values if isinstance(value, TextValue)]


def words(text: str) -> list[str]:
    """The words of a text, the longest first."""
    return sorted(set(_words(text)), key=lambda word: (-len(word), word))


def _words(text: str) -> list[str]:
    """Signs alone are none."""
    return [word for word in fold(text).split() if any(map(str.isalnum, word))]


def _string(criterion: Criterion, value: Any) -> Fragment:
    return strings.value_condition(criterion.modifier, value)


def _date(_: Criterion, value: Any) -> Fragment:
    return ranges.date_condition(value, start="t.start_at", end="t.end_at")


def _number(_: Criterion, value: Any) -> Fragment:
    return ranges.number_condition(value, low="t.low", high="t.high")


def _quantity(_: Criterion, value: Any) -> Fragment:
    return ranges.quantity_condition(
        value, low="t.low", high="t.high", system="t.system", code="t.code", unit="t.unit"
    )


def _uri_below(_: Criterion, value: Any) -> Fragment:
    text = value.text
    itself = Fragment(f"{strings.KEY} = %s AND t.value = %s", (text[:INDEXED_CHARACTERS], text))
    return any_of([itself, strings.prefix_condition(text.removesuffix("/") + "/")])


def _composite(criterion: Criterion, value: Any) -> Fragment:
    return all_of(
        _COMPONENTS[component.type](component, each, f"t.components->{at}")
        for at, (component, each) in enumerate(
            zip(criterion.parameter.components, value.components, strict=True)
        )
    )


def _component_token(component: SearchParameter, value: Any, row: str) -> Fragment:
    conditions = []
    system = keys.system_of(component, value)
    if system is not None:
        conditions.append(Fragment(f"{row}->>0 = %s", (system,)))
    if value.code is not None:
        conditions.append(Fragment(f"{row}->>1 = %s", (fold_code(value.code),)))
    return all_of(conditions)


def _component_quantity(component: SearchParameter, value: Any, row: str) -> Fragment:
    low, high = f"({row}->>0)::numeric", f"({row}->>1)::numeric"
    if component.type == "number":
        return ranges.number_condition(value, low=low, high=high)
    return ranges.quantity_condition(
        value, low=low, high=high, system=f"{row}->>2", code=f"{row}->>3", unit=f"{row}->>4"
    )


def _component_date(_: SearchParameter, value: Any, row: str) -> Fragment:
    return ranges.date_condition(value, start=f"({row}->>0)::timestamptz", end=f"({row}->>1)::timestamptz")


def _component_string(_: SearchParameter, value: Any, row: str) -> Fragment:
    return Fragment(f"starts_with({row}->>0, %s)", (value.folded,))


def _component_uri(_: SearchParameter, value: Any, row: str) -> Fragment:
    return Fragment(f"{row}->>0 = %s", (value.text,))


def _component_reference(_: SearchParameter, value: Any, row: str) -> Fragment:
    if value.url:
        return Fragment(f"{row}->>0 = '' AND {row}->>1 = %s", (value.url,))
    of_type = [Fragment(f"{row}->>0 = %s", (value.type,))] if value.type else []
    return all_of([*of_type, Fragment(f"{row}->>1 = %s", (value.id,))])


_RELATIONS = {
    "composite": "search_composites t",
    "date": "search_dates t",
    "number": "search_quantities t",
    "quantity": "search_quantities t",
    "string": "search_strings t",
    "uri": "search_uris t",
}
# Which kinds of values have indexes that find some of their comparisons.
_PLACES: dict[str, Callable[[Any], list[Fragment] | None]] = {
    "date": ranges.dates_found,
    "number": ranges.numbers_found,
    "quantity": ranges.numbers_found,
}
_MATCHES: dict[str, Callable[[Criterion, Any], Fragment]] = {
    "composite": _composite,
    "date": _date,
    "number": _number,
    "quantity": _quantity,
    "string": _string,
    "uri": _uri_below,
}
_COMPONENTS: dict[str, Callable[[SearchParameter, Any, str], Fragment]] = {
    "date": _component_date,
    "number": _component_quantity,
    "quantity": _component_quantity,
    "reference": _component_reference,
    "string": _component_string,
    "token": _component_token,
    "uri": _component_uri,
}
