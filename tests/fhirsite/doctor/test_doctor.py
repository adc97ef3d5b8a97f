"""`manage.py doctor` on the tests' own servers, and where there are none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from fhirsite import doctor
from fhirsite.doctor import Level
from fhirsite.doctor.connections import check_connections
from fhirsite.doctor.host import check_disk, check_file_modes, check_settings

CHECKOUT = Path(__file__).parents[3]


def problems(findings):
    return [finding for finding in findings if finding.level is not Level.FINE]


class TestAll:
    def test_finds_nothing_wrong_with_the_embedded_servers(self):
        assert problems(doctor.examine()) == []

    def test_tells_what_is_used(self):
        says = {finding.subject: finding.says for finding in doctor.examine()}

        assert says["primary"].startswith("PostgreSQL 18.")
        assert says["standby"].startswith("PostgreSQL 18.")
        assert says["cache"].startswith("Valkey 9.")
        assert says["role"] == "fhirsite: no superuser, owner of nothing"
        assert says["replication"].startswith("standby is streaming")

    def test_says_what_mends_servers_that_are_not_there(self, tmp_path):
        examined = subprocess.run(
            [sys.executable, "manage.py", "doctor", "--json"],
            cwd=CHECKOUT,
            env={**os.environ, "FHIRSITE_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        findings = json.loads(examined.stdout)
        wrong = {finding["subject"]: finding["mend"] for finding in findings if finding["level"] == "wrong"}
        assert examined.returncode == 1
        assert wrong.keys() == {"primary", "standby", "cache"}
        assert wrong["primary"] == "Start the site (`manage.py up`), or see to DATABASE_URL."
        assert wrong["standby"] == "Start the site (`manage.py up`), or see to REPLICA_URL."
        assert wrong["cache"] == "Start the site (`manage.py up`), or see to REDIS_URL."

    def test_says_who_answers_meanwhile(self, tmp_path):
        examined = subprocess.run(
            [sys.executable, "manage.py", "doctor", "--json"],
            cwd=CHECKOUT,
            env={
                **os.environ,
                "REPLICA_URL": "postgresql://fhirsite@127.0.0.1:1/fhirsite",
                "REDIS_URL": f"unix://{tmp_path}/nobody.sock",
            },
            capture_output=True,
            text=True,
            check=False,
        )

        mends = {finding["subject"]: finding["mend"] for finding in json.loads(examined.stdout)}
        assert mends["standby"].startswith("The primary answers meanwhile. ")
        assert mends["cache"].startswith("Pages are answered without it, tasks wait. ")


class TestConnections:
    def test_more_threads_than_connections_are_wrong(self, monkeypatch):
        monkeypatch.setenv("FHIRSITE_WEB_THREADS", "16")

        reads, writes = problems(check_connections())

        assert reads.says == "34 threads of the web server for reads, the limit is 30"
        assert writes.mend == (
            "Lower FHIRSITE_WEB_WORKERS or FHIRSITE_WEB_THREADS, or raise FHIRSITE_WRITE_CONNECTIONS."
        )

    def test_more_than_the_server_takes_are_wrong(self, monkeypatch, settings):
        monkeypatch.setenv("FHIRSITE_WEB_THREADS", "100")
        settings.READ_CONNECTIONS = settings.WRITE_CONNECTIONS = 1000

        [server] = problems(check_connections())

        assert server.mend == "Raise max_connections of the primary and its standby."


class TestHost:
    def test_a_file_that_others_can_read_is_wrong(self):
        path = settings.DATA_DIR / "instance.json"
        path.chmod(0o644)
        try:
            [finding] = problems(check_file_modes())
        finally:
            path.chmod(0o600)

        assert (finding.says, finding.mend) == (f"other users can get at {path}", f"chmod go= {path}")

    def test_a_full_disk_is_wrong(self, monkeypatch):
        usage = type("Usage", (), {"free": 1_000_000_000, "total": 100_000_000_000})
        monkeypatch.setattr("shutil.disk_usage", lambda _: usage)

        [finding] = check_disk()

        assert finding.level is Level.WRONG
        assert finding.says.startswith("1.0 GB free at ")

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("DEBUG", True, "debugging is on under production settings"),
            ("SECRET_KEY", "", "there is no secret key"),
        ],
    )
    def test_production_asks_for_more(self, settings, name, value, says):
        settings.PRODUCTION = True
        setattr(settings, name, value)

        [finding] = problems(check_settings())

        assert finding.says == says
