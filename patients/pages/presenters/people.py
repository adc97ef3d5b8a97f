"""Who a patient is: the row of a list and the banner of a chart say it in the same words.

https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/datatypes.html#HumanName
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.fhir.values.strings import fold
from patients.pages.presenters import tags
from patients.pages.presenters.dates import When, age, day_of, when
from patients.pages.presenters.identifiers import Identifier, identifiers
from patients.pages.presenters.stored import JsonObject, in_reading_order, words

SEXES: dict[str, str | Promise] = {
    "female": gettext_lazy("Female"),
    "male": gettext_lazy("Male"),
    "other": gettext_lazy("Other"),
    "unknown": gettext_lazy("Unknown"),
}
FORMER_USES = ("old", "maiden")
# The name to call a person by comes first, as it does in patients.fhir.extraction.
USE_ORDER = {"official": 0, "usual": 1}


class PatientColumns(Protocol):
    """What the search tables and the resource itself both say of a patient."""

    @property
    def birth_date(self) -> str | None: ...
    @property
    def gender(self) -> str | None: ...
    @property
    def active(self) -> bool | None: ...
    @property
    def deceased(self) -> bool: ...
    @property
    def deceased_at(self) -> str | None: ...
    @property
    def replaced_by(self) -> str | None: ...
    @property
    def names(self) -> list[Any]: ...
    @property
    def identifiers(self) -> list[Any]: ...
    @property
    def addresses(self) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a name, and whether it is what the search was for."""

    text: str
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An address on two lines: where in the town, and which town."""

    line: str
    town: str


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as lists and banners show them."""

    name: tuple[Piece, ...]
    former_names: tuple[str, ...]
    born: When | None
    age: str
    is_deceased: bool
    died: When | None
    age_at_death: str
    sex: str
    identifiers: tuple[Identifier, ...]
    address: Address | None
    replaced_by: str | None
    flags: tuple[tags.Tag, ...]

    @property
    def full_name(self) -> str:
        return "".join(piece.text for piece in self.name)


def person(columns: PatientColumns, *, today: date, zone: tzinfo, searched: Sequence[str] = ()) -> Person:
    """Show a patient; `searched` are the words of a search to mark in the name."""
    main, former = _main_and_former(in_reading_order(columns.names))
    born = day_of(columns.birth_date, zone)
    return Person(
        name=_marked(name_parts(main), searched),
        former_names=former,
        born=when(columns.birth_date, zone),
        age="" if columns.deceased else age(born, today),
        is_deceased=columns.deceased,
        died=when(columns.deceased_at, zone),
        age_at_death=age(born, day_of(columns.deceased_at, zone)) if columns.deceased else "",
        sex=str(SEXES.get(columns.gender or "", _("Not recorded"))),
        identifiers=identifiers(in_reading_order(columns.identifiers)),
        address=_first_address(in_reading_order(columns.addresses)),
        replaced_by=columns.replaced_by,
        flags=_flags(columns),
    )


def full_name(name: JsonObject) -> str:
    return " ".join(name_parts(name))


def name_parts(name: JsonObject) -> list[str]:
    """Return the words of `SMITH, John (Mr)`; a name that only has a text is shown as it is written."""
    family, given = str(name.get("family", "")).upper(), " ".join(words(name.get("given")))
    if not family and not given:
        return str(name.get("text") or _("Name not recorded")).split()
    parts = [f"{family},"] if family and given else [family] if family else []
    parts += given.split() + words(name.get("suffix"))
    title = " ".join(word.rstrip(".") for word in words(name.get("prefix")))
    return parts + [f"({title})"] * bool(title)


def address(value: JsonObject) -> Address:
    lines = ", ".join(words(value.get("line")))
    town = ", ".join(str(value[part]) for part in ("city", "district", "postalCode") if value.get(part))
    return Address(lines or ("" if town else str(value.get("text", ""))), town)


def _main_and_former(names: list[JsonObject]) -> tuple[JsonObject, tuple[str, ...]]:
    current = sorted(
        (name for name in names if name.get("use") not in FORMER_USES),
        key=lambda name: USE_ORDER.get(name.get("use", ""), 2),
    )
    main = (current or names or [{}])[0]
    former = [
        str(name["family"]).upper() for name in names if name.get("use") in FORMER_USES and name.get("family")
    ]
    return main, tuple(
        dict.fromkeys(family for family in former if family != str(main.get("family", "")).upper())
    )


def _marked(parts: list[str], searched: Sequence[str]) -> tuple[Piece, ...]:
    folded_words = [folded for folded in map(fold, searched) if folded]
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        length = max((_match_length(part, word) for word in folded_words), default=0)
        if length:
            pieces.append(Piece(part[:length], is_match=True))
        pieces.append(Piece(part[length:] + " " * (index < len(parts) - 1)))
    return tuple(piece for piece in pieces if piece.text)


def _match_length(part: str, word: str) -> int:
    """Return how much of a shown word a searched word is; folding may have made it shorter or longer."""
    if not fold(part).startswith(word):
        return 0
    return len(word) if len(fold(part)) == len(part) else len(part)


def _first_address(addresses: list[JsonObject]) -> Address | None:
    current = [found for found in addresses if found.get("use") != "old"]
    home = [found for found in current if found.get("use") == "home"]
    return address((home or current)[0]) if current else None


def _flags(columns: PatientColumns) -> tuple[tags.Tag, ...]:
    states = (
        (columns.deceased, tags.DIED),
        (columns.replaced_by is not None, tags.MERGED),
        (columns.active is False, tags.INACTIVE),
    )
    return tuple(tag for applies, tag in states if applies)
