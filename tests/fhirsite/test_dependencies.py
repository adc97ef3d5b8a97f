"""What the site is made of, against the list of known vulnerabilities, where that can be reached."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
# What says that nobody was reached, rather than that something is wrong.
_UNREACHED = ("Connection", "connection", "Max retries", "timed out", "ProxyError", "resolve")


def report(requirements: Path) -> list[dict[str, Any]]:
    """What pip-audit tells of each package; skips the test if it reaches nobody who could know."""
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "10")
    ran = subprocess.run(
        [sys.executable, "-m", "pip_audit", *options, "--format", "json", "--requirement", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if ran.stdout.strip():
        return json.loads(ran.stdout)["dependencies"]
    if any(word in ran.stderr for word in _UNREACHED):
        pytest.skip("pip-audit does not reach the list of vulnerabilities: nothing was checked")
    raise AssertionError(ran.stderr)


def vulnerabilities(packages: list[dict[str, Any]]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {found['id']}, mended in {found['fix_versions']}"
        for package in packages
        for found in package.get("vulns", ())
    ]


def unchecked(packages: list[dict[str, Any]]) -> list[str]:
    """What the list that was reached does not know, as where an index of one's own stands before it."""
    return [package["name"] for package in packages if "skip_reason" in package]


@pytest.mark.long
def test_no_vulnerability_is_known_of_what_is_installed():
    # It holds what requirements.txt holds.
    packages = report(CHECKOUT / "requirements-dev.txt")

    assert vulnerabilities(packages) == []
    if missing := unchecked(packages):
        pytest.skip(f"pip-audit could check only {len(packages) - len(missing)} of {len(packages)} packages")


def test_a_vulnerability_and_what_was_not_checked_are_told():
    packages = [
        {"name": "good", "version": "1", "vulns": []},
        {"name": "bad", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]},
        {"name": "unknown", "skip_reason": "not found"},
    ]

    assert vulnerabilities(packages) == ["bad 2: CVE-1, mended in ['2.1']"]
    assert unchecked(packages) == ["unknown"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_each_package_is_pinned_by_version_and_hash(name):
    text = (CHECKOUT / name).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]

    assert lines
    assert [line for line in lines if "==" not in line.split(";")[0] or "--hash=sha256:" not in line] == []
