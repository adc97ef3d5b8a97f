"""A site with production settings starts only if they are such; tried as processes."""

import ipaddress
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from fhirsite.checks import require_production

CHECKOUT = Path(__file__).parents[2]
GOOD = {
    "FHIRSITE_PRODUCTION": "1",
    "FHIRSITE_SECRET_KEY": secrets.token_urlsafe(50),
    "FHIRSITE_AUDIT_KEY": secrets.token_urlsafe(50),
    "FHIRSITE_ALLOWED_HOSTS": "clinic.example",
    "FHIRSITE_BASE_URLS": "https://clinic.example/fhir",
    "FHIRSITE_DEMO": "",
}
# The same, as the settings have it.
SETTINGS = {
    "SECRET_KEY": GOOD["FHIRSITE_SECRET_KEY"],
    "AUDIT_KEY": GOOD["FHIRSITE_AUDIT_KEY"],
    "DEBUG": False,
    "LOG_LEVEL": "INFO",
    "ALLOWED_HOSTS": ["clinic.example"],
    "BASE_URLS": ["https://clinic.example/fhir"],
    "CSRF_TRUSTED_ORIGINS": [],
    "TRUSTED_PROXIES": (ipaddress.ip_network("10.0.0.0/8"),),
}
FAULTS = [
    ("SECRET_KEY", "", "FHIRSITE_SECRET_KEY is missing"),
    ("AUDIT_KEY", "", "FHIRSITE_AUDIT_KEY is missing"),
    ("SECRET_KEY", "swordfish", "FHIRSITE_SECRET_KEY is weak"),
    ("SECRET_KEY", "ab" * 40, "FHIRSITE_SECRET_KEY is weak"),
    ("SECRET_KEY", "django-insecure-" + "abcdefgh" * 8, "FHIRSITE_SECRET_KEY is weak"),
    ("DEBUG", True, "FHIRSITE_DEBUG is on"),
    ("LOG_LEVEL", "DEBUG", "FHIRSITE_LOG_LEVEL is DEBUG"),
    ("ALLOWED_HOSTS", ["clinic.example", "*"], "FHIRSITE_ALLOWED_HOSTS must name the hosts"),
    ("ALLOWED_HOSTS", [], "FHIRSITE_ALLOWED_HOSTS must name the hosts"),
    ("BASE_URLS", ["http://clinic.example/fhir"], "FHIRSITE_BASE_URLS must hold https:// "),
    ("CSRF_TRUSTED_ORIGINS", ["http://clinic.example"], "FHIRSITE_TRUSTED_ORIGINS must hold https:// "),
    ("TRUSTED_PROXIES", (ipaddress.ip_network("::/0"),), "FHIRSITE_TRUSTED_PROXIES trusts everybody"),
]
BAD_VALUES = [
    ("up", "FHIRSITE_STATEMENT_TIMEOUT_MS", "soon", "FHIRSITE_STATEMENT_TIMEOUT_MS must be a whole number"),
    ("check", "DATABASE_URL", "postgresql://u:p@host:port/name", "DATABASE_URL cannot be read as a URL."),
]
WEB_SERVER = ("-c", "import fhirsite.wsgi")
WORKER = ("-m", "celery", "--app", "fhirsite", "report")


def run(tmp_path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FHIRSITE_DATA": str(tmp_path), **GOOD, **changes}
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_settings_as_they_should_be_pass_django_s_own_check(tmp_path):
    ran = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(("name", "value", "sentence"), FAULTS)
def test_a_fault_is_told(name, value, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        require_production({**SETTINGS, name: value}, {})

    assert str(refused.value).startswith(f"FHIRSITE_PRODUCTION=1 does not go with this: {sentence}")


def test_a_demo_is_refused_and_none_is_not():
    require_production(SETTINGS, {"FHIRSITE_DEMO": "0"})
    with pytest.raises(ImproperlyConfigured, match="FHIRSITE_DEMO is on"):
        require_production(SETTINGS, {"FHIRSITE_DEMO": "1"})


def test_all_faults_are_told_at_once_without_the_key(tmp_path):
    changes = {"FHIRSITE_SECRET_KEY": "swordfish", "FHIRSITE_DEBUG": "1", "FHIRSITE_ALLOWED_HOSTS": "*"}

    ran = run(tmp_path, "manage.py", "check", **changes)

    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "KEY is weak" in ran.stderr
    assert "DEBUG is on" in ran.stderr
    assert "must name the hosts" in ran.stderr
    assert "swordfish" not in ran.stderr


@pytest.mark.parametrize(("command", "name", "value", "sentence"), BAD_VALUES)
def test_a_value_that_means_nothing_is_one_line(tmp_path, command, name, value, sentence):
    ran = run(tmp_path, "manage.py", command, **{name: value})

    assert ran.returncode == 1
    assert ran.stderr.startswith(f"manage.py: {sentence}")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [WEB_SERVER, WORKER])
def test_web_server_and_worker_say_the_same_line(tmp_path, command):
    ran = run(tmp_path, *command, FHIRSITE_DEBUG="1")

    assert ran.returncode == 1
    assert ran.stderr == "fhirsite: FHIRSITE_PRODUCTION=1 does not go with this: FHIRSITE_DEBUG is on.\n"


def test_the_web_server_starts_with_good_settings(tmp_path):
    assert run(tmp_path, *WEB_SERVER).returncode == 0
