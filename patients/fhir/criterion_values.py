"""The values of criteria: read strictly, each as the type of its parameter demands, and written canonically.

Specification: https://hl7.org/fhir/R4/search.html#ptypes and https://hl7.org/fhir/R4/search.html#escaping
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from patients.fhir.outcomes import InvalidSearchParameter, UnknownSearchParameter
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.values.composites import Component, CompositeValue
from patients.fhir.values.dates import PREFIXES, DateError, DateValue, parse_date_value
from patients.fhir.values.escaping import EscapingError, escape, split, unescape
from patients.fhir.values.numbers import NumberError, NumberValue, parse_number_value, written_number
from patients.fhir.values.quantities import QuantityValue, parse_quantity_value
from patients.fhir.values.references import ReferenceFormError, ReferenceValue, parse_reference_value
from patients.fhir.values.strings import StringValue, fold
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import OfTypeValue, TokenValue
from patients.fhir.values.uris import UriValue

Value = Component | CompositeValue | OfTypeValue | TextValue | bool

_CHECKED_DATATYPES = ("boolean", "code", "id")
_ANY_TARGET = ("", "Resource", "*")
# Each has a URI above it that is looked for by itself.
_MOST_SLASHES = 50
_NOT_COMPARED = {"near": "positions are not compared here"}


def read_value(parameter: SearchParameter, modifier: str | None, text: str) -> Value:
    """Read one value, still escaped and not empty, of a parameter with a modifier that it takes.

    :raises UnknownSearchParameter: if parameters of its type are not supported.
    :raises InvalidSearchParameter: if it cannot be understood, or makes no sense for the parameter.
    """
    reader = _BY_MODIFIER.get(modifier or "") or _BY_NAME.get(parameter.name) or _BY_TYPE.get(parameter.type)
    if reader is None:
        reason = _NOT_COMPARED.get(parameter.name, "it is special, and not known here")
        raise UnknownSearchParameter(f"Search parameter {parameter.name!r} is not supported: {reason}.")
    try:
        return reader(parameter, modifier, text)
    except EscapingError:
        raise _invalid(
            parameter,
            "has a backslash that escapes nothing; "
            r"a backslash that is part of a value is written '\\'.",
        ) from None


def written_value(value: Value) -> str:
    """Return the text that `read_value` reads as this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _WRITERS[type(value)](value)


def takes_any_target(parameter: SearchParameter) -> bool:
    """Tell whether the references that the parameter finds may be to resources of every type."""
    return not parameter.targets or any(each in _ANY_TARGET for each in parameter.targets)


def _invalid(parameter: SearchParameter, sentence: str) -> InvalidSearchParameter:
    return InvalidSearchParameter(f"Search parameter {parameter.name!r} {sentence}")


def _string_value(parameter: SearchParameter, modifier: str | None, text: str) -> StringValue:
    text = unescape(text)
    folded = fold(text)
    if not folded and modifier != "exact":
        raise _invalid(parameter, "has no letters to search for.")
    return StringValue(text, folded)


def _text_value(parameter: SearchParameter, _: str | None, text: str) -> TextValue:
    return TextValue(_string_value(parameter, None, text).text)


def _date_value(parameter: SearchParameter, _: str | None, text: str) -> DateValue:
    try:
        value = parse_date_value(text)
    except DateError as error:
        raise _invalid(parameter, f"has a date that {error}{_prefix_hint(text)}.") from None
    if parameter.datatype == "date" and value.has_time:
        raise _invalid(parameter, "takes a day, not a time of day.")
    return value


def _prefix_hint(text: str) -> str:
    return f", after a prefix if need be ({', '.join(PREFIXES)})" if text[:1].isalpha() else ""


def _number_value(parameter: SearchParameter, _: str | None, text: str) -> NumberValue:
    try:
        return parse_number_value(text)
    except NumberError as error:
        raise _invalid(parameter, f"has a number that {error}{_prefix_hint(text)}.") from None


def _quantity_value(parameter: SearchParameter, _: str | None, text: str) -> QuantityValue:
    try:
        return parse_quantity_value(text)
    except NumberError as error:
        raise _invalid(parameter, f"has a quantity that {error}{_prefix_hint(text)}.") from None


def _token_value(parameter: SearchParameter, _: str | None, text: str) -> TokenValue:
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) > 2:
        raise _invalid(
            parameter,
            r"has a value with more than one '|'; a '|' that is part of a value is written '\|'.",
        )
    system, code = parts if len(parts) == 2 else (None, parts[0])
    if not system and not code.strip():
        raise _invalid(parameter, "has neither a system nor a code.")
    value = TokenValue(system, code if code.strip() else None)
    if parameter.datatype in _CHECKED_DATATYPES:
        _check_code(parameter, value)
    return value


def _check_code(parameter: SearchParameter, value: TokenValue) -> None:
    """Refuse what a code with a fixed system, or with none, can't be asked."""
    if value.code is None:
        raise _invalid(parameter, "needs a code after the '|'.")
    if value.system is not None and value.system != parameter.system:
        raise _invalid(
            parameter, f"takes {f'no system but {parameter.system!r}' if parameter.system else 'no system'}."
        )
    if parameter.datatype == "boolean" and value.code not in ("true", "false"):
        raise _invalid(parameter, "takes true or false.")


def _identifier_value(parameter: SearchParameter, _: str | None, text: str) -> TokenValue:
    value = _token_value(replace(parameter, datatype="Identifier"), None, text)
    if value.code is None:
        raise _invalid(parameter, "needs a value after the '|' for ':identifier'.")
    return value


def _of_type_value(parameter: SearchParameter, _: str | None, text: str) -> OfTypeValue:
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) != 3 or not all(part.strip() for part in parts):
        raise _invalid(parameter, "takes ':of-type' as system|code|value, all three.")
    return OfTypeValue(*parts)


def _reference_value(parameter: SearchParameter, _: str | None, text: str) -> ReferenceValue:
    try:
        value = parse_reference_value(unescape(text))
    except ReferenceFormError as error:
        raise _invalid(parameter, f"has a reference that {error}.") from None
    if takes_any_target(parameter) or value.id is None:
        return value
    if value.type is None and len(parameter.targets) == 1:
        return replace(value, type=parameter.targets[0])
    if value.type is not None and value.type not in parameter.targets:
        raise _invalid(parameter, f"does not refer to resources of type {value.type!r}.")
    return value


def _list_value(parameter: SearchParameter, _: str | None, text: str) -> ReferenceValue:
    if text.startswith("$"):
        raise _invalid(parameter, "takes the id of a List; functional lists are not kept here.")
    return _reference_value(replace(parameter, targets=("List",)), None, text)


def _uri_value(parameter: SearchParameter, modifier: str | None, text: str) -> UriValue:
    text = unescape(text)
    if not text.strip():
        raise _invalid(parameter, "has no URI to search for.")
    if modifier == "above" and text.count("/") > _MOST_SLASHES:
        raise _invalid(parameter, f"takes ':above' of a URI with at most {_MOST_SLASHES} slashes.")
    return UriValue(text)


def _composite_value(parameter: SearchParameter, _: str | None, text: str) -> CompositeValue:
    texts = split(text, "$")
    if len(texts) != len(parameter.components) or "" in texts:
        names = "$".join(component.name for component in parameter.components)
        raise _invalid(
            parameter, rf"takes {names}, all of them; a '$' that is part of a value is written '\$'."
        )
    return CompositeValue(
        tuple(
            _COMPONENTS[component.type](replace(component, name=parameter.name), None, each)
            for component, each in zip(parameter.components, texts, strict=True)
        )
    )


_COMPONENTS: dict[str, Callable[[SearchParameter, str | None, str], Component]] = {
    "date": _date_value,
    "number": _number_value,
    "quantity": _quantity_value,
    "reference": _reference_value,
    "string": _string_value,
    "token": _token_value,
    "uri": _uri_value,
}

_BY_TYPE: dict[str, Callable[[SearchParameter, str | None, str], Value]] = {
    **_COMPONENTS,
    "composite": _composite_value,
}
_BY_NAME: dict[str, Callable[[SearchParameter, str | None, str], Value]] = {
    "_content": _text_value,
    "_list": _list_value,
    "_text": _text_value,
}
_BY_MODIFIER: dict[str, Callable[[SearchParameter, str | None, str], Value]] = {
    "identifier": _identifier_value,
    "of-type": _of_type_value,
    "text": _text_value,
}


def _written_token(value: TokenValue) -> str:
    system = "" if value.system is None else escape(value.system) + "|"
    return system + escape(value.code or "")


_WRITERS: dict[type, Callable[..., str]] = {
    CompositeValue: lambda value: "$".join(map(written_value, value.components)),
    DateValue: lambda value: (value.prefix if value.prefix != "eq" else "") + value.text,
    NumberValue: lambda value: written_number(value.prefix, value.number),
    OfTypeValue: lambda value: "|".join(map(escape, (value.system, value.code, value.value))),
    QuantityValue: QuantityValue.query,
    ReferenceValue: ReferenceValue.query,
    StringValue: lambda value: escape(value.text),
    TextValue: lambda value: escape(value.text),
    TokenValue: _written_token,
    UriValue: lambda value: escape(value.text),
}
