"""Each form and each type of value, of resources whose index values the test chooses."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from patients.fhir.criteria import ChainLink, Criterion, ReverseChain
from patients.fhir.search_request import SortKey
from patients.fhir.search_values import IndexValues
from patients.fhir.values.composites import CompositeValue
from patients.fhir.values.dates import parse_date_value
from patients.fhir.values.numbers import parse_number_value
from patients.fhir.values.quantities import parse_quantity_value
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.strings import StringValue, exact_hash, fold
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import OfTypeValue, TokenValue
from patients.fhir.values.uris import UriValue
from tests.patients.search.resources.indexed import (
    CODE,
    DATE,
    DAY,
    LENGTH,
    PAIR,
    SCORE,
    SUBJECT,
    TITLE,
    URL,
    deleted,
    found,
    of_code,
    search_parameter,
    stored,
    values,
)
from tests.people import word


@pytest.fixture
def code() -> str:
    """A code that all resources of a test share, and no others."""
    return word()


class TestTokens:
    def test_by_code_and_by_system(self, code):
        id = stored(values(code))
        for value in (TokenValue(None, code), TokenValue("urn:a", code.upper())):
            assert found(Criterion(CODE, None, (value,))) == [id]
        assert found(Criterion(CODE, None, (TokenValue("", code), TokenValue("urn:b", code)))) == []
        assert found(of_code(code), Criterion(CODE, None, (TokenValue("urn:a", None),))) == [id]

    def test_one_alone_and_its_total(self, code):
        id = stored(values(code))
        deleted(stored(values(code)))
        other = stored(IndexValues(tokens=frozenset({("code", "urn:b", code), ("code", "urn:c", code)})))
        for value, expected in (
            (TokenValue(None, code), [other, id]),
            (TokenValue("urn:a", code), [id]),
            (TokenValue("urn:b", code), [other]),
        ):
            assert found(Criterion(CODE, None, (value,))) == expected
            assert found(Criterion(CODE, None, (value, TokenValue(None, f"{code}2")))) == expected

    def test_not_and_missing(self, code):
        first = stored(values(code))
        second = stored(IndexValues(tokens=frozenset({("code", "", code), ("code", "", f"{code}2")})))
        assert found(of_code(code), Criterion(CODE, "not", (TokenValue(None, f"{code}2"),))) == [first]
        assert found(of_code(code), Criterion(TITLE, "missing", (True,))) == [second, first]
        assert found(of_code(code), Criterion(TITLE, "missing", (False,))) == []

    def test_or_finds_each_once(self, code):
        id = stored(IndexValues(tokens=frozenset({("code", "", code), ("code", "", f"{code}2")})))
        either = (TokenValue(None, code), TokenValue(None, f"{code}2"))
        assert found(Criterion(CODE, None, either)) == [id]

    def test_text(self, code):
        id = stored(values(code, texts=frozenset({("code", f"Blood {code} pressure")})))
        assert found(Criterion(CODE, "text", (TextValue(f"{code} BLOOD"),))) == [id]
        assert found(Criterion(CODE, "text", (TextValue(f"{code} sugar"),))) == []

    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ("severe head", True),
            ("head severe", False),
            ("HEADACHE", True),
            ("he", False),
            ("it's", True),
            ("pre-exi", True),
            ("x:* & | ! ( ) < '", False),
            (r"back\\slash \' ''", False),
        ],
    )
    def test_the_last_word_of_a_text_may_be_a_beginning(self, code, text, is_found):
        id = stored(values(code, texts=frozenset({("code", "Severe headache, it's pre-existing")})))
        assert found(of_code(code), Criterion(CODE, "text", (TextValue(text),))) == [id] * is_found

    def test_words_of_content_may_lie_apart(self, code):
        id = stored(values(code, texts=frozenset({("_content", f"Blood {code}"), ("_content", "pressure")})))
        content = search_parameter("_content", "string")
        assert found(Criterion(content, None, (TextValue(f"pressure {code}"),))) == [id]
        assert found(Criterion(content, None, (TextValue(f"pressure {code} absent"),))) == []
        assert found(of_code(code), Criterion(content, None, (TextValue("-"),))) == []


class TestReferences:
    def test_by_id_type_and_url(self, code):
        url = f"http://example.org/{code}"
        id = stored(values(code, references=frozenset({("subject", "Patient", code), ("subject", "", url)})))
        for value in (
            ReferenceValue(None, code, None),
            ReferenceValue("Patient", code, None),
            ReferenceValue(None, None, url),
        ):
            assert found(Criterion(SUBJECT, None, (value,))) == [id]
        assert found(Criterion(SUBJECT, None, (ReferenceValue("Group", code, None),))) == []

    def test_by_identifier(self, code):
        id = stored(values(code, identifiers=frozenset({("subject", "urn:a", code)})))
        for system, expected in ((None, [id]), ("urn:a", [id]), ("urn:b", []), ("", [])):
            assert found(Criterion(SUBJECT, "identifier", (TokenValue(system, code),))) == expected


class TestUris:
    def test_exact_above_and_below(self, code):
        base = f"http://example.org/{code}"
        ids = {
            uri: stored(values(code, uris=frozenset({("url", uri)})))
            for uri in (base, f"{base}/a", f"{base}/a/b", f"{base}x")
        }
        assert found(Criterion(URL, None, (UriValue(base),))) == [ids[base]]
        assert set(found(Criterion(URL, "below", (UriValue(f"{base}/a"),)))) == {
            ids[f"{base}/a"],
            ids[f"{base}/a/b"],
        }
        assert set(found(Criterion(URL, "below", (UriValue(f"{base}/"),)))) == {
            ids[f"{base}/a"],
            ids[f"{base}/a/b"],
        }
        assert set(found(Criterion(URL, "above", (UriValue(f"{base}/a"),)))) == {ids[base], ids[f"{base}/a"]}


class TestStrings:
    def test_prefix_exact_and_contains(self, code):
        text = f"Čaj {code}"
        id = stored(values(code, strings=frozenset({("title", fold(text), exact_hash(text))})))
        for modifier, written, expected in (
            (None, "caj", [id]),
            ("exact", text, [id]),
            ("exact", text.lower(), []),
            ("contains", code[2:8], [id]),
            ("contains", "%", []),
        ):
            criterion = Criterion(TITLE, modifier, (StringValue(written, fold(written)),))
            assert found(of_code(code), criterion) == expected


class TestDates:
    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ("2026-05-01", True),
            ("2026", True),
            ("ne2026-05-01", False),
            ("gt2026-04", True),
            ("gt2026-05-01", False),
            ("ge2026-05-01", True),
            ("lt2026-05-01", False),
            ("le2026-05-01", True),
            ("sa2026-04-30", True),
            ("eb2026-05-02", True),
            ("ap2026-05-01", True),
            ("2026-05-01T10:00Z", False),
        ],
    )
    def test_prefixes(self, code, text, is_found):
        id = stored(values(code, dates=frozenset({("created", DAY, DAY + timedelta(days=1))})))
        assert found(of_code(code), Criterion(DATE, None, (parse_date_value(text),))) == [id] * is_found


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ("5.4", True),
            ("5.40", True),
            ("5", True),
            ("6", False),
            ("ne5.4", False),
            ("gt5.3", True),
            ("gt5.4", False),
            ("ge5.4", True),
            ("lt5.4", False),
            ("le5.4", True),
            ("sa5.39", True),
            ("eb5.4", False),
            ("ap5", True),
            ("ap6", True),
            ("ap7", False),
            ("5.4|urn:u|mg", True),
            ("5.4|urn:v|mg", False),
            ("5.4||mg", True),
            ("5.4||milligram", True),
            ("5.4||g", False),
        ],
    )
    def test_prefixes_and_units(self, code, text, is_found):
        row = ("length", Decimal("5.4"), Decimal("5.4"), "urn:u", "mg", "milligram")
        id = stored(values(code, quantities=frozenset({row})))
        assert found(of_code(code), Criterion(LENGTH, None, (parse_quantity_value(text),))) == [id] * is_found

    def test_open_ranges(self, code):
        row = ("score", Decimal(5), None, "", "", "")
        id = stored(values(code, quantities=frozenset({row})))
        for text, expected in (("gt100", [id]), ("lt5", []), ("lt6", [id]), ("5", []), ("ne5", [id])):
            assert found(of_code(code), Criterion(SCORE, None, (parse_number_value(text),))) == expected

    def test_composites(self, code):
        length = (Decimal("5.4"), Decimal("5.4"), "urn:u", "mg", "")
        id = stored(values(code, composites=frozenset({("code-length", (("urn:a", code), length))})))
        for text, expected in (("gt5", [id]), ("lt5", []), ("5.4|urn:u|mg", [id]), ("5.4|urn:u|g", [])):
            value = CompositeValue((TokenValue(None, code), parse_quantity_value(text)))
            assert found(Criterion(PAIR, None, (value,))) == expected

    def test_a_code_of_a_composite_has_its_own_system(self, code):
        kind = replace(search_parameter("kind", "token", system="urn:kind"), datatype="code")
        pair = search_parameter("kind-length", "composite", components=(kind, LENGTH))
        length = (Decimal("5.4"), Decimal("5.4"), "", "", "")
        tokens = frozenset({("code", "urn:a", code), ("kind", "", code)})
        id = stored(
            values(code, tokens=tokens, composites=frozenset({("kind-length", (("", code), length))}))
        )
        for system, expected in ((None, [id]), ("urn:kind", [id]), ("urn:other", [])):
            value = CompositeValue((TokenValue(system, code), parse_quantity_value("5.4")))
            assert found(Criterion(pair, None, (value,))) == expected


class TestChains:
    def test_forward_and_reverse(self, code):
        target = stored(values(code, strings=frozenset({("title", code, exact_hash(code))})))
        source = stored(IndexValues(references=frozenset({("subject", "Basic", target)})))
        link = ChainLink(search_parameter("subject", "reference"), ("Basic",))
        title = (StringValue(code, code),)
        assert found(Criterion(TITLE, None, title, (link,))) == [source]
        assert found(Criterion(CODE, None, (TokenValue(None, code),), (link,))) == [source]
        by_source = Criterion(search_parameter("_id", "token"), None, (TokenValue(None, source),))
        reverse = ReverseChain("Basic", search_parameter("subject", "reference"), by_source)
        assert found(reverse) == [target]
        assert found(Criterion(CODE, None, (TokenValue(None, word()),), (link,))) == []

    @pytest.mark.parametrize("title", ["", "missing"], ids=["by an index", "row by row"])
    def test_reverse_at_the_end_of_a_chain(self, code, title):
        target = stored(IndexValues())
        source = stored(IndexValues(references=frozenset({("subject", "Basic", target)})))
        member = {"references": frozenset({("member", "Basic", target)})}
        stored(values(code, **member))
        other = stored(IndexValues(references=frozenset({("subject", "Basic", source)})))
        link = ChainLink(search_parameter("subject", "reference"), ("Basic",))
        far = Criterion(TITLE, "missing", (True,)) if title else of_code(code)
        reverse = ReverseChain("Basic", search_parameter("member", "reference"), far, (link,))

        ours = (TokenValue(None, source), TokenValue(None, other))
        assert found(Criterion(search_parameter("_id", "token"), None, ours), reverse) == [source]

    def test_where_no_index_leads_to_the_far_end(self, code):
        target = stored(values(code))
        source = stored(IndexValues(references=frozenset({("subject", "Basic", target)})))
        link = ChainLink(search_parameter("subject", "reference"), ("Basic",))
        ours = Criterion(
            search_parameter("_id", "token"), None, (TokenValue(None, source), TokenValue(None, target))
        )
        assert found(ours, Criterion(TITLE, "missing", (True,), (link,))) == [source]
        reverse = ReverseChain(
            "Basic", search_parameter("subject", "reference"), Criterion(TITLE, "missing", (True,))
        )
        assert found(ours, reverse) == [target]


class TestOrders:
    def test_newest_first(self, code):
        ids = [stored(values(code, date=DAY + timedelta(days=day))) for day in (2, 1, 3)]
        assert found(of_code(code)) == [ids[2], ids[0], ids[1]]

    @pytest.mark.parametrize("is_descending", [False, True])
    def test_gaps_come_last(self, code, is_descending):
        rows = {}
        for text in ("a", "b", None):
            strings = frozenset({("title", text, exact_hash(text))} if text else ())
            rows[text] = stored(values(code, strings=strings))
        expected = ["b", "a", None] if is_descending else ["a", "b", None]
        assert found(of_code(code), sort=(SortKey(TITLE, is_descending),)) == [
            rows[each] for each in expected
        ]

    @pytest.mark.parametrize(
        "sort",
        [
            search_parameter("_lastUpdated", "date"),
            search_parameter("_id", "token"),
            DATE,
            LENGTH,
            URL,
            SUBJECT,
        ],
        ids=lambda sort: sort.name,
    )
    def test_every_type_of_key(self, code, sort):
        ids = {stored(values(code)) for _ in range(2)}
        for is_descending in (False, True):
            assert set(found(of_code(code), sort=(SortKey(sort, is_descending),))) == ids

    def test_deleted_resources_are_nowhere(self, code):
        id = stored(values(code))
        deleted(id)
        assert found(of_code(code)) == []


def test_identifiers_of_a_type(code):
    identifier = search_parameter("identifier", "token")
    row = ("identifier:of-type", "urn:type", f"mr|{code}")
    id = stored(IndexValues(tokens=frozenset({row})))
    for system, value, expected in (
        ("urn:type", code.upper(), [id]),
        ("urn:b", code, []),
        ("urn:type", "x", []),
    ):
        assert found(Criterion(identifier, "of-type", (OfTypeValue(system, "MR", value),))) == expected
