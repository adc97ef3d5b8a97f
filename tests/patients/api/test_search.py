import urllib.parse

import psycopg
import pytest

from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from patients.models import summary_refresh
from patients.search import patients
from tests.patients.api.messages import created, found, issue, put
from tests.people import word


def links(response) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in response.json()["link"]}


class TestSearch:
    def test_answers_a_bundle_of_resources_as_stored(self, client):
        family = word()
        id = created(client, name=[{"family": family}])

        bundle = client.get("/fhir/Patient", {"family": family}).json()

        assert bundle["type"] == "searchset"
        assert "total" not in bundle
        assert bundle["entry"] == [
            {
                "fullUrl": f"http://testserver/fhir/Patient/{id}",
                "resource": client.get(f"/fhir/Patient/{id}").json(),
                "search": {"mode": "match"},
            }
        ]

    def test_answers_a_bundle_without_entries_to_what_matches_nothing(self, client):
        bundle = client.get("/fhir/Patient", {"family": word()}).json()

        assert "entry" not in bundle
        validate(from_value(bundle))

    def test_is_a_valid_bundle(self, client):
        family = word()
        created(client, name=[{"family": family}])

        bundle = client.get("/fhir/Patient", {"family": family, "_total": "accurate"}).json()

        validate(from_value(bundle))

    def test_says_in_self_what_was_understood(self, client):
        family = word()

        response = client.get(f"/fhir/Patient?family:exact={family}&_count=50&birthdate=ge1950&_total=none")

        assert links(response) == {
            "self": f"http://testserver/fhir/Patient?family:exact={family}&birthdate=ge1950"
        }

    def test_counts_where_that_is_asked(self, client):
        family = word()
        created(client, name=[{"family": family}])
        created(client, name=[{"family": family}])

        alone = client.get("/fhir/Patient", {"family": family, "_count": "0"}).json()
        with_one = client.get("/fhir/Patient", {"family": family, "_count": "1", "_total": "accurate"}).json()

        assert (alone["total"], "entry" in alone) == (2, False)
        assert (with_one["total"], len(with_one["entry"])) == (2, 1)

    @pytest.mark.parametrize(
        "query",
        [
            "_id={id}",
            "_lastUpdated=gt2020-01-01&family={family}",
            "active=true&family={family}",
            "address-city={family}",
            "birthdate=1980-02&family={family}",
            "birthdate=ap1980-02-29&family={family}",
            "deceased=false&family={family}",
            "email={family}%40example.org",
            "family:contains={middle}",
            "family:exact={family}",
            "gender=female&family={family}",
            "given=ann&family={family}",
            "identifier=urn:x|{family}",
            "identifier={family}",
            "name={family}",
            "phone=%2B44+20+7946+{digits}",
            "telecom=email|{family}%40example.org",
            "_sort=-birthdate&family={family}",
        ],
    )
    def test_finds_by_each_parameter(self, client, query, somebody):
        response = client.get("/fhir/Patient?" + query.format(**somebody))

        assert (response.status_code, found(response)) == (200, [somebody["id"]])


@pytest.fixture(scope="module")
def somebody(client) -> dict[str, str]:
    """A patient with a value for each search parameter."""
    family = word()
    digits = str(10_000_000 + int.from_bytes(family.encode()[:3], "big"))
    id = created(
        client,
        active=True,
        identifier=[{"system": "urn:x", "value": family}],
        name=[{"family": family, "given": ["Anna"]}],
        telecom=[
            {"system": "phone", "value": f"+44 (20) 7946-{digits}"},
            {"system": "email", "value": f"{family}@example.org"},
        ],
        gender="female",
        birthDate="1980-02-29",
        address=[{"city": family}],
    )
    return {"id": id, "family": family, "middle": family[3:10], "digits": digits}


class TestPages:
    def test_lead_through_all_results_once(self, client):
        family = word()
        ids = {created(client, name=[{"family": family, "given": [word()]}]) for _ in range(5)}
        response = client.get("/fhir/Patient", {"family": family, "_count": "2"})

        seen = [*found(response)]
        while "next" in links(response):
            response = client.get(links(response)["next"])
            seen += found(response)

        assert len(seen) == 5
        assert set(seen) == ids

    def test_keep_the_format_that_was_asked(self, client):
        family = word()
        for _ in range(2):
            created(client, name=[{"family": family}])

        response = client.get(
            f"/fhir/Patient?_format=application/fhir+json&_pretty=true&family={family}&_count=1"
        )
        following = client.get(links(response)["next"])

        assert following["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert following.content.startswith(b'{\n  "resourceType": "Bundle"')
        assert links(response)["next"].endswith("&_format=application/fhir%2Bjson&_pretty=true")

    def test_go_on_where_they_were_whatever_is_written_meanwhile(self, client):
        family = word()
        first, second = (created(client, name=[{"family": family, "given": [given]}]) for given in ("B", "D"))
        response = client.get("/fhir/Patient", {"family": family, "_count": "1", "_sort": "given"})
        created(client, name=[{"family": family, "given": ["A"]}])
        third = created(client, name=[{"family": family, "given": ["C"]}])

        following = client.get(links(response)["next"].replace("_count=1", "_count=9"))

        assert found(response) == [first]
        assert found(following) == [third, second]

    def test_refuse_a_cursor_of_another_search(self, client):
        family = word()
        for _ in range(2):
            created(client, name=[{"family": family}])
        response = client.get("/fhir/Patient", {"family": family, "_count": "1"})

        other = client.get(links(response)["next"].replace(family, word()))

        assert issue(other) == (
            400,
            "value",
            "This '_cursor' belongs to another search; begin with the first page.",
        )


class TestSearchByPost:
    def test_takes_a_form(self, client):
        family = word()
        id = created(client, name=[{"family": family}])

        response = client.post(
            "/fhir/Patient/_search",
            urllib.parse.urlencode({"family": family}),
            content_type="application/x-www-form-urlencoded",
        )

        assert found(response) == [id]
        assert links(response) == {"self": f"http://testserver/fhir/Patient?family={family}"}

    def test_adds_the_form_to_the_address(self, client):
        family = word()
        id = created(client, name=[{"family": family}], gender="male")
        created(client, name=[{"family": family}], gender="female")

        response = client.post(
            "/fhir/Patient/_search?gender=male",
            f"family={family}&_format=application%2Fjson&_pretty=true",
            content_type="application/x-www-form-urlencoded",
        )

        assert found(response) == [id]
        assert response["Content-Type"] == "application/json; charset=utf-8"
        assert response.content.startswith(b"{\n")

    def test_needs_no_form(self, client):
        response = client.post(
            "/fhir/Patient/_search?family=" + word(), "", content_type="application/x-www-form-urlencoded"
        )

        assert (response.status_code, found(response)) == (200, [])

    def test_answers_415_to_another_body(self, client):
        response = client.post("/fhir/Patient/_search", "{}", content_type="application/json")

        assert issue(response) == (
            415,
            "not-supported",
            "The body must be application/x-www-form-urlencoded, in UTF-8; Content-Type says otherwise.",
        )

    def test_is_not_offered_by_get(self, client):
        response = client.get("/fhir/Patient/_search")

        assert (response.status_code, response["Allow"]) == (405, "POST")


class TestFreshness:
    def test_sees_each_write_at_once_before_and_after_a_refresh(self, client):
        family, later = word(), word()
        id = created(client, name=[{"family": family}])
        summary_refresh.refresh(trigger="command")
        put(client, id, {"resourceType": "Patient", "id": id, "name": [{"family": later}]})

        assert found(client.get("/fhir/Patient", {"family": family})) == []
        assert found(client.get("/fhir/Patient", {"family": later})) == [id]


class TestWithoutTheView:
    @pytest.fixture(autouse=True)
    def _view_is_absent(self, monkeypatch):
        find = patients._find

        def find_without_view(request, source, sight, **options):
            if source == "view":
                raise psycopg.errors.UndefinedTable
            return find(request, source, sight, **options)

        monkeypatch.setattr(patients, "_find", find_without_view)

    def test_answers_exactly_and_says_so(self, client):
        family = word()
        id = created(client, name=[{"family": family}])

        response = client.get("/fhir/Patient", {"family": family})

        assert found(response) == [id]
        assert response.json()["entry"][1] == {
            "resource": {
                "resourceType": "OperationOutcome",
                "issue": [
                    {
                        "severity": "information",
                        "code": "informational",
                        "diagnostics": "The summary view of patients is being rebuilt."
                        " This answer was made without it, and is exact.",
                    }
                ],
            },
            "search": {"mode": "outcome"},
        }
        validate(from_value(response.json()))

    def test_says_so_to_simple_clients(self, client):
        assert client.get("/api/patients?_count=1").json()["source"] == "base"


class TestLenientHandling:
    def test_ignores_what_is_not_known_and_names_it(self, client):
        id = created(client)
        prefer = {"Prefer": "handling=lenient"}

        lenient = client.get(f"/fhir/Patient?_id={id}&shoe-size=45", headers=prefer).json()
        strict = client.get(f"/fhir/Patient?_id={id}&shoe-size=45", headers={"Prefer": "handling=strict"})

        assert [entry["search"]["mode"] for entry in lenient["entry"]] == ["match", "outcome"]
        [issue] = lenient["entry"][1]["resource"]["issue"]
        assert issue["severity"] == "warning"
        assert issue["diagnostics"] == "Search parameter 'shoe-size' is not known, and was ignored."
        assert strict.status_code == 400

    def test_still_refuses_what_is_known_but_wrong(self, client):
        response = client.get("/fhir/Patient?birthdate=yesterday", headers={"Prefer": "handling=lenient"})

        assert response.status_code == 400
