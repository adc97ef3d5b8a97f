from patients.fhir.resource import RESOURCE_TYPES, from_value
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.validation import validate
from tests.patients.api.messages import issue


class TestCapabilities:
    def test_are_valid(self, anonymous):
        statement = anonymous.get("/fhir/metadata").json()

        validate(from_value(statement))

    def test_name_the_interactions_that_the_addresses_offer(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        offered = {
            resource["type"]: [each["code"] for each in resource["interaction"]]
            for resource in rest["resource"]
        }
        common = ["read", "vread", "update", "delete", "history-instance", "history-type", "create"]
        assert offered.keys() == RESOURCE_TYPES - {"Parameters"}
        assert [each for each in offered["Patient"] if each != "patch"] == [*common, "search-type"]
        assert all([code for code in codes if code in common] == common for codes in offered.values())
        assert {"transaction", "batch", "history-system"} <= {each["code"] for each in rest["interaction"]}

    def test_name_every_search_parameter_that_works(self, client):
        [rest] = client.get("/fhir/metadata").json()["rest"]

        [patient] = [each for each in rest["resource"] if each["type"] == "Patient"]
        named = {each["name"]: each["type"] for each in patient["searchParam"]}
        values = {"token": "true", "date": "2000", "string": "a"}
        statuses = {
            name: client.get(
                "/fhir/Patient", {name: "male" if name == "gender" else values[type]}
            ).status_code
            for name, type in named.items()
            if type in values and not name.startswith("_")
        }
        assert named.keys() >= NATIVE_PATIENT_PARAMETERS.keys()
        assert set(statuses.values()) == {200}

    def test_offer_search_only_with_its_parameters(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        for resource in rest["resource"]:
            is_searched = "search-type" in [each["code"] for each in resource["interaction"]]
            assert is_searched == ("searchParam" in resource)

    def test_tell_where_the_service_is(self, anonymous):
        statement = anonymous.get("/fhir/metadata", secure=True, headers={"Host": "localhost:8443"}).json()

        assert statement["implementation"]["url"] == "https://localhost:8443/fhir"
        assert statement["fhirVersion"] == "4.0.1"

    def test_tell_what_is_not_there(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        assert "Parameters, which is never stored. XML is not offered." in rest["documentation"]

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
