"""`_typeFilter`: resources that searches of their type find, and all of other types."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.test import Client

from patients.fhir import type_filters
from tests.patients.api.export.orders import ASYNC, ids_in, job_of, lines_of, manifest_of, ordered, work
from tests.patients.api.messages import FHIR
from tests.people import word


def exported(client: Client, types: str, *filters: str) -> set[str]:
    return ids_in(lines_of(client, manifest_of(client, address(types, *filters))))


def address(types: str, *filters: str) -> str:
    return f"/fhir/$export?_type={types}" + "".join(f"&_typeFilter={quote(each)}" for each in filters)


class TestFilters:
    def test_choose_within_their_type_only(self, client, records):
        family = word()
        found = records.patient(name=[{"family": family}])
        other = records.patient(name=[{"family": word()}])
        conditions = {records.condition(each, "Cough") for each in (found, other)}

        ids = exported(client, "Patient,Condition", f"Patient?family={family}")

        assert found in ids
        assert other not in ids
        assert conditions <= ids

    def test_of_one_type_take_what_any_of_them_finds(self, client, records):
        families = [word() for _ in range(4)]
        found = [records.patient(name=[{"family": each}]) for each in families]

        first, second, third, _ = families
        either = f"Patient?family={first},Patient?name={second}"
        ids = exported(client, "Patient", either, f"Patient?family={third},{word()}")

        assert ids == set(found[:3])

    def test_may_be_any_criteria_of_the_search(self, client, records):
        patient, other = records.patient(gender="female"), records.patient(gender="male")
        conditions = [records.condition(patient, text) for text in ("Cough", "Rash")]
        records.condition(other, "Cough")

        assert exported(client, "Condition", f"Condition?subject=Patient/{patient}&code:text=cough") == {
            conditions[0]
        }
        assert exported(
            client, "Condition", f"Condition?patient.gender=female&patient=Patient/{patient}"
        ) == set(conditions)
        assert other not in exported(client, "Patient", "Patient?gender:not=male")

    def test_take_what_there_is_now_of_what_changed_since_the_order(self, client, records):
        before, after = word(), word()
        comes, goes, gone, stays = [
            records.patient(name=[{"family": family}]) for family in (before, after, after, after)
        ]
        status = ordered(client, address("Patient", f"Patient?family={after}"))
        records.changed(comes, name=[{"family": after}])
        records.changed(goes, name=[{"family": before}])
        records.deleted(gone)
        new = records.patient(name=[{"family": after}])
        work(status)

        lines = lines_of(client, client.get(status).json())

        assert ids_in(lines) == {comes, stays}
        assert new not in ids_in(lines)
        assert {json.loads(each)["name"][0]["family"] for each in lines} == {after}

    def test_go_on_from_slice_to_slice(self, client, records, monkeypatch):
        from patients.interactions.export import running

        monkeypatch.setattr(running, "SLICE", 3)
        substance = {"resourceType": "Substance", "identifier": [{"value": word()}], "code": {"text": "x"}}
        found = {records.stored(substance) for _ in range(8)}
        records.stored({"resourceType": "Substance", "code": {"text": "x"}})

        value = substance["identifier"][0]["value"]
        assert exported(client, "Substance", f"Substance?identifier={value}") == found

    def test_may_be_posted(self, client, records):
        body = {
            "resourceType": "Parameters",
            "parameter": [{"name": "_typeFilter", "valueString": "Patient?active=true"}],
        }

        response = client.post("/fhir/$export", json.dumps(body), content_type=FHIR, headers=ASYNC)

        assert job_of(response["Content-Location"]).type_filters == ["Patient?active=true"]

    def test_leave_room_for_the_ids_of_a_slice(self):
        [found] = type_filters.parse(["Patient?name=" + "x" * 30_000], ["Patient"])

        assert type_filters.search_of(found, ["y" * 64] * type_filters.MOST_IDS).criteria

    @pytest.mark.parametrize(
        "text", ["", "?", "Patient", "Patient?", "Patient?=", "Patient?_count=1", "\x00?"]
    )
    def test_that_are_no_searches_are_refused(self, client, text):
        assert client.get(address("Patient", text), headers=ASYNC).status_code == 400

    @pytest.mark.parametrize("filter", ["Group?code=x", "Condition?subject:Group.code=x"])
    def test_are_refused_until_the_index_of_all_that_decides_is_complete(self, client, filter):
        with incomplete("Group"):
            refused = client.get(address("Group,Condition", filter), headers=ASYNC)
            taken = client.get(address("Group"), headers=ASYNC)

        assert (refused.status_code, taken.status_code) == (503, 202)

    def test_wait_while_the_index_is_made_anew_meanwhile(self, client, records):
        mark = word()
        id = records.stored({"resourceType": "Basic", "code": {"coding": [{"code": mark}]}})
        status = ordered(client, address("Basic", f"Basic?code={mark}"))

        with incomplete("Basic"):
            for _ in range(7):
                work(status)
            waiting = client.get(status)
        work(status)

        assert waiting.status_code == 202
        assert ids_in(lines_of(client, client.get(status).json())) == {id}


@contextmanager
def incomplete(resource_type: str) -> Iterator[None]:
    """An upgrade has changed what resources of the type are found by."""
    from patients.models.search_index import SearchIndexState

    state = SearchIndexState.objects.filter(resource_type=resource_type)
    was = state.values().first() or {"is_complete": True}
    SearchIndexState.objects.update_or_create(resource_type=resource_type, defaults={"is_complete": False})
    try:
        yield
    finally:
        state.update(**was)
