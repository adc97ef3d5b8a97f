import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.admin.json_text import lines
from patients.fhir import exact_json


def shown(text):
    return "\n".join(str(line) for line in lines(text))


class TestLines:
    def test_gives_each_member_and_element_a_line(self):
        text = '{"a":[],"b":{},"c":[{"d":1},2],"e":"x"}'

        assert shown(text) == (
            '{\n  "a": [],\n  "b": {},\n  "c": [\n    {\n      "d": 1\n    },\n    2\n  ],\n  "e": "x"\n}'
        )

    @pytest.mark.parametrize("number", ["72.50", "1.0E2", "0.000001", "-0", "1" * 60 + ".0"])
    def test_leaves_numbers_as_written(self, number):
        assert shown(f'{{"value":{number}}}') == f'{{\n  "value": {number}\n}}'

    def test_leaves_what_looks_like_json_within_strings(self):
        assert shown(r'["a,{}[]:\"\\","b"]') == '[\n  "a,{}[]:\\"\\\\",\n  "b"\n]'

    def test_knows_references_by_their_member(self):
        [_, first, second, _] = lines('{"reference":"Patient/1/_history/2","display":"Patient/1"}')

        assert [span.target for span in first.spans if span.kind == "reference"] == ["Patient/1"]
        assert [span.kind for span in second.spans][2] == "string"

    def test_goes_to_any_depth(self):
        assert len(lines("[" * 10_000 + "1" + "]" * 10_000)) == 20_001

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_adds_white_space_only(self, value):
        text = exact_json.encode(value)

        pieces = [span.text for line in lines(text) for span in line.spans]

        assert "".join(": " if piece == ": " else piece for piece in pieces).replace(": ", ":") == re.sub(
            ": ", ":", text
        )
