"""Makes the virtual environment: `python3 fhirsite/bootstrap.py requirements.txt`.

Run by `make` with the system's Python, so this file needs nothing but the standard library.
Packages are installed with their hashes checked, by uv (seconds) or, if that fails, by pip.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent
_ENVIRONMENT = _CHECKOUT / ".venv"
_PYTHON = _ENVIRONMENT / "bin" / "python"
_STAMP = _ENVIRONMENT / "installed.json"
_OLDEST_PYTHON = (3, 11)

# requirements-dev.txt is locked together with requirements.txt and holds all of it.
_HOLDS = {
    "requirements.txt": ["requirements.txt"],
    "requirements-dev.txt": ["requirements-dev.txt", "requirements.txt"],
}

# What pip is told on this machine, and how uv is told the same.
_UV_NAMES = {
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}


def main(requirements: str) -> None:
    if sys.version_info < _OLDEST_PYTHON:
        _give_up(f"fhirsite needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}.")
    with (_CHECKOUT / requirements).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits, and finds all done
        if not _is_installed(requirements):
            _make_environment()
            _install(requirements)


def _is_installed(requirements: str) -> bool:
    try:
        installed = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return False
    return _PYTHON.exists() and installed.get(requirements) == _fingerprint(requirements)


def _fingerprint(requirements: str) -> str:
    return hashlib.sha256((_CHECKOUT / requirements).read_bytes()).hexdigest()


def _make_environment() -> None:
    if _PYTHON.exists() and _succeeds([str(_PYTHON), "-c", "import pip"], is_quiet=True):
        return
    _say(f"making the virtual environment {_ENVIRONMENT}")
    if not _has_ensurepip():
        _install_ensurepip()
    # What is left there may be of another Python, whose libraries this one cannot load.
    if not _succeeds([sys.executable, "-m", "venv", "--clear", str(_ENVIRONMENT)]):
        _give_up(f"The virtual environment could not be made in {_CHECKOUT}: may this user write there?")


def _has_ensurepip() -> bool:
    return _succeeds([sys.executable, "-c", "import ensurepip, venv"], is_quiet=True)


def _install_ensurepip() -> None:
    """Debian keeps it in a package of its own."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        _give_up(
            f"Python's venv module is not whole on this machine. Install it first: apt-get install {package}"
        )
    _say(f"installing Debian's {package}, which Python needs to make virtual environments")
    if not (
        _succeeds(["apt-get", "update", "-q"]) and _succeeds(["apt-get", "install", "-q", "-y", package])
    ):
        _give_up(f"{package} could not be installed.")


def _install(requirements: str) -> None:
    began = time.monotonic()
    _say(f"installing {requirements}")
    if not (_install_uv() and _install_with_uv(requirements)):
        _say("uv did not do it, so pip does: this takes some minutes")
        if not _succeeds(
            [str(_PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r", requirements]
        ):
            _give_up(f"The packages of {requirements} could not be installed.")
    _STAMP.write_text(json.dumps({name: _fingerprint(name) for name in _HOLDS[requirements]}))
    _say(f"installed in {time.monotonic() - began:.0f} s")


def _install_uv() -> bool:
    pip = [str(_PYTHON), "-m", "pip", "--disable-pip-version-check"]
    return _succeeds([*pip, "install", "-q", "--require-hashes", "-r", "requirements-uv.txt"])


def _install_with_uv(requirements: str) -> bool:
    command = [
        "-m",
        "uv",
        "pip",
        "install",
        "-q",
        "--python",
        str(_PYTHON),
        "--require-hashes",
        "-r",
        requirements,
    ]
    # uv fails where it can't keep its cache: a user without a home must be able to install too.
    has_home = os.access(Path("~").expanduser(), os.W_OK)
    cache = {} if has_home else {"UV_NO_CACHE": "1"}
    return _succeeds([str(_PYTHON), *command], environment={**_settings_of_pip(), **cache, **os.environ})


def _settings_of_pip() -> dict[str, str]:
    """This user's settings of pip (mirrors, certificates) under uv's names."""
    listed = subprocess.run(
        [str(_PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if uv_name := _UV_NAMES.get(name.rpartition(".")[2]):
            settings[uv_name] = value.strip("'\"")
    return settings


def _succeeds(
    command: Sequence[str], *, is_quiet: bool = False, environment: dict[str, str] | None = None
) -> bool:
    output = subprocess.DEVNULL if is_quiet else None
    return (
        subprocess.run(
            command, cwd=_CHECKOUT, env=environment, stdout=output, stderr=output, check=False
        ).returncode
        == 0
    )


def _say(text: str) -> None:
    sys.stdout.write(f"fhirsite: {text}\n")
    sys.stdout.flush()


def _give_up(text: str) -> None:
    sys.exit(f"fhirsite: {text}")


if __name__ == "__main__":
    main(sys.argv[1])
