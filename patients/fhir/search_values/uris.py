"""URIs of a resource, letter for letter; a canonical URL is there with and without its version.

Specification: https://hl7.org/fhir/R4/search.html#uri
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = tuple[str]


def of_uri(value: Any) -> Iterable[Row]:
    return ((value,),) if value.__class__ is str else ()


def of_canonical(value: Any) -> Iterable[Row]:
    if value.__class__ is not str:
        return ()
    url, bar, _ = value.partition("|")
    return ((url,), (value,)) if bar and url else ((value,),)
