import json

from hypothesis import given
from hypothesis import strategies as st

from patients.fhir import exact_json
from patients.fhir.pretty_json import indent

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


class TestIndent:
    def test_gives_each_member_and_item_a_line(self):
        assert indent('{"a":[1.0E2,{"b":"c: {,}"}],"d":{},"e":[],"f":-0}') == (
            "{\n"
            '  "a": [\n'
            "    1.0E2,\n"
            "    {\n"
            '      "b": "c: {,}"\n'
            "    }\n"
            "  ],\n"
            '  "d": {},\n'
            '  "e": [],\n'
            '  "f": -0\n'
            "}\n"
        )

    def test_leaves_escapes_alone(self):
        assert indent(r'{"a":"\"\\","b":"\u00e9"}') == '{\n  "a": "\\"\\\\",\n  "b": "\\u00e9"\n}\n'

    @given(st.dictionaries(st.text(), VALUES))
    def test_changes_nothing_but_whitespace(self, value):
        written = exact_json.encode(value)

        assert exact_json.compact(indent(written)) == written

    @given(st.dictionaries(st.text(), VALUES))
    def test_agrees_with_pythons_layout(self, value):
        written = json.dumps(value, ensure_ascii=False)

        assert indent(written) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"
