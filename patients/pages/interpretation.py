"""What was typed into the one search box, as search parameters and in words.

The box takes the words of a name in any order, a date of birth, and an identifier or a phone number;
several together narrow the search. How it was understood is always said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice, product

from django.utils.translation import gettext as _

from patients.pages import dates_typed

Parameter = tuple[str, str]

# Digits in groups, as identifiers and phone numbers are written: 943 476 5919, +1 (555) 123-4567.
DIGITS_IN_GROUPS = re.compile(r"(?<![\w|.-])\+?\(?\d[\d ()./-]{3,}\d(?![\w|])")
FEWEST_DIGITS = 5
MOST_INTERPRETATIONS = 4


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to understand what was typed; `names` are the words to mark in what is found."""

    parameters: tuple[Parameter, ...]
    sentence: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one piece of the text may mean."""

    parameters: tuple[Parameter, ...]
    sentence: str
    name: str = ""


def interpretations(text: str, *, today: date) -> tuple[Interpretation, ...]:
    """Return the ways to understand a text: each counts if the ones before find nobody."""
    pieces: list[list[_Part]] = []
    rest = text
    typed = dates_typed.find(rest, today=today)
    if typed:
        rest = rest.replace(typed.text, " ", 1)
        pieces.append(_birth_dates(typed))
    for number in DIGITS_IN_GROUPS.findall(rest):
        if _digits(number) >= FEWEST_DIGITS:
            rest = rest.replace(number, " ", 1)
            pieces.append(_numbers(number))
    words = [_word(word) for word in re.split(r"[\s,;()]+", rest) if re.search(r"\w", word)]
    ways = product(*([word] for word in words), *pieces)
    return tuple(map(_interpretation, islice(ways, MOST_INTERPRETATIONS)))


def _interpretation(parts: Iterable[_Part]) -> Interpretation:
    parts = tuple(parts)
    names = tuple(part.name for part in parts if part.name)
    sentences = [_("Name begins with %(words)s") % {"words": _(" and ").join(names)}] if names else []
    sentences += [part.sentence for part in parts if part.sentence]
    return Interpretation(
        parameters=tuple(parameter for part in parts for parameter in part.parameters),
        sentence=" · ".join(sentences),
        names=names,
    )


def _birth_dates(typed: dates_typed.TypedDate) -> list[_Part]:
    parts = [
        _Part(
            (("birthdate", ",".join(days)),),
            _("Born %(date)s") % {"date": dates_typed.in_words(days)},
        )
        for days in typed.readings
    ]
    # Eight digits may be a date or a number, and are both until somebody is found.
    return parts + _numbers(typed.text) if typed.text.isdigit() and len(typed.text) == 8 else parts


def _numbers(text: str) -> list[_Part]:
    written = " ".join(text.split())
    forms = dict.fromkeys((written, re.sub(r"\s", "", written), re.sub(r"[^\d+]", "", written)))
    values = ",".join(map(_escaped, forms))
    return [
        _Part((("identifier", values),), _("Identifier %(value)s") % {"value": written}),
        _Part((("phone", _escaped(written)),), _("Phone %(value)s") % {"value": written}),
    ]


def _word(word: str) -> _Part:
    """Return what a word means: an identifier if it has many digits or a system, else a part of a name."""
    if "|" in word:
        system, _bar, value = word.rpartition("|")
        return _Part(
            (("identifier", f"{_escaped(system)}|{_escaped(value)}"),),
            _("Identifier %(value)s") % {"value": word},
        )
    if _digits(word) >= FEWEST_DIGITS:
        return _Part((("identifier", _escaped(word)),), _("Identifier %(value)s") % {"value": word})
    if "@" in word:
        return _Part((("email", _escaped(word)),), _("E-mail %(value)s") % {"value": word})
    return _Part((("name", _escaped(word)),), "", name=word)


def _digits(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def _escaped(value: str) -> str:
    """Escape what separates values in a query: https://hl7.org/fhir/R4/search.html#escaping."""
    return re.sub(r"([\\,|$])", r"\\\1", value)
