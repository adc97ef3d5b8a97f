"""Files, folders, archives and NDJSON: what is found, in which order, and what cannot be read."""

import bz2
import gzip
import io
import json
import os
import sys
import zipfile

import pytest

from patients.interactions.load.sources import UnreadableError, files, sources
from tests.patients.interactions.load.loads import (
    bundle,
    identified,
    load,
    new_id,
    new_system,
    observation,
    patient,
    post,
    stored,
    stored_text,
    written,
)


class TestFound:
    def test_files_of_a_folder_in_the_order_of_their_names(self, tmp_path):
        (tmp_path / "b").mkdir()
        names = ["a.ndjson", "b/c.json.bz2", "b/d.JSON.gz", "e.zip", "f.jsonl"]
        for name in (*names, "SOURCES.md", "g.txt", "h.gz"):
            (tmp_path / name).touch()

        assert files(str(tmp_path)) == [tmp_path / name for name in names]

    def test_members_of_an_archive(self, tmp_path):
        file = tmp_path / "a.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for name in ("z.json", "a/b.ndjson.gz", "README"):
                archive.writestr(name, "{}")

        assert [source.name for source in sources(file)] == [f"{file}:a/b.ndjson.gz", f"{file}:z.json"]

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("absent.json", "absent.json: no such file or directory."),
            ("a.txt", "a.txt: not named .json, .ndjson or .jsonl, plain, .gz or .bz2, or .zip of these."),
            ("empty", "empty: the folder holds no file named .json, .ndjson or .jsonl"),
        ],
    )
    def test_nothing(self, tmp_path, name, sentence):
        (tmp_path / "a.txt").touch()
        (tmp_path / "empty").mkdir()

        with pytest.raises(UnreadableError) as raised:
            files(str(tmp_path / name))

        assert str(raised.value).startswith(f"{tmp_path}/{sentence}")


class TestLines:
    def test_are_stored_letter_for_letter(self, tmp_path):
        id = new_id()
        line = f'{{"resourceType":"Basic", "id":"{id}","code":{{"text":"\\u00e9\\/é"}},"extension":[{{"url":"http://x.org","valueDecimal":1.0E2}}]}}'

        run = load(written(tmp_path / "a.ndjson", f"\n{line}\n\n"))

        assert run.summary["created"] == 1
        assert stored_text(f"Basic/{id}").endswith(line.replace(" ", "").split(f'"id":"{id}"')[1])

    def test_of_one_resource_are_its_versions(self, tmp_path):
        id, system = new_id(), new_system()
        lines = [patient(system, id=id), patient(system, id=id, active=True)]

        run = load(written(tmp_path / "a.ndjson", lines))

        assert (run.summary["created"], run.summary["updated"]) == (1, 1)
        assert stored(f"Patient/{id}")["active"] is True

    def test_are_refused_one_by_one(self, tmp_path):
        system = new_system()
        lines = [patient(system, str(at)) for at in range(1203)]
        lines[1100]["gender"] = "mle"
        text = "".join(json.dumps(each) + "\n" for each in lines).replace(json.dumps(lines[7]), '{"a":')
        report = tmp_path / "report"

        run = load(written(tmp_path / "a.ndjson", text), report=str(report))

        assert (run.exit_code, run.summary["created"], run.summary["refused"]) == (1, 1201, 2)
        assert "a.ndjson line 8: " in run.errors
        assert "a.ndjson line 1101 (Patient/-): Patient.gender must be one of the codes" in run.errors
        told = [json.loads(line) for line in report.read_text().splitlines()]
        assert [each["line"] for each in told] == [8, 1101]
        assert told[1]["source"].endswith("a.ndjson")
        assert told[1]["outcome"]["issue"][0]["expression"] == ["Patient.gender"]
        assert len(identified(system)) == 1201

    def test_come_from_the_standard_input(self, monkeypatch):
        system = new_system()
        text = "".join(json.dumps(patient(system, str(at))) + "\n" for at in range(3)).encode()

        def run():
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
            return load("-")

        first, second = run(), run()

        assert (first.summary["created"], second.summary["loaded_before"]) == (3, 3)
        assert len(identified(system)) == 3

    def test_may_refer_to_lines_before(self, tmp_path):
        system = new_system()
        lines = [patient(system, "1"), observation(system, f"Patient?identifier={system}|1", "2")]

        load(written(tmp_path / "a.ndjson", lines))

        person, observed = identified(system)
        assert stored(observed)["subject"]["reference"] == person


class TestCompressed:
    @pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
    def test_documents_and_lines(self, tmp_path, suffix, compress):
        system = new_system()
        document = json.dumps(bundle("transaction", post(patient(system, "1"))))
        (tmp_path / f"a.json{suffix}").write_bytes(compress(document.encode()))
        (tmp_path / f"b.ndjson{suffix}").write_bytes(compress(json.dumps(patient(system, "2")).encode()))

        run = load(tmp_path)

        assert (run.exit_code, run.summary["created"]) == (0, 2)

    def test_archives(self, tmp_path):
        system = new_system()
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.json", json.dumps(bundle("transaction", post(patient(system, "1")))))
            archive.writestr("b.ndjson.gz", gzip.compress(json.dumps(patient(system, "2")).encode()))

        first, second = load(tmp_path / "a.zip"), load(tmp_path / "a.zip")

        assert (first.exit_code, first.summary["created"]) == (0, 2)
        assert second.summary["files_loaded_before"] == 2
        assert len(identified(system)) == 2

    def test_loads_nothing_of_damaged_files_and_all_of_the_others(self, tmp_path):
        lost, kept = new_system(), new_system()
        text = "".join(json.dumps(patient(lost, str(at), id=new_id())) + "\n" for at in range(1500)).encode()
        packed = gzip.compress(text)
        (tmp_path / "a.ndjson.gz").write_bytes(packed[:-2000])
        (tmp_path / "b.ndjson.gz").write_bytes(packed[:-8] + b"\0" * 8)
        (tmp_path / "c.ndjson.bz2").write_bytes(b"BZh9 is how it begins")
        (tmp_path / "d.json.gz").write_bytes(b"not gzip at all")
        (tmp_path / "e.zip").write_bytes(b"no archive")
        written(tmp_path / "f.json", json.dumps(bundle("transaction", post(patient(lost))))[:-9])
        written(tmp_path / "g.ndjson", [patient(kept)])

        run = load(tmp_path)

        assert run.exit_code == 2
        assert (len(run.summary["unreadable"]), run.summary["refused"], run.summary["created"]) == (5, 1, 1)
        assert f"{tmp_path}/a.ndjson.gz: ends too early; the file is not complete." in run.errors
        assert f"{tmp_path}/e.zip: cannot be unpacked (File is not a zip file)." in run.errors
        assert (identified(lost), len(identified(kept))) == ([], 1)

    def test_reads_no_more_than_allowed(self, tmp_path):
        bomb = gzip.compress(b'{"resourceType":"Basic","x":"' + b" " * 30_000_000)
        (tmp_path / "a.json.gz").write_bytes(bomb)
        (tmp_path / "b.ndjson.gz").write_bytes(bomb)

        run = load(tmp_path, max_bytes=1_000_000)

        assert run.exit_code == 2
        limit = "longer than the 1,000,000 bytes that one document or line may have (--max-bytes)."
        assert run.summary["unreadable"] == [
            f"{tmp_path}/a.json.gz: {limit}",
            f"{tmp_path}/b.ndjson.gz: line 1 is {limit}",
        ]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_tells_of_files_that_it_may_not_read(self, tmp_path):
        file = written(tmp_path / "a.json", "{}")
        file.chmod(0)

        run = load(file)

        assert (run.exit_code, run.summary["unreadable"]) == (2, [f"{file}: permission denied."])

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "a.json: "),
            ("[]", "a.json: "),
            ("{}", "a.json: Resource.resourceType: A resource needs a resourceType."),
            ('{"resourceType":"Patent"}', "is not a resource type of FHIR R4."),
            ('{"resourceType":"Bundle","type":"batch"}', "a.json: Bundle.entry: The Bundle has no entry."),
            (
                '{"resourceType":"Bundle","type":"batch","entry":[1]}',
                "entry 0: Bundle.entry[0]: An entry must",
            ),
            ("[" * 10_000, "a.json: "),
        ],
    )
    def test_refuses_what_is_no_resource(self, tmp_path, text, sentence):
        run = load(written(tmp_path / "a.json", text))

        assert (run.exit_code, run.summary["refused"]) == (1, 1)
        assert sentence in run.errors
