"""Arrays as PostgreSQL reads them."""

from decimal import Decimal

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.models import arrays
from perf import database

_STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _read(type: str, array: str) -> list:
    return database.fetch_primary(database.Query("array", f"SELECT %s::{type}[]"), (array,))[0][0]


class TestTexts:
    @given(st.lists(_STORABLE | st.sampled_from(["", "NULL", "null", '"', "\\", "{}", ",", " a ", "\\\\n"])))
    def test_are_read_as_they_are(self, values):
        assert _read("text", arrays.texts(values)) == values

    @given(st.lists(st.none() | _STORABLE))
    def test_or_nulls_are_read_as_they_are(self, values):
        assert _read("text", arrays.texts_or_nulls(values)) == values

    def test_with_zero_characters_are_refused(self):
        with pytest.raises(psycopg.DataError):
            arrays.texts(["a", "b\0c"])


class TestPlain:
    @pytest.mark.parametrize(
        ("type", "values"),
        [
            ("integer", [1, None, -3]),
            ("numeric", [Decimal("1E-64"), Decimal("7.50"), None, Decimal("9E+64")]),
            ("bigint", []),
        ],
    )
    def test_is_read_as_it_is(self, type, values):
        assert _read(type, arrays.plain(values)) == values
