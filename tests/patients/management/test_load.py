"""The command `manage.py load`: what it prints, how it ends, and how it goes on after a kill."""

import bz2
import gzip
import io
import json
import re
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from patients.demo import BUNDLES
from patients.interactions.load import entries
from patients.interactions.load.sources import sources
from patients.management.commands import demo
from patients.models import LoadProgress, SummaryRefresh
from perf.database import Query, fetch_primary
from tests import published
from tests.audited import audit_records
from tests.patients.fhir.test_validation_of_published_resources import REFUSED_EXAMPLES
from tests.patients.interactions.load.loads import (
    bundle,
    identified,
    load,
    new_id,
    new_system,
    observation,
    patient,
    post,
    written,
)

ROOT = Path(__file__).parents[3]


class TestOutput:
    def test_tells_what_was_loaded(self, tmp_path):
        system = new_system()
        file = written(tmp_path / "a.ndjson", [patient(system), observation(system, "Patient/1", "2")])

        first, second = load(file, json=False), load(file, json=False)

        assert first.errors == "loading 1 file, 0.0 MB\n"
        assert first.output.startswith("2 resources loaded from 1 file in ")
        assert "\n  Patient                                  1\n" in first.output
        assert second.output == "2 resources skipped: loaded by an earlier run\n"

    def test_tells_programs_in_json(self, tmp_path):
        run = load(written(tmp_path / "a.ndjson", [patient(new_system())]))

        summary = run.summary
        assert summary.pop("seconds") > 0
        assert summary.pop("resources_per_second") > 0
        assert summary == {
            "dry_run": False,
            "files": 1,
            "files_loaded_before": 0,
            "loaded": 1,
            "created": 1,
            "updated": 0,
            "existing": 0,
            "loaded_before": 0,
            "refused": 0,
            "unreadable": [],
            "by_type": {"Patient": 1},
        }

    def test_is_quiet_if_told_so(self, tmp_path):
        run = load(written(tmp_path / "a.ndjson", [patient(new_system())]), verbosity=0)

        assert (run.exit_code, run.errors) == (0, "")

    def test_ends_with_one_line_on_what_is_missing(self, tmp_path):
        file = written(tmp_path / "a.ndjson", "{}\n")

        run = load(file, tmp_path / "absent", json=False)

        assert run.exit_code == 2
        assert run.errors.splitlines() == [
            f"not read: {tmp_path}/absent: no such file or directory.",
            "loading 1 file, 0.0 MB",
            f"refused: {file} line 1: Resource.resourceType: A resource needs a resourceType.",
            "1 resource refused and 1 file not read",
        ]

    @pytest.mark.parametrize("options", [{"max_bytes": 0}, {"report": "/absent/report"}])
    def test_refuses_options_that_make_no_sense(self, tmp_path, options):
        file = written(tmp_path / "a.ndjson", [patient(new_system())])

        assert load(file, **options).exit_code == 2


class TestDryRun:
    def test_checks_everything_and_writes_nothing(self, tmp_path):
        system, place = new_system(), f"urn:uuid:{new_id()}"
        written(
            tmp_path / "a.json",
            bundle("transaction", post(observation(system, place)), post(patient(system), place)),
        )
        written(tmp_path / "b.ndjson", [patient(system, gender="mle")])
        audited, noted = audit_records().count(), LoadProgress.objects.count()

        run = load(tmp_path, dry_run=True)

        assert (run.exit_code, run.summary["created"], run.summary["refused"]) == (1, 2, 1)
        assert run.summary["dry_run"] is True
        assert identified(system) == []
        assert (audit_records().count(), LoadProgress.objects.count()) == (audited, noted)


class TestAudit:
    def test_has_a_row_for_each_resource(self, tmp_path):
        system, id = new_system(), new_id()
        lines = [patient(system, id=id), observation(system, f"Patient/{id}"), patient(system, gender="mle")]

        load(written(tmp_path / "a.ndjson", lines))

        person = audit_records().get(resource_id=id)
        assert (person.interaction, person.outcome, person.patients) == ("create", 201, [id])
        assert (person.actor, person.channel, person.version_id) == ("manage.py load", "command", 1)
        observed = audit_records().get(resource_type="Observation", patients=[id])
        assert observed.outcome == 201
        refused = audit_records().filter(actor="manage.py load", outcome=400).latest("id")
        assert (refused.interaction, refused.resource_type, refused.patients) == ("create", "Patient", [])


class TestUnloadable:
    def test_leaves_out_what_the_database_cannot_hold(self, tmp_path):
        system, other = new_system(), new_system()
        batch = bundle(
            "batch",
            post(patient(system, "1")),
            post(patient(system, "bad"), "urn:uuid:1"),
            post(observation(system, "urn:uuid:1", "2")),
        )
        whole = bundle("transaction", post(patient(other, "1")), post(patient(other, "bad")))
        written(tmp_path / "a.json", batch)
        written(tmp_path / "b.json", whole)

        with constraint(f"NOT (system IN ('{system}', '{other}') AND value = 'bad')"):
            run = load(tmp_path)

        assert (run.exit_code, run.summary["created"], run.summary["refused"]) == (1, 1, 4)
        assert "a.json entry 1 (Patient/-): The database cannot hold it (23514)." in run.errors
        assert "a.json entry 2 (Observation/-): It refers to entry 1, which is refused." in run.errors
        assert (len(identified(system)), identified(other)) == (1, [])


class TestManyPatients:
    def test_leave_no_long_delta(self, tmp_path):
        system = new_system()
        before = SummaryRefresh.objects.filter(trigger="command").count()

        load(written(tmp_path / "a.ndjson", [patient(system, str(at)) for at in range(1001)]))

        assert SummaryRefresh.objects.filter(trigger="command").count() == before + 1


class TestKill:
    def test_is_survived_at_any_point(self, tmp_path):
        system, place = new_system(), "urn:uuid:0"
        for name in "abcd":
            observations = [post(observation(system, place, f"{name}{at}")) for at in range(249)]
            written(
                tmp_path / f"{name}.json",
                bundle("transaction", post(patient(system, name), place), *observations),
            )
        written(tmp_path / "e.ndjson", [patient(system, f"e{at}") for at in range(1600)])

        for portions in (1, 3, 5):
            killed_after(portions, tmp_path)
            noted = sum(
                LoadProgress.objects.filter(source__startswith=str(tmp_path)).values_list(
                    "entries", flat=True
                )
            )
            assert len(identified(system)) == noted

        run = load(tmp_path)

        found = identified(system)
        assert (run.exit_code, len(found), len(set(found))) == (0, 2600, 2600)
        assert run.summary["loaded"] + run.summary["loaded_before"] == 2600
        assert run.summary["loaded_before"] >= 1250
        assert audit_records().filter(resource_id__in=[each.split("/")[1] for each in found]).count() == 2600

    def test_two_runs_at_once_load_once(self, tmp_path):
        system = new_system()
        for name in "abc":
            create = [
                post(patient(system, str(at)), ifNoneExist=f"identifier={system}|{at}") for at in range(120)
            ]
            written(tmp_path / f"{name}.json", {**bundle("batch", *create), "id": name})
        written(tmp_path / "d.ndjson", [patient(system, f"d{at}") for at in range(1000)])

        runs = [started(tmp_path), started(tmp_path)]
        codes = [run.wait(timeout=120) for run in runs]

        assert codes == [0, 0]
        assert len(identified(system)) == len(set(identified(system))) == 1120


PATIENT_BUNDLE = BUNDLES / "8a4c9c04-1524-9f1c-d65b-9b17e4520fef.json.bz2"
DEMO_COUNTS = {
    "AllergyIntolerance": 19,
    "CarePlan": 170,
    "CareTeam": 170,
    "Claim": 2578,
    "Condition": 511,
    "Device": 6,
    "DiagnosticReport": 2461,
    "DocumentReference": 1416,
    "Encounter": 1416,
    "ExplanationOfBenefit": 1416,
    "ImagingStudy": 49,
    "Immunization": 528,
    "Location": 194,
    "Medication": 106,
    "MedicationAdministration": 106,
    "MedicationRequest": 1162,
    "Observation": 13108,
    "Organization": 194,
    "Patient": 40,
    "Practitioner": 195,
    "PractitionerRole": 195,
    "Procedure": 1182,
    "Provenance": 40,
    "SupplyDelivery": 598,
}


class TestRealInput:
    def test_loads_a_patient_of_synthea_exactly(self, tmp_path):
        load(*BUNDLES.glob("0-*.bz2"))
        file = repacked(PATIENT_BUNDLE, tmp_path)

        run = load(file)

        assert run.exit_code == 0
        assert run.summary["by_type"] == {
            "Claim": 3,
            "DiagnosticReport": 4,
            "DocumentReference": 3,
            "Encounter": 3,
            "ExplanationOfBenefit": 3,
            "Immunization": 7,
            "Observation": 38,
            "Patient": 1,
            "Procedure": 3,
            "Provenance": 1,
        }
        contents = loaded_contents(file)
        assert len(contents) == 66
        assert unresolved(contents) == []

    def test_keeps_all_but_the_links_of_synthea_letter_for_letter(self, tmp_path):
        load(*BUNDLES.glob("0-*.bz2"))
        file = repacked(PATIENT_BUNDLE, tmp_path)

        load(file)

        original = [
            entry["resource"] for entry in json.loads(bz2.decompress(PATIENT_BUNDLE.read_bytes()))["entry"]
        ]
        kept = [json.loads(content) for content in loaded_contents(file)]
        assert Counter(map(without_links, kept)) == Counter(map(without_links, original))

    @published.needs_published_data
    def test_loads_the_examples_of_hl7(self):
        run = load(published.FOLDER / "hl7-examples")

        # What is refused and why: tests/patients/fhir/test_validation_of_published_resources.py.
        assert (run.exit_code, run.summary["refused"]) == (1, len(REFUSED_EXAMPLES))
        assert run.summary["loaded"] == 730 - len(REFUSED_EXAMPLES)

    @pytest.mark.long
    def test_loads_the_whole_demo_exactly(self, tmp_path):
        for file in BUNDLES.glob("*.bz2"):
            repacked(file, tmp_path)

        run = load(tmp_path)
        again = load(tmp_path)

        by_type = run.summary["by_type"]
        expected = Counter(DEMO_COUNTS)
        if run.summary["existing"]:
            # Another test has loaded the hospitals: ifNoneExist finds them.
            for name in ("Location", "Organization", "Practitioner"):
                del expected[name]
        assert (run.exit_code, by_type) == (0, dict(expected))
        assert run.summary["existing"] + run.summary["created"] == 27_860
        assert again.summary["loaded_before"] == 27_860
        for file in tmp_path.iterdir():
            assert unresolved(loaded_contents(file)) == []


class TestDemo:
    def test_is_made_once(self, settings, monkeypatch, tmp_path):
        settings.DEMO = True
        monkeypatch.setattr(demo, "BUNDLES", tmp_path)
        monkeypatch.setattr(demo, "USERS", ((f"nurse-{new_id()}", "demo-nurse-login", False),))
        system = new_system()
        written(tmp_path / "a.json", bundle("transaction", post(patient(system))))

        for _ in range(2):
            call_command("demo", stdout=io.StringIO(), stderr=io.StringIO(), skip_checks=True)

        assert len(identified(system)) == 1

    def test_fits_its_bounds(self):
        files = [file for file in BUNDLES.iterdir() if file.suffix == ".bz2"]

        assert len(files) == 42
        assert sum(file.stat().st_size for file in files) <= 3_500_000
        assert (BUNDLES / "SOURCES.md").is_file()


@contextmanager
def constraint(condition):
    """Let the database hold no token but those that meet the condition."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE search_tokens ADD CONSTRAINT test_only CHECK ({condition}) NOT VALID")
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE search_tokens DROP CONSTRAINT test_only")
        connections["owner"].close()


def started(folder):
    """A run in a process of its own."""
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "load",
        str(folder),
        "--skip-checks",
        "--verbosity",
        "0",
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_after(portions, folder):
    """Kill a run when it has committed so many portions, in the midst of the next."""
    noted = LoadProgress.objects.filter(source__startswith=str(folder))
    run = started(folder)
    deadline = time.monotonic() + 60
    while noted.count() < portions and run.poll() is None:
        assert time.monotonic() < deadline, "the run loads nothing"
        time.sleep(0.001)
    time.sleep(0.003 * portions)
    run.kill()
    assert run.wait() == -signal.SIGKILL, "the run was through before it was killed"
    settle()


def settle():
    """Wait until the server has noticed that the client of an open transaction is gone."""
    deadline = time.monotonic() + 30
    while fetch_primary(_OPEN, ())[0][0]:
        assert time.monotonic() < deadline, "a transaction of the killed run is still open"
        time.sleep(0.01)


_OPEN = Query(
    "transactions of other loads",
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'fhirsite' AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
    """,
)


def repacked(file, folder):
    """The same document in a file that was not loaded before."""
    text = bz2.decompress(file.read_bytes())
    target = folder / file.name.replace(".bz2", ".gz")
    target.write_bytes(gzip.compress(text + b"\n" * (uuid.uuid4().int % 4096), compresslevel=1))
    return target


_LOADED = Query(
    "contents by id",
    """
    SELECT v.content FROM unnest(%s::text[]) AS wanted (id)
    JOIN fhir_resources r ON r.fhir_id = wanted.id
    JOIN fhir_resource_versions v ON v.resource_id = r.id
    """,
)
_KNOWN = Query(
    "which are known",
    "SELECT resource_type || '/' || fhir_id FROM fhir_resources "
    "WHERE NOT deleted AND resource_type || '/' || fhir_id = ANY(%s)",
)


def loaded_contents(file):
    """The texts of what a bundle's POSTs have made."""
    (source,) = sources(file)
    document = entries.document(gzip.decompress(file.read_bytes()))
    made = [
        entries.entry(each, bundle_type=document.bundle_type, digest=source.digest, full_urls=()).id
        for each in document.candidates
    ]
    return [row[0] for row in fetch_primary(_LOADED, (made,))]


def unresolved(contents):
    """The references that name nothing that is there."""
    found = {text for content in contents for text in re.findall(r'"reference":"([^"#][^"]*)"', content)}
    known = {row[0] for row in fetch_primary(_KNOWN, (sorted(found),))}
    return sorted(found - known)


def without_links(value):
    """The resource as text, without what loading may change."""
    value = {name: item for name, item in value.items() if name not in ("id", "meta")}
    return re.sub(r'"reference": "[^"#]*"', '"reference": ""', json.dumps(value, sort_keys=True))
