import re

import pytest
from django.db import OperationalError

from patients.search import patients as patient_search
from tests.audited import audit_records
from tests.people import word


def text_of(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def family():
    return word()


class TestSearch:
    def test_begins_with_a_box_and_nothing_else(self, client):
        response = client.get("/")

        assert response.status_code == 200
        assert "What you can type" in text_of(response)

    def test_finds_words_of_a_name_in_any_order(self, client, family, records):
        given = word()
        id = records.patient(
            name=[{"family": family, "given": [given]}], gender="female", birthDate="1945-07-14"
        )

        response = client.get("/", {"q": f"{given[:6]} {family[:9]}"})

        assert f'href="/patients/{id}/"' in response.content.decode()
        assert "1 found" in text_of(response)
        assert f"Name begins with {given[:6]} and {family[:9]}" in text_of(response)

    def test_narrows_by_each_word(self, client, family, records):
        records.patient(name=[{"family": family}])

        response = client.get("/", {"q": f"{family} {word()}"})

        assert "No patient matches" in text_of(response)

    def test_finds_by_date_of_birth_as_people_write_it(self, client, family, records):
        id = records.patient(name=[{"family": family}], birthDate="1945-07-14")

        for typed in ("14/7/1945", "14-Jul-1945", "1945-07-14", "1945", "Jul 1945"):
            assert f"/patients/{id}/" in client.get("/", {"q": f"{family} {typed}"}).content.decode(), typed

    def test_finds_the_day_and_month_the_other_way_round_if_nobody_else_fits(self, client, family, records):
        id = records.patient(name=[{"family": family}], birthDate="1969-05-12")

        response = client.get("/", {"q": f"{family} 05/12/1969"})

        assert f"/patients/{id}/" in response.content.decode()
        assert "Born 12-May-1969" in text_of(response)

    def test_finds_an_identifier_and_a_phone_by_the_number(self, client, family, records):
        number = str(abs(hash(family)))[:9].ljust(9, "7")
        by_identifier = records.patient(identifier=[{"system": "urn:x", "value": number}])
        by_phone = records.patient(telecom=[{"system": "phone", "value": f"0{number}"}])

        found = client.get("/", {"q": f"{number[:3]} {number[3:6]} {number[6:]}"})
        called = client.get("/", {"q": f"0{number[:4]} {number[4:]}"})

        assert f"/patients/{by_identifier}/" in found.content.decode()
        assert f"/patients/{by_phone}/" in called.content.decode()
        assert "Phone 0" in text_of(called)

    def test_shows_a_write_at_once(self, client, family, records):
        id = records.patient(name=[{"family": family, "given": ["Before"]}])
        records.changed(id, name=[{"family": family, "given": ["After"]}])

        assert ", After" in text_of(client.get("/", {"q": family}))

    def test_flags_who_died_who_is_inactive_and_who_is_merged(self, client, family, records):
        other = records.patient(name=[{"family": word()}])
        records.patient(name=[{"family": family}], deceasedDateTime="2020-03-25", birthDate="1929-03-21")
        link = [{"type": "replaced-by", "other": {"reference": f"Patient/{other}"}}]
        records.patient(name=[{"family": family}], active=False, link=link)

        shown = text_of(client.get("/", {"q": family}))

        assert "Died 25-Mar-2020, at 91y" in shown
        assert "Merged" in shown
        assert "Inactive" in shown

    def test_pages_through_all_of_them_without_script(self, client, family, records):
        made = {records.patient(name=[{"family": family, "given": [f"{number:02}"]}]) for number in range(53)}
        address, found, pages = f"/?q={family}", set(), 0

        while address:
            page = client.get(address).content.decode()
            found |= set(re.findall(r'href="/patients/([^"/]+)/"', page))
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address, pages = following and following.group(1).replace("&amp;", "&"), pages + 1

        assert (found, pages) == (made, 2)

    def test_shows_what_was_typed_and_stored_as_text(self, client, family, records):
        records.patient(name=[{"family": f"{family}<script>alert(1)</script>"}])

        page = client.get("/", {"q": f'{family} "><script>x'}).content.decode()
        found = client.get("/", {"q": family}).content.decode()

        assert "<script>" not in page + found
        assert "&lt;SCRIPT&gt;" in found

    def test_answers_400_to_more_than_a_box_holds(self, client):
        response = client.get("/", {"q": "x" * 201})

        assert response.status_code == 400
        assert "Type at most 200 letters" in text_of(response)

    def test_answers_400_to_a_date_that_is_in_no_calendar(self, client, family):
        response = client.get("/", {"q": f"{family} 31/2/2000"})

        assert response.status_code == 400
        assert "31/2/2000 is not a date in the calendar." in text_of(response)

    def test_answers_400_to_a_parameter_it_does_not_know(self, client, family):
        response = client.get("/", {"name": family})

        assert response.status_code == 400
        assert "This page does not know the parameter “name” in its address." in text_of(response)

    def test_answers_400_to_a_cursor_that_is_not_ours(self, client, family):
        response = client.get("/", {"q": family, "cursor": "made-up"})

        assert response.status_code == 400
        assert "This cannot be searched for." in text_of(response)

    def test_answers_400_to_a_character_no_text_may_have(self, client):
        assert client.get("/", {"q": "a\x00b"}).status_code == 400

    def test_says_that_nobody_is_ruled_out_when_no_answer_came(self, client, family, monkeypatch):
        # The store cannot be stopped here: other tests need it.
        def down(*_args, **_kwargs):
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(patient_search, "find", down)

        response = client.get("/", {"q": family})

        assert response.status_code == 503
        assert "No answer came, so nobody has been ruled out." in text_of(response)
        assert response["X-Request-Id"] in text_of(response)
        assert "No patient matches" not in text_of(response)

    def test_is_audited(self, client, clinician, family, records):
        id = records.patient(name=[{"family": family}])

        response = client.get("/", {"q": family})

        record = audit_records().get(request_id=response["X-Request-Id"], interaction="search")
        assert record.patients == [id]
