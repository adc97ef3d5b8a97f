import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from patients.models import FhirResource, PatientSummary, PatientSummaryDelta


def test_adds_to_what_is_there(database):
    summary = _generate(40, "--into-existing", seed=11)

    found = FhirResource.objects.filter(fhir_id__startswith="generated-11-")
    assert found.filter(resource_type="Observation").count() == 40
    assert found.filter(resource_type="Patient").count() == 2
    assert (summary["observations"], summary["patients"]) == (40, 2)


def test_leaves_patients_in_the_view_and_none_of_them_in_the_delta(database):
    _generate(20, "--into-existing", seed=12)

    assert PatientSummary.objects.filter(patient_id="generated-12-p0000000").count() == 1
    assert not PatientSummaryDelta.objects.filter(patient_id="generated-12-p0000000").exists()


@pytest.mark.long
def test_writes_the_same_by_several_processes(database):
    _generate(40, "--into-existing", "--processes", "2", seed=13)

    assert FhirResource.objects.filter(fhir_id__startswith="generated-13-").count() == 42


def test_refuses_where_records_are(database):
    _generate(20, "--into-existing", seed=14)

    with pytest.raises(CommandError, match="There are records already; --into-existing adds to them"):
        _generate(20, seed=15)


def test_refuses_to_make_the_same_twice(database):
    _generate(20, "--into-existing", seed=16)

    with pytest.raises(CommandError, match="generated before; another --seed"):
        _generate(20, "--into-existing", seed=16)


def test_refuses_what_the_disk_has_no_room_for(database):
    with pytest.raises(CommandError, match="GB are needed"):
        _generate(10**10, "--into-existing", seed=17)


@pytest.mark.parametrize("number", [0, -1])
def test_refuses_numbers_that_are_none(number, database):
    with pytest.raises(CommandError, match="above 0"):
        _generate(number)


def test_writes_nothing_when_it_runs_dry(database):
    before = FhirResource.objects.count()

    summary = _generate(2_000_000, "--dry-run")

    assert summary["patients"] == 100_000
    assert summary["bytes"] > 2_000_000 * 9_000
    assert FhirResource.objects.count() == before


def _generate(number: int, *options: str, seed: int = 1) -> dict:
    answer = StringIO()
    # With the number after "--", for it may be negative.
    arguments = ["generate_observations", *options, "--json", "--seed", str(seed)]
    if "--processes" not in options:
        arguments += ["--processes", "1"]
    call_command(*arguments, "--", str(number), stdout=answer)
    return json.loads(answer.getvalue())
