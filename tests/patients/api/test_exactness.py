"""What was written comes out as it was written, through every interaction."""

import json

import pytest

from patients.fhir import exact_json
from patients.models import summary_refresh
from tests.patients.api.messages import created, posted, put
from tests.people import word

NUMBERS = (
    "72.50",
    "1.0E2",
    "0.000001",
    "-0",
    "-0.0",
    "1e-7",
    "100",
    "123456789012345678901234567890.123456789012345678901234567890",
    "0.000000000000000000000000000000000000000000000000000000000001",
)
# One from each plane that has characters, the borders of the surrogates, private use, the last of all.
CHARACTERS = "".join(
    map(chr, (0x41, 0xE9, 0x5D0, 0x4E2D, 0xD7FF, 0xE000, 0xFFFD, 0x1F600, 0x20000, 0x30000, 0xE0100, 0xF0000))
) + chr(0x10FFFF)
# Escapes stay escapes, and raw stays raw.
STRINGS = (f'"{CHARACTERS}"', '"\\u00e9\\ud83d\\ude00 \\" \\\\ \\/ \\n\\t"', '"\u3000\u00a0\u202e\u2028"')


def members(family: str) -> str:
    """The members of a Patient, with numbers and strings that JSON libraries like to change."""
    numbers = ",".join(f'{{"url":"urn:n","valueDecimal":{number}}}' for number in NUMBERS)
    strings = ",".join(f'{{"url":"urn:s","valueString":{string}}}' for string in STRINGS)
    return f'"extension":[{numbers},{strings}],"name":[{{"family":"{family}"}}],"active":true'


@pytest.fixture
def family() -> str:
    return word()


class TestWritten:
    def test_comes_out_of_every_interaction(self, client, family):
        written = members(family)

        creation = posted(client, f'{{"resourceType":"Patient",{written}}}')
        id = creation.json()["id"]
        again = put(client, id, f'{{ "resourceType" : "Patient", "id":"{id}", {written} }}')
        texts = {
            "create": creation,
            "update": again,
            "read": client.get(f"/fhir/Patient/{id}"),
            "vread": client.get(f"/fhir/Patient/{id}/_history/1"),
            "history": client.get(f"/fhir/Patient/{id}/_history"),
            "search": client.get("/fhir/Patient", {"family": family}),
        }

        counts = {name: response.content.decode().count(f",{written}}}") for name, response in texts.items()}
        assert counts == {"create": 1, "update": 1, "read": 1, "vread": 1, "history": 2, "search": 1}

    def test_comes_out_of_the_view_and_the_base_alike(self, client, family):
        posted(client, f'{{"resourceType":"Patient",{members(family)}}}')
        summary_refresh.refresh(trigger="command")

        response = client.get("/fhir/Patient", {"family": family})

        assert response.content.decode().count(f",{members(family)}}}") == 1

    def test_is_only_spread_out_by_pretty(self, client, family):
        id = posted(client, f'{{"resourceType":"Patient",{members(family)}}}').json()["id"]

        plain, pretty = (client.get(f"/fhir/Patient/{id}?_pretty={way}") for way in ("false", "true"))

        assert exact_json.compact(pretty.content.decode()) == plain.content.decode()


class TestStoredText:
    def test_is_never_parsed_to_be_sent(self, client, family, monkeypatch):
        id = created(client, name=[{"family": family}])
        parsed: list[str] = []
        decode = json.JSONDecoder.decode

        def noted(decoder, text, *arguments):
            parsed.append(text)
            return decode(decoder, text, *arguments)

        monkeypatch.setattr(json.JSONDecoder, "decode", noted)
        monkeypatch.setattr(exact_json, "members", lambda text: pytest.fail("parsed"))
        responses = [
            client.get(address)
            for address in (
                f"/fhir/Patient/{id}",
                f"/fhir/Patient/{id}/_history",
                f"/fhir/Patient/{id}/_history/1",
                f"/fhir/Patient?family={family}",
            )
        ]

        assert [response.status_code for response in responses] == [200] * 4
        assert [text for text in parsed if '"resourceType"' in text] == []
