from patients.fhir.resource import from_value
from patients.fhir.search_parameters import OFFERED
from patients.fhir.validation import validate
from tests.patients.api.messages import issue


class TestCapabilities:
    def test_are_valid(self, anonymous):
        statement = anonymous.get("/fhir/metadata").json()

        validate(from_value(statement))

    def test_name_the_interactions_that_the_addresses_offer(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        [patient] = rest["resource"]
        assert patient["type"] == "Patient"
        assert [each["code"] for each in patient["interaction"]] == [
            "read",
            "vread",
            "update",
            "delete",
            "history-instance",
            "create",
            "search-type",
        ]

    def test_name_every_search_parameter_that_works(self, client):
        [rest] = client.get("/fhir/metadata").json()["rest"]

        named = {each["name"]: each["type"] for each in rest["resource"][0]["searchParam"]}
        values = {"token": "true", "date": "2000", "string": "a"}
        statuses = {
            name: client.get(
                "/fhir/Patient", {name: "male" if name == "gender" else values[type]}
            ).status_code
            for name, type in named.items()
        }
        assert list(named) == list(OFFERED["Patient"])
        assert set(statuses.values()) == {200}

    def test_tell_where_the_service_is(self, anonymous):
        statement = anonymous.get("/fhir/metadata", secure=True, headers={"Host": "localhost:8443"}).json()

        assert statement["implementation"]["url"] == "https://localhost:8443/fhir"
        assert statement["fhirVersion"] == "4.0.1"

    def test_tell_what_is_not_there(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        assert "interaction" not in rest
        assert rest["resource"][0]["conditionalCreate"] is False
        assert "batch and transaction, patch, conditional create" in rest["documentation"]

    def test_are_full_only(self, anonymous):
        assert anonymous.get("/fhir/metadata?mode=full").status_code == 200
        assert issue(anonymous.get("/fhir/metadata?mode=terminology")) == (
            400,
            "not-supported",
            "Of the parameters of capabilities, only mode=full is offered.",
        )

    def test_need_no_good_credentials(self, anonymous):
        response = anonymous.get("/fhir/metadata", headers={"Authorization": "Bearer wrong"})

        assert response.status_code == 200
