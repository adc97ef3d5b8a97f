"""Strings of a resource: folded, and a hash of each as it is written.

Of a name and an address every part is there by itself.

Specification: https://hl7.org/fhir/R4/search.html#string
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from patients.fhir.values.strings import exact_hash, fold

Row = tuple[str, int]

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


def of_string(value: Any) -> Iterable[Row]:
    """A string or markdown."""
    return ((fold(value), exact_hash(value)),) if value.__class__ is str else ()


def of_name(value: Any) -> Iterable[Row]:
    return _of_parts(value, _NAME_PARTS)


def of_address(value: Any) -> Iterable[Row]:
    return _of_parts(value, _ADDRESS_PARTS)


def _of_parts(value: Any, members: tuple[str, ...]) -> Iterator[Row]:
    if value.__class__ is dict:
        for member in members:
            part = value.get(member)
            for text in part if part.__class__ is list else (part,):
                yield from of_string(text)
