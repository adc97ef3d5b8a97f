"""Strings as search sees them: without case, accents and width.

Folding happens here and nowhere else: what a write stores and what a search looks for have both been
through `fold`, and SQL compares bytes. The Unicode tables are Python's, so a Python with newer tables may
fold newly assigned characters differently, and a re-index follows such an upgrade.

Specification: https://hl7.org/fhir/R4/search.html#string
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from unicodedata import category, combining, normalize

_LAST_CHARACTER = "\U0010ffff"
_LAST_BEFORE_SURROGATES = "\ud7ff"
_FIRST_AFTER_SURROGATES = "\ue000"

# Punctuation that word processors replace (the apostrophe of O'Brien, the hyphen of Smith-Jones).
_APOSTROPHES = "`\u00b4\u02bb\u02bc\u2018\u2019\u2032"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"

# Letters that people leave their stroke or ligature out of, but that no Unicode table decomposes.
_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "đ": "d",
    "ħ": "h",
    "\u0131": "i",
    "ł": "l",
    "ø": "o",
    "þ": "th",
    "ŧ": "t",
}

_SPELLINGS = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-") | _LETTERS)

# Characters that show nothing of their own but that Unicode counts neither as format nor as accent.
_INVISIBLE = frozenset(
    {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180f"}
    | {chr(selector) for selector in range(0xFE00, 0xFE10)}
    | {chr(selector) for selector in range(0xE0100, 0xE01F0)}
)


@dataclass(frozen=True, slots=True)
class StringValue:
    """A string to search for: as given, for `:exact`, and folded, for all else."""

    text: str
    folded: str


def fold(text: str) -> str:
    """Return the text without case, accents, width and superfluous spaces.

    Compatibility decomposition, case folding, then every combining accent and invisible character goes and
    runs of any space become one. Vowel signs of Indic scripts stay: they are letters of the name. Each
    character folds by itself, so `fold(a + b)` always starts with `fold(a)`, and folding twice changes
    nothing. A text of accents or invisible characters only folds to "": it has no letters to search for,
    and a search for it is refused.
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    return " ".join(text.translate(_FOLDED_CHARACTERS).split())


def prefix_bound(folded: str) -> str | None:
    """Return the least string greater than every string with this prefix, or None if there is none.

    Order is that of code points, which is that of UTF-8's bytes: PostgreSQL's "C" collation. Surrogates are
    no characters, so U+E000 follows U+D7FF; nothing follows U+10FFFF, so the character before it is raised.
    """
    stem = folded.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    last = stem[-1]
    following = _FIRST_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else chr(ord(last) + 1)
    return stem[:-1] + following


def exact_hash(text: str) -> int:
    """Return a signed 64-bit hash of the text as written, for `:exact`."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


class _FoldedCharacters(dict[int, str]):
    """What each code point folds to, worked out when it is first met."""

    _LIMIT = 65_536

    def __missing__(self, code_point: int) -> str:
        folded = _fold_character(chr(code_point))
        if len(self) < self._LIMIT:
            self[code_point] = folded
        return folded


_FOLDED_CHARACTERS = _FoldedCharacters()


def _fold_character(character: str) -> str:
    decomposed = normalize("NFKD", character.translate(_SPELLINGS))
    folded = normalize("NFKD", decomposed.casefold()).translate(_SPELLINGS)
    return "".join(each for each in folded if not _is_dropped(each))


def _is_dropped(character: str) -> bool:
    return bool(combining(character)) or character in _INVISIBLE or category(character) in ("Cf", "Me")
