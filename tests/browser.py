"""The browser of the tests marked `browser`: Debian's Chromium, never a download.

Where there is none those tests are skipped, loudly; with FHIRSITE_REQUIRE_BROWSER=1 (continuous
integration) they fail, and so does a run in which none of them passed.
"""

import os
import shutil

import pytest

IS_REQUIRED = os.environ.get("FHIRSITE_REQUIRE_BROWSER") == "1"

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_MISSING = "No Chromium on this machine (Debian: apt-get install chromium)"


def executable() -> str | None:
    """The path of the browser, to give to Playwright as `executable_path`."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


class BrowserTests:
    """A plugin that sees to it that a missing browser is noticed."""

    def __init__(self) -> None:
        self._skipped = 0
        self._passed = 0

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if not item.get_closest_marker("browser") or executable():
            return
        if IS_REQUIRED:
            pytest.fail(_MISSING, pytrace=False)
        self._skipped += 1
        pytest.skip(_MISSING)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "browser" in report.keywords and report.when == "call" and report.passed:
            self._passed += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if IS_REQUIRED and not self._passed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._skipped:
            terminalreporter.section("THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
            terminalreporter.line(f"{_MISSING}: {self._skipped} tests skipped.")
        elif IS_REQUIRED and not self._passed:
            terminalreporter.section("NO BROWSER TEST PASSED", red=True, bold=True)
