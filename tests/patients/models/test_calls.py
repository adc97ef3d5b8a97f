"""Many changes in one call of the door: each by itself, whatever becomes of the others."""

import random
import uuid
from dataclasses import replace

import psycopg
import pytest

from patients.fhir.resource import from_value
from patients.models import FhirResource, writing
from perf import database
from tests.patients.models.indexed import index_flaws, some_values
from tests.patients.models.recomputed import flaws
from tests.people import patient, word


def _basic(id: str, *, version: int, title: str = "x") -> writing.Change:
    value = {
        "resourceType": "Basic",
        "id": id,
        "identifier": [{"system": "urn:test:calls", "value": title}],
        "code": {"coding": [{"system": "urn:x", "code": title}], "text": title},
        "subject": {"reference": f"Patient/{title}"},
        "created": "2024-02-29",
    }
    return writing.change_to(from_value(value), id=id, expected_version=version, method="PUT")


def _ids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def _all_flaws(ids: list[str]) -> list[str]:
    return [flaw for id in ids for flaw in flaws("Basic", id)]


class TestCall:
    def test_creates_changes_and_deletes(self):
        made, changed, deleted = _ids(3), _ids(3), _ids(3)
        writing.write_all(_basic(id, version=0) for id in (*changed, *deleted))

        written = writing.write_all(
            [
                *(_basic(id, version=0) for id in made),
                *(_basic(id, version=1, title="y") for id in changed),
                *(writing.deletion_of("Basic", id=id, expected_version=1) for id in deleted),
            ]
        )

        assert [each.version_id for each in written] == [1, 1, 1, 2, 2, 2, 2, 2, 2]
        assert [each.content is None for each in written] == [False] * 6 + [True] * 3
        assert _all_flaws([*made, *changed, *deleted]) == []

    @pytest.mark.parametrize("seed", range(4))
    def test_leaves_of_each_what_its_last_version_demands(self, seed):
        chance = random.Random(seed)
        versions = dict.fromkeys(_ids(6), 0)
        values = {}
        for _ in range(12):
            some = chance.sample(list(versions), chance.randrange(1, 7))
            changes = []
            for id in some:
                if values.get(id) and chance.random() < 0.2:
                    values[id] = None
                    changes.append(writing.deletion_of("Basic", id=id, expected_version=versions[id]))
                else:
                    values[id] = some_values(chance)
                    changes.append(replace(_basic(id, version=versions[id]), index=values[id]))
                versions[id] += 1

            assert None not in writing.write_all(changes)

            for id in values:
                row = FhirResource.objects.get(resource_type="Basic", fhir_id=id)
                assert index_flaws(row.pk, "Basic", values[id]) == []

    def test_tells_what_somebody_else_has_written_and_writes_the_others(self):
        there, fresh, stale, current = _ids(4)
        writing.write_all(_basic(id, version=0) for id in (there, stale, current))
        writing.write(_basic(stale, version=1))

        written = writing.write_all(
            [
                _basic(there, version=0, title="y"),
                _basic(fresh, version=0),
                _basic(stale, version=1, title="y"),
                writing.deletion_of("Basic", id=stale, expected_version=7),
                _basic(current, version=1, title="y"),
            ]
        )

        assert [each and each.version_id for each in written] == [None, 1, None, None, 2]
        assert _all_flaws([there, fresh, stale, current]) == []

    def test_of_patients_keeps_index_and_delta(self):
        ids = _ids(3)
        writing.write_all(
            writing.change_to(
                patient(id=id, name=[{"family": word()}]), id=id, expected_version=0, method="PUT"
            )
            for id in ids
        )

        writing.write_all(
            [
                writing.change_to(
                    patient(id=ids[0], name=[{"family": word()}]),
                    id=ids[0],
                    expected_version=1,
                    method="PUT",
                ),
                writing.deletion_of("Patient", id=ids[1], expected_version=1),
                _basic(str(uuid.uuid4()), version=0),
            ]
        )

        assert [flaw for id in ids for flaw in flaws("Patient", id)] == []

    def test_tells_the_content_that_is_stored(self):
        change = _basic(str(uuid.uuid4()), version=0, title='"\\ {,} č\t\u2028')

        written = writing.write(change)

        query = database.Query(
            "content",
            "SELECT v.content, v.last_updated FROM fhir_resources r JOIN fhir_resource_versions v"
            " ON v.resource_id = r.id WHERE r.fhir_id = %s",
        )
        assert database.fetch_primary(query, (change.id,)) == [(written.content, written.last_updated)]


class TestPortions:
    def test_give_a_resource_that_comes_twice_two_versions(self):
        id, other = _ids(2)

        written = writing.write_all(
            [
                _basic(id, version=0),
                _basic(other, version=0),
                _basic(id, version=1, title="y"),
                writing.deletion_of("Basic", id=id, expected_version=2),
            ]
        )

        assert [each.version_id for each in written] == [1, 1, 2, 3]
        assert _all_flaws([id, other]) == []

    def test_are_as_many_as_it_takes_and_answer_in_order(self):
        ids, executions = _ids(2 * writing.CHANGES_IN_A_CALL + 1), []

        with database.observed(executions.append):
            written = writing.write_all(_basic(id, version=0) for id in ids)

        assert [each.name for each in executions] == ["write"] * 3
        assert [f'"id":"{id}"' in each.content for id, each in zip(ids, written, strict=True)] == [
            True
        ] * len(ids)
        rows = FhirResource.objects.filter(fhir_id__in=ids).order_by("pk")
        assert list(rows.values_list("fhir_id", flat=True)) == ids

    def test_of_nothing_ask_nothing(self):
        executions = []

        with database.observed(executions.append):
            assert writing.write_all([]) == []

        assert executions == []


class TestWhatCannotBeStored:
    def test_is_refused_and_nothing_of_the_call_is_written(self):
        ids = _ids(2)
        bad = replace(
            _basic(ids[1], version=0),
            values=replace(_basic(ids[1], version=0).values, tokens=frozenset({("identifier", "", "\0")})),
        )

        with pytest.raises(psycopg.DataError):
            writing.write_all([_basic(ids[0], version=0), bad])

        assert not FhirResource.objects.filter(fhir_id__in=ids).exists()
