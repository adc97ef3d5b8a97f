from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from tests.patients.api.messages import created, issue, put, updated


class TestHistory:
    def test_tells_of_each_version_the_newest_first(self, client):
        id = created(client, birthDate="1950")
        updated(client, id, birthDate="1951")
        client.delete(f"/fhir/Patient/{id}")
        put(client, id, {"resourceType": "Patient", "id": id, "birthDate": "1952"})

        bundle = client.get(f"/fhir/Patient/{id}/_history").json()

        assert (bundle["type"], bundle["total"]) == ("history", 4)
        assert [
            (
                entry["request"]["method"],
                entry["request"]["url"],
                entry["response"]["status"],
                entry["response"]["etag"],
                entry.get("resource", {}).get("birthDate"),
            )
            for entry in bundle["entry"]
        ] == [
            ("PUT", f"Patient/{id}", "201", 'W/"4"', "1952"),
            ("DELETE", f"Patient/{id}", "204", 'W/"3"', None),
            ("PUT", f"Patient/{id}", "200", 'W/"2"', "1951"),
            ("POST", "Patient", "201", 'W/"1"', "1950"),
        ]
        assert {entry["fullUrl"] for entry in bundle["entry"]} == {f"http://testserver/fhir/Patient/{id}"}

    def test_is_a_valid_bundle(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        bundle = client.get(f"/fhir/Patient/{id}/_history").json()

        validate(from_value(bundle))

    def test_gives_the_time_of_a_version_as_the_resource_does(self, client):
        bundle = client.get(f"/fhir/Patient/{created(client)}/_history").json()

        [entry] = bundle["entry"]
        assert entry["response"]["lastModified"] == entry["resource"]["meta"]["lastUpdated"]

    def test_is_turned_page_by_page(self, client):
        id = created(client)
        for _ in range(4):
            updated(client, id)
        address = f"/fhir/Patient/{id}/_history?_count=2"

        pages = []
        while address:
            bundle = client.get(address).json()
            pages.append([entry["response"]["etag"] for entry in bundle["entry"]])
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            address = links.get("next")

        assert pages == [['W/"5"', 'W/"4"'], ['W/"3"', 'W/"2"'], ['W/"1"']]

    def test_calls_it_a_creation_though_the_deletion_before_is_on_the_next_page(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")
        put(client, id, {"resourceType": "Patient", "id": id})

        bundle = client.get(f"/fhir/Patient/{id}/_history", {"_count": "1"}).json()

        assert [entry["response"]["status"] for entry in bundle["entry"]] == ["201"]

    def test_answers_404_to_an_unknown_id(self, client):
        response = client.get("/fhir/Patient/nobody/_history")

        assert issue(response) == (404, "not-found", "Patient/nobody is not known.")

    def test_refuses_what_it_would_have_to_ignore(self, client):
        id = created(client)

        refused = {
            query: issue(client.get(f"/fhir/Patient/{id}/_history?{query}"))
            for query in (
                "_since=yesterday",
                "_at=2020-02-30",
                "_sort=x",
                "_count=0",
                "_count=1e9",
                "_count=1&_count=2",
                "_cursor=x",
            )
        }

        assert refused == {
            "_since=yesterday": (
                400,
                "value",
                "Parameter '_since' has a date that is not written like 2026, 2026-07, 2026-07-15 or"
                " 2026-07-15T09:30:00Z.",
            ),
            "_at=2020-02-30": (
                400,
                "value",
                "Parameter '_at' has a date that does not exist in the calendar.",
            ),
            "_sort=x": (
                400,
                "not-supported",
                "Unknown parameter '_sort'; history takes _since, _at, _count and _cursor.",
            ),
            "_count=0": (400, "value", "Parameter '_count' takes a number from 1 to 1000 here."),
            "_count=1e9": (400, "value", "Parameter '_count' takes a number from 1 to 1000 here."),
            "_count=1&_count=2": (400, "value", "Parameter '_count' is given more than once."),
            "_cursor=x": (
                400,
                "value",
                "This '_cursor' was not given by this server; begin with the first page.",
            ),
        }
