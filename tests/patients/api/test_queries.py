import urllib.parse

from tests.patients.api.messages import created, found
from tests.people import word


class TestQueryString:
    def test_keeps_pluses_escapes_and_separators_as_meant(self, client):
        family = f"{word()} a+b & c=d;é,ü|\\"
        id = created(client, name=[{"family": family}])
        escaped = family.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|")

        by_percent = client.get(f"/fhir/Patient?family:exact={urllib.parse.quote(escaped)}")
        by_plus = client.get(f"/fhir/Patient?family:exact={urllib.parse.quote_plus(escaped)}")

        assert found(by_percent) == found(by_plus) == [id]

    def test_may_hold_utf_8_as_it_is(self, client):
        family = word() + "é"
        id = created(client, name=[{"family": family}])

        raw = f"family:exact={family}".encode().decode("latin-1")
        response = client.get("/fhir/Patient", QUERY_STRING=raw)

        assert found(response) == [id]

    def test_may_have_empty_parts(self, client):
        family = word()
        id = created(client, name=[{"family": family}])

        assert found(client.get(f"/fhir/Patient?&family={family}&&")) == [id]
