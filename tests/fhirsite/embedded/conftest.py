"""Instances apart from the one that the other tests use."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fhirsite.embedded.files import instance as instances
from tests import log_scan

CHECKOUT = Path(__file__).parents[3]

ManagePy = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that the service user can reach, as pytest's own folders can't be for root."""
    folder = Path(tempfile.mkdtemp(prefix="fhirsite-embedded-"))
    yield folder
    log_scan.kept.extend(log_scan.findings(folder / "logs", instances.load(folder)))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def manage(data: Path) -> Iterator[ManagePy]:
    """Runs `manage.py` on the data folder; whatever it started is stopped at the end."""
    environment = {**os.environ, "FHIRSITE_DATA": str(data), "FHIRSITE_HTTP_PORT": "18100"}
    environment |= {"FHIRSITE_HTTPS_PORT": "18200", "FHIRSITE_DEMO": "0"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            # A busy machine is no failure.
            timeout=300,
        )

    yield run
    run("down")
