"""Under which addresses this service is known: a URL below one of them names what is here.

"A relative reference resolving to the same value as a specified absolute URL, or vice versa, qualifies as a
match" (https://hl7.org/fhir/R4/search.html#reference). The addresses are set once, when the process starts.
"""

from __future__ import annotations

from collections.abc import Iterable

_addresses: tuple[str, ...] = ()


def know(addresses: Iterable[str]) -> None:
    """Set the addresses (`https://clinic.example/fhir`), with or without a slash at their end."""
    global _addresses
    _addresses = tuple(f"{address.removesuffix('/')}/" for address in addresses)


def known() -> tuple[str, ...]:
    return _addresses


def relative(url: str) -> str | None:
    """Return the rest of a URL that lies below one of the addresses."""
    return next((url.removeprefix(each) for each in _addresses if url.startswith(each)), None)
