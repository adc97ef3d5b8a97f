"""Escaped text splits where separators stand alone, and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir.values.escaping import EscapingError, escape, split, unescape

texts = st.text(st.sampled_from("ab\\,|$é"), max_size=8)


class TestSplit:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("a,b", ["a", "b"]),
            (r"a\,b,c", [r"a\,b", "c"]),
            (r"a\\,b", ["a\\\\", "b"]),
            (r"a\\\,b", [r"a\\\,b"]),
            ("a\\", ["a\\"]),
            (r"\,", [r"\,"]),
            ("", [""]),
            (",", ["", ""]),
        ],
    )
    def test_is_at_separators_that_are_not_escaped(self, text, parts):
        assert split(text, ",") == parts

    @given(st.lists(texts, min_size=1, max_size=4), st.sampled_from(",|$"))
    def test_undoes_a_join_of_escaped_texts(self, parts, separator):
        joined = separator.join(map(escape, parts))

        assert [unescape(part) for part in split(joined, separator)] == parts


class TestUnescape:
    @pytest.mark.parametrize("text", ["\\", r"\a", r"a\\\b", "\\\n"])
    def test_refuses_a_backslash_that_escapes_nothing(self, text):
        with pytest.raises(EscapingError):
            unescape(text)
