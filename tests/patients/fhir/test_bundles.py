import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from patients.fhir import bundles
from patients.fhir.bundles import Link
from patients.fhir.outcomes import Issue
from patients.fhir.resource import from_value
from patients.fhir.validation import validate

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC)
SELF = [Link("self", 'https://h/fhir/Patient?name=a"b')]


@dataclass(frozen=True)
class Stored:
    resource_type: str
    id: str
    version_id: int
    last_updated: datetime
    method: str
    content: str | None
    is_creation: bool = False


def patient(
    version_id: int = 1,
    method: str = "PUT",
    content: str | None = '{"resourceType":"Patient","id":"p"}',
    **options: bool,
):
    return Stored("Patient", "p", version_id, MOMENT, method, content, **options)


class TestInstant:
    def test_is_in_utc_to_the_millisecond(self):
        eastern = timezone(timedelta(hours=-5))

        assert bundles.instant(MOMENT.astimezone(eastern)) == "2026-01-02T03:04:05.678Z"


class TestSearchset:
    def test_splices_the_text_as_it_is(self):
        text = '{"resourceType":"Patient","id":"p","extension":[{"url":"x","valueDecimal":1.0E2}]}'

        bundle = bundles.searchset([patient(content=text)], base="https://h/fhir", links=SELF, as_of=MOMENT)

        assert bundle == (
            '{"resourceType":"Bundle","meta":{"lastUpdated":"2026-01-02T03:04:05.678Z"},"type":"searchset",'
            '"link":[{"relation":"self","url":"https://h/fhir/Patient?name=a\\"b"}],'
            f'"entry":[{{"fullUrl":"https://h/fhir/Patient/p","resource":{text},"search":{{"mode":"match"}}}}]}}'
        )

    def test_has_a_total_only_if_it_was_counted(self):
        counted = bundles.searchset([], base="b", links=SELF, as_of=MOMENT, total=0)
        uncounted = bundles.searchset([], base="b", links=SELF, as_of=MOMENT)

        assert json.loads(counted)["total"] == 0
        assert "total" not in json.loads(uncounted)

    def test_puts_notes_after_the_matches(self):
        note = Issue("informational", "Slow today.", severity="information")

        bundle = json.loads(
            bundles.searchset([patient()], base="https://h", links=SELF, as_of=MOMENT, notes=[note])
        )

        assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "outcome"]
        assert bundle["entry"][1]["resource"]["issue"][0]["diagnostics"] == "Slow today."

    def test_is_valid_with_and_without_entries(self):
        for found in ([], [patient()]):
            bundle = bundles.searchset(found, base="https://h", links=SELF, as_of=MOMENT)
            validate(from_value(json.loads(bundle)))


class TestHistory:
    def test_tells_what_made_each_version(self):
        versions = [
            patient(5),
            patient(4, is_creation=True),
            patient(3, "DELETE", None),
            patient(2),
            patient(1, "POST", is_creation=True),
        ]

        bundle = json.loads(bundles.history(versions, base="https://h", links=SELF, as_of=MOMENT, total=5))

        assert [
            (entry["request"]["method"], entry["request"]["url"], entry["response"]["status"])
            for entry in bundle["entry"]
        ] == [
            ("PUT", "Patient/p", "200"),
            ("PUT", "Patient/p", "201"),
            ("DELETE", "Patient/p", "204"),
            ("PUT", "Patient/p", "200"),
            ("POST", "Patient", "201"),
        ]
        validate(from_value(bundle))
