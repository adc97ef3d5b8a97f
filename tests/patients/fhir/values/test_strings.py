"""Strings fold, and prefixes end, as search by index needs."""

import sys
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patients.fhir.values.strings import exact_hash, fold, prefix_bound

_UNUSED = ("Cn", "Co", "Cs")
_ALL_CHARACTERS = [each for each in map(chr, range(sys.maxunicode + 1)) if category(each) not in _UNUSED]

_edges = st.sampled_from(("a", "\ud7ff", "\ue000", "\U0010ffff", "\x7f", "\u0345", "\u0301", " ", "\ufdfa"))
texts = st.lists(st.one_of(st.characters(exclude_categories=["Cs"]), _edges), max_size=8).map("".join)


def _inner(character: str) -> str:
    """The fold of a character between others, with the spaces that an end would lose."""
    return fold(f".{character}.")[1:-1]


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("", ""),
            ("SMITH", "smith"),
            ("  van   der\tBerg \n", "van der berg"),
            ("José\u00a0María", "jose maria"),
            ("山田\u3000太郎", "山田 太郎"),
            ("\uff33\uff4d\uff49\uff54\uff48", "smith"),
            ("\uff94\uff8f\uff80\uff9e", "ヤマタ"),
            ("Straße", "strasse"),
            ("STRA\u1e9eE", "strasse"),
            ("Łukasz Đorđe Sørensen Æsa Œuvre Þór", "lukasz dorde sorensen aesa oeuvre thor"),
            ("İstanbul ISTANBUL \u0131stanbul", "istanbul istanbul istanbul"),
            ("O\u2019Brien O\u02bcBrien O`Brien O\u00b4Brien", "o'brien o'brien o'brien o'brien"),
            ("Smith\u2010Jones Smith\u2013Jones", "smith-jones smith-jones"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("مُحَمَّد", "محمد"),
            ("שָׁלוֹם", "שלום"),
            ("Nguyễn Thị Thủy", "nguyen thi thuy"),
            ("葛\U000e0100", "葛"),
            ("a\u200bb\u00adc\ufeff", "abc"),
            ("Ⅷ ﬁ ①", "viii fi 1"),
            ("राम", "राम"),
            ("\u0301\u0345\u200d", "\u03b9"),
            ("\u0301 \u200d", ""),
        ],
    )
    def test_takes_away_case_accents_width_and_superfluous_spaces(self, text, folded):
        assert fold(text) == folded

    def test_changes_no_character_twice(self):
        changed = [each for each in _ALL_CHARACTERS if fold(fold(each)) != fold(each)]

        assert changed == []

    def test_needs_no_character_before_or_after(self):
        dependent = [
            each for each in _ALL_CHARACTERS if fold(f"x{each}x").split() != f"x{_inner(each)}x".split()
        ]

        assert dependent == []

    @given(texts)
    def test_is_idempotent(self, text):
        assert fold(fold(text)) == fold(text)

    @given(texts, texts)
    def test_of_a_beginning_is_the_beginning_of_the_fold(self, beginning, rest):
        assert fold(beginning + rest).startswith(fold(beginning))

    @given(texts)
    def test_leaves_no_space_at_either_end_and_none_twice(self, text):
        assert fold(text) == " ".join(fold(text).split())

    @given(st.text(st.characters(max_codepoint=127)))
    def test_of_ascii_is_that_of_any_text(self, text):
        assert fold(text) == fold(text + "\u0301")


class TestPrefixBound:
    @pytest.mark.parametrize(
        ("prefix", "bound"),
        [
            ("smi", "smj"),
            ("", None),
            ("\U0010ffff", None),
            ("\U0010ffff\U0010ffff", None),
            ("a\U0010ffff", "b"),
            ("a\U0010ffff\U0010ffff", "b"),
            ("\ud7ff", "\ue000"),
            ("a\ud7ff\U0010ffff", "a\ue000"),
            ("\uffff", "\U00010000"),
            ("\x7f", "\x80"),
            ("a\U0010ffffb", "a\U0010ffffc"),
        ],
    )
    def test_is_the_next_string_that_has_another_beginning(self, prefix, bound):
        assert prefix_bound(prefix) == bound

    @given(texts, texts)
    @example("\ud7ff", "\U0010ffff")
    def test_is_greater_than_each_string_with_the_prefix(self, prefix, rest):
        bound = prefix_bound(prefix)

        assert bound is None or (prefix + rest).encode() < bound.encode()

    @given(texts, texts)
    @example("\ud7ff", "\ue000")
    @example("a\U0010ffff", "b")
    def test_leaves_no_other_string_between(self, prefix, text):
        bound = prefix_bound(prefix)
        is_between = prefix.encode() <= text.encode() and (bound is None or text.encode() < bound.encode())

        assert is_between is text.startswith(prefix)

    @given(texts)
    def test_is_never_reached_by_a_string_just_below_it(self, prefix):
        bound = prefix_bound(prefix)
        if bound is None:
            return
        before = "\ud7ff" if bound[-1] == "\ue000" else chr(ord(bound[-1]) - 1)

        assert (bound[:-1] + before).startswith(prefix.rstrip("\U0010ffff"))


class TestExactHash:
    def test_is_the_same_in_every_process(self):
        assert exact_hash("Smith") == -4_743_790_618_406_445_187

    def test_tells_case_and_accents_apart(self):
        assert len({exact_hash(text) for text in ("Smith", "smith", "Smíth", "Smi\u0301th", "Smith ")}) == 5

    @given(texts)
    def test_fits_a_bigint(self, text):
        assert -(2**63) <= exact_hash(text) < 2**63
