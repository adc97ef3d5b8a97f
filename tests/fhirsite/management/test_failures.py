"""`manage.py` where something is not there: one sentence, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import django.db
import psycopg
import pytest

from fhirsite.management.failures import sentence_for

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("command", "environment", "sentence"),
    [
        (
            ("token", "clinician"),
            {},
            "manage.py: the database does not answer; `manage.py doctor` tells more.",
        ),
        (("refresh_patient_summary",), {}, "manage.py: the database does not answer; "),
        (
            ("up",),
            {"FHIRSITE_HTTP_PORT": "abc"},
            "CommandError: FHIRSITE_HTTP_PORT must be a number from 1 to 65535, not 'abc'.",
        ),
        (
            ("doctor",),
            {"FHIRSITE_HTTP_PORT": "abc"},
            "manage.py: FHIRSITE_HTTP_PORT must be a number from 1 to 65535, not 'abc'.",
        ),
        (
            ("doctor",),
            {"DATABASE_URL": "nonsense"},
            "manage.py: DATABASE_URL must be like postgresql://USER:PASSWORD@HOST:PORT/NAME.",
        ),
        (
            ("up",),
            {"FHIRSITE_DATA": "/proc/x"},
            "CommandError: The data folder /proc/x can't be made or written to ",
        ),
        (("status",), {"FHIRSITE_DATA": "/etc/passwd"}, "manage.py: /etc/passwd/instance.json: "),
    ],
)
def test_says_one_sentence(tmp_path, command, environment, sentence):
    ran = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env={**os.environ, "FHIRSITE_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr.startswith(sentence)
    assert ran.stderr.count("\n") == 1


def test_a_defect_keeps_its_traceback():
    ended = django.db.OperationalError("canceling statement due to statement timeout")
    ended.__cause__ = psycopg.errors.QueryCanceled()

    assert sentence_for(ended) is None
    assert sentence_for(KeyError("family")) is None
