"""Each setting, command, search parameter, index and plan item has its row in docs/, and nothing else has."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from patients.fhir import search_chains, search_includes, search_request, search_results
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS, SearchParameter
from patients.fhir.search_request import FURTHER_RESULT_PARAMETERS, RESULT_PARAMETERS, TYPES

ROOT = Path(__file__).parents[2]
OUR_APPS = ("fhirsite", "patients", "perf")
_SETTING = re.compile(r"""["'](FHIRSITE_[A-Z_]+|DATABASE_URL|DATABASE_OWNER_URL|REPLICA_URL|REDIS_URL)["']""")
# Said by a process to its own child, not by anybody to us.
_INTERNAL_SETTINGS = {"FHIRSITE_READY_FILE"}

PLAN = (
    "JSONB indexes, built CONCURRENTLY",
    "materialised view `patient_summary`",
    "pools of 30 read and 10 write connections",
    "multi-level cache",
    "cached endpoints",
    "compression",
    "ETag, 304, Cache-Control",
    "request coalescing",
    "prepared statements",
    "streaming as a JSON array",
    "service worker",
    "virtualised list",
    "debounce and optimistic interface",
    "HTTP/2",
    "RBAC service with cache",
    "targets and alerts",
    "percentiles per endpoint",
)


def _first_cells(document: str, heading: str) -> list[str]:
    """The first cell of each row of the table under a heading."""
    text = (ROOT / "docs" / document).read_text()
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split(" | ")[0].strip("| ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def _names(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


class TestSettings:
    def test_each_has_its_row(self):
        folders = [ROOT / name for name in (*OUR_APPS, "tests")]
        sources = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
        settings = {name for source in sources for name in _SETTING.findall(source)} - _INTERNAL_SETTINGS

        assert _names(_first_cells("operations.md", "Settings")) == settings


class TestCommands:
    def test_each_has_its_row(self):
        ours = {name for name, app in get_commands().items() if app in OUR_APPS}
        rows = {name.split()[1] for name in _names(_first_cells("operations.md", "Commands"))}

        assert rows == ours


class TestSearchParameters:
    def test_each_has_its_row_with_type_and_modifiers(self):
        text = (ROOT / "docs/fhir.md").read_text()
        expected = {_row(parameter) for parameter in NATIVE_PATIENT_PARAMETERS.values()}

        assert {row for row in expected if row not in text} == set()
        assert len(_first_cells("fhir.md", "Search parameters of Patient")) == (
            len(expected) + len(RESULT_PARAMETERS) + 2  # the second table's own head
        )

    @pytest.mark.parametrize(
        "name", [*RESULT_PARAMETERS, *FURTHER_RESULT_PARAMETERS, *search_includes.INCLUDES, TYPES]
    )
    def test_of_results_have_their_rows(self, name):
        assert f"| `{name}` |" in (ROOT / "docs/fhir.md").read_text()

    def test_have_the_limits_that_are_told(self):
        limits = (
            search_request.MAXIMUM_PARAMETERS,
            search_request.MAXIMUM_VALUES,
            search_request.MAXIMUM_LENGTH,
            search_chains.MAXIMUM_CHAIN_LINKS,
            search_chains.MAXIMUM_REVERSE_CHAINS,
            search_includes.MAXIMUM_INCLUDES,
            search_results.MAXIMUM_SORT_KEYS,
        )
        table = (
            (ROOT / "docs/fhir.md").read_text().split("| limit | |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
        )

        assert [row.split(" | ")[1].strip("| ") for row in table.splitlines()] == [
            f"{each:,}" for each in limits
        ]


def _row(parameter: SearchParameter) -> str:
    modifiers = " ".join(f"`:{modifier}`" for modifier in parameter.modifiers)
    return f"| `{parameter.name}` | {parameter.type} | {modifiers} |"


class TestPlan:
    def test_each_item_has_its_row(self):
        assert tuple(_first_cells("performance.md", "The plan, item by item")) == PLAN

    def test_each_index_has_its_row(self):
        declared = {
            index.name
            for model in apps.get_app_config("patients").get_models()
            for index in (*model._meta.indexes, *model._meta.constraints)
        }
        documented = _names(_first_cells("performance.md", "Indexes"))

        assert documented - {"patient_summary_id_index"} == declared

    def test_what_a_row_names_exists(self):
        text = (ROOT / "docs/performance.md").read_text()
        named = re.findall(r"`((?:patients|perf|fhirsite|tests)/[^` ]*)`", text)

        assert [path for path in named if not (ROOT / path).exists()] == []


class TestSecurity:
    def test_what_a_row_names_exists(self):
        text = (ROOT / "docs/security.md").read_text()
        named = re.findall(r"`((?:patients|perf|fhirsite|tests)/[^` ]*)`", text)

        assert [path for path in named if not (ROOT / path).exists()] == []


class TestVersion:
    def test_stands_in_one_place(self):
        import fhirsite

        holders = [
            path
            for name in OUR_APPS
            for path in (ROOT / name).rglob("*.py")
            if f'"{fhirsite.__version__}"' in path.read_text()
        ]

        assert holders == [ROOT / "fhirsite/__init__.py"]
