import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patients.fhir import bundle_requests
from patients.fhir.bundle_requests import entries_of, entry_request, naming_entry
from patients.fhir.outcomes import FhirError, InvalidRequest, InvalidResource, Issue
from patients.fhir.resource import from_value

BASE = "https://example.org/fhir"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["method", "url", "ifMatch", "ifNoneMatch", "ifNoneExist", "ifModifiedSince", "other"]),
    JSON | st.sampled_from(["GET", "PUT", "Patient/1", "Patient?name=x", f"{BASE}/Patient"]),
)


def read(url, method="GET", **request):
    return entry_request(7, {"request": {"method": method, "url": url, **request}}, base=BASE)


def refused(act):
    """The failure that it raises, if any."""
    try:
        act()
    except FhirError as error:
        return error
    return None


class TestEntries:
    def test_are_those_of_a_batch_or_transaction(self):
        bundle = from_value({"resourceType": "Bundle", "type": "batch", "entry": [1, 2]})

        assert entries_of(bundle) == ("batch", [1, 2])

    def test_may_be_absent(self):
        assert entries_of(from_value({"resourceType": "Bundle", "type": "transaction"})) == (
            "transaction",
            [],
        )

    @pytest.mark.parametrize("type", ["collection", "searchset", "Batch", "", None, 1, [], {}])
    def test_of_other_bundles_are_refused(self, type):
        with pytest.raises(InvalidRequest, match="must be of type batch or transaction"):
            entries_of(from_value({"resourceType": "Bundle", "type": type}))


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "path", "query"),
        [
            ("Patient", "Patient", ""),
            ("Patient/1", "Patient/1", ""),
            ("Patient?name=a%20b&x", "Patient", "name=a%20b&x"),
            ("Patient?identifier=urn:oid:1|2", "Patient", "identifier=urn:oid:1|2"),
            (f"{BASE}/Patient/1/_history/2", "Patient/1/_history/2", ""),
            (BASE, "", ""),
            (f"{BASE}/?_type=Patient", "", "_type=Patient"),
            ("Patient/1/$everything?_count=2", "Patient/1/$everything", "_count=2"),
        ],
    )
    def test_is_relative_to_the_service(self, url, path, query):
        found = read(url)

        assert (found.path, found.query) == (path, query)

    @pytest.mark.parametrize(
        "url",
        [
            "/Patient",
            "//example.org/Patient",
            "../admin",
            "Patient/../../admin",
            "Patient/%2e%2e/%2E%2E/admin",
            "Patient/1#x",
            "Patient/%00",
            "Patient/%0d%0a",
            "https://example.com/fhir/Patient",
            "https://example.org/fhirs/Patient",
            "javascript:x",
            "Patient\\1",
        ],
    )
    def test_that_leaves_the_service_is_refused(self, url):
        with pytest.raises(InvalidRequest) as refusal:
            read(url)

        assert refusal.value.issues[0].expression == ("Bundle.entry[7].request.url",)


class TestEntryRequest:
    def test_keeps_its_conditions(self):
        found = read("Patient/1", "PUT", ifMatch='W/"1"', ifNoneMatch="*")

        assert found.conditions == {"ifMatch": 'W/"1"', "ifNoneMatch": "*"}

    @pytest.mark.parametrize("member", ["ifmatch", "if-match", "headers"])
    def test_refuses_a_condition_that_r4_does_not_know(self, member):
        with pytest.raises(InvalidResource) as refusal:
            read("Patient/1", "PUT", **{member: "x"})

        assert refusal.value.issues[0].expression == (f"Bundle.entry[7].request.{member}",)

    @given(MEMBERS | JSON, JSON)
    def test_of_anything_is_read_or_refused(self, request, resource):
        refusal = refused(lambda: entry_request(0, {"request": request, "resource": resource}, base=BASE))

        assert refusal is None or 400 <= refusal.status < 500
        expressions = [each for it in refusal.issues for each in it.expression] if refusal else []
        assert all(each.startswith("Bundle.entry[0]") for each in expressions)

    @given(st.text(max_size=30))
    def test_of_any_address_is_read_or_refused(self, url):
        refusal = refused(lambda: read(url))

        assert refusal is None or refusal.status in (400, 413)


ODD = JSON | st.sampled_from(["urn:uuid:1", "https://h/Patient/1/_history/1", "a b", "urn:x", ""])
PLAIN = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {
                "method": st.sampled_from(["GET", "POST", "PATCH", "OPTIONS", 1]),
                "url": ODD | st.just("Patient"),
            },
            optional={"id": ODD},
        )
    },
    optional={"fullUrl": ODD, "resource": JSON, "link": ODD},
)


class TestPlainEntries:
    @given(PLAIN)
    @example({"fullUrl": "https://h/Patient/1/_history/1", "request": {"method": "GET", "url": "Patient"}})
    @example({"fullUrl": "a b", "request": {"method": "GET", "url": "Patient"}})
    @example({"fullUrl": None, "request": {"method": "GET", "url": "Patient"}})
    @example({"link": "", "request": {"method": "GET", "url": "Patient"}})
    @example({"request": {"method": "OPTIONS", "url": "Patient"}})
    @example({"request": {"method": "GET", "url": "Patient?name=a b"}})
    @example({"request": {"method": "GET", "url": "Patient", "id": 1}})
    def test_are_judged_as_all_others(self, entry):
        found = refused(lambda: entry_request(0, entry, base=BASE))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bundle_requests, "_is_plain", lambda _: False)
            expected = refused(lambda: entry_request(0, entry, base=BASE))

        assert (type(found), str(found)) == (type(expected), str(expected))

    def test_are_not_walked_through(self, monkeypatch):
        walked = []
        monkeypatch.setattr(bundle_requests, "validate", walked.append)

        entry_request(0, {"fullUrl": "urn:x", "request": {"method": "GET", "url": "Patient"}}, base=BASE)
        assert walked == []
        entry_request(0, {"link": [], "request": {"method": "GET", "url": "Patient"}}, base=BASE)
        assert len(walked) == 1


class TestNamingEntry:
    def test_says_where_in_the_bundle_a_failure_lies(self):
        issues = (
            Issue("invalid", "One.", ("Patient.name[0]",)),
            Issue("invalid", "Two."),
            Issue("invalid", "Three.", ("Bundle.entry[3].request.url",)),
        )

        with pytest.raises(InvalidResource, match=r"^Entry 3: One\.$") as refusal, naming_entry(3):
            raise InvalidResource("One.", issues=issues)

        assert [it.diagnostics for it in refusal.value.issues] == [
            "Entry 3: One.",
            "Entry 3: Two.",
            "Entry 3: Three.",
        ]
        assert [it.expression for it in refusal.value.issues] == [
            ("Bundle.entry[3].resource.name[0]",),
            ("Bundle.entry[3]",),
            ("Bundle.entry[3].request.url",),
        ]
