"""Why a text is refused as JSON, and where: a second, slower reading that names the element."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from patients.fhir.exact_numbers import NumberOutOfLimits, exact_decimal, exact_integer
from patients.fhir.outcomes import InvalidJson, Issue

_MAX_ISSUES = 20


def diagnose(text: str) -> InvalidJson:
    """Return the error that tells what is wrong with a text that was refused."""
    try:
        return find(text) or InvalidJson("The body must be one JSON object.")
    except json.JSONDecodeError as error:
        return InvalidJson(
            f"The body is not JSON: {_reason(error)} at line {error.lineno}, column {error.colno}."
        )
    except RecursionError:
        return InvalidJson("The JSON is nested too deeply to be read here.")


def find(text: str) -> InvalidJson | None:
    """Return the error that names each element that cannot be kept exactly, if there is any."""
    value = _DECODER.decode(text)
    issues = tuple(islice(_issues(value, _root(value)), _MAX_ISSUES))
    return InvalidJson(issues[0].diagnostics, issues=issues) if issues else None


class _Members(list[tuple[str, Any]]):
    """The members of an object in the order given, duplicates included."""


class _BadNumber:
    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


def _number(exact: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(written: str) -> Any:
        try:
            return exact(written)
        except NumberOutOfLimits as error:
            return _BadNumber(str(error))

    return read


_DECODER = json.JSONDecoder(
    parse_float=_number(exact_decimal),
    parse_int=_number(exact_integer),
    parse_constant=lambda name: _BadNumber(f"{name} is not a number in JSON."),
    object_pairs_hook=_Members,
)


def _root(value: Any) -> str:
    if isinstance(value, _Members):
        for name, member in value:
            if name == "resourceType" and isinstance(member, str):
                return _shown(member)
    return "Resource"


def _issues(value: Any, path: str) -> Iterator[Issue]:
    if isinstance(value, _Members):
        yield from _member_issues(value, path)
    elif isinstance(value, list):
        yield from chain.from_iterable(_issues(item, f"{path}[{i}]") for i, item in enumerate(value))
    elif isinstance(value, _BadNumber):
        yield Issue("value", value.sentence, (path,))
    elif isinstance(value, str) and (fault := _string_fault(value)):
        yield Issue("value", f"The text holds {fault}, which cannot be stored.", (path,))


def _member_issues(value: _Members, path: str) -> Iterator[Issue]:
    for name, count in Counter(name for name, _ in value).items():
        if count > 1:
            shown = f"{path}.{_shown(name)}"
            yield Issue("structure", f"The member '{_shown(name)}' is given {count} times.", (shown,))
        if fault := _string_fault(name):
            yield Issue("structure", f"The name of a member holds {fault}.", (path,))
    for name, member in value:
        yield from _issues(member, f"{path}.{_shown(name)}")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _string_fault(text: str) -> str | None:
    if "\0" in text:
        return "the character U+0000"
    return "half of a surrogate pair" if _SURROGATE.search(text) else None


def _shown(name: str) -> str:
    """Return the name as it may stand in a message: short, and printable everywhere."""
    return ascii(name[:64])[1:-1]


def _reason(error: json.JSONDecodeError) -> str:
    """Return Python's reason as the middle of a sentence: some end in the "at" of the place that follows."""
    return (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at")
