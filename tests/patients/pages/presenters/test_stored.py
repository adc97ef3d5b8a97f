import json
from decimal import Decimal

import pytest

from patients.pages.presenters.stored import loads

CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class TestLoads:
    @pytest.mark.parametrize("is_escaped", [True, False])
    @pytest.mark.parametrize("control", CONTROLS)
    def test_leaves_out_what_reorders_a_text(self, control, is_escaped):
        content = json.dumps({"name": [{"given": [None, f"a{control}b"]}]}, ensure_ascii=is_escaped)

        assert loads(content) == {"name": [{"given": [None, "ab"]}]}

    def test_leaves_all_else_as_it_is_written(self):
        value = {"text": "می\u200cم עברית 王", "is": True, "number": 1}

        assert loads(json.dumps(value)) == value

    def test_keeps_every_digit(self):
        assert str(loads('{"value": 72.50}')["value"]) == "72.50"
        assert isinstance(loads('{"value": 72}')["value"], Decimal)
