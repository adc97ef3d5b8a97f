"""Strings without case and accents; of names and addresses any part. https://hl7.org/fhir/R4/search.html#string"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from tests.patients.search.oracle.escapes import plain
from tests.patients.search.oracle.expressions import Element

_PARTS = {
    "HumanName": ("text", "family", "given", "prefix", "suffix"),
    "Address": ("text", "line", "city", "district", "state", "postalCode", "country"),
}
# As word processors write them, and letters that people write without a stroke (docs/fhir.md).
_SPELLINGS = str.maketrans("`´‘’ʼ′‐‑‒–—―−", "''''''-------")  # noqa: RUF001
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})  # noqa: RUF001


def texts(element: Element) -> Iterator[str]:
    """What is looked at."""
    if element.type not in _PARTS:
        yield element.value
        return
    for part in _PARTS[element.type]:
        found = element.value.get(part)
        yield from [each for each in (found if isinstance(found, list) else [found]) if each]


def matches(element: Element, modifier: str, text: str) -> bool:
    wanted = plain(text)
    if modifier == "exact":
        return wanted in texts(element)
    wanted = folded(wanted)
    if modifier == "contains":
        return any(wanted in folded(each) for each in texts(element))
    return any(folded(each).startswith(wanted) for each in texts(element))


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """Without case, accents, width and superfluous spaces."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPELLINGS)).casefold()
    kept = [each for each in decomposed if unicodedata.category(each) not in ("Mn", "Cf")]
    return " ".join("".join(kept).translate(_LETTERS).split())
