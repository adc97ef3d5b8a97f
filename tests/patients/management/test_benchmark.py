import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from patients.generation import chunks
from patients.generation.population import Population

POPULATION = Population(seed=515, observations=60)


@pytest.fixture(scope="module")
def generated(database):
    for chunk in chunks.chunks_of(POPULATION):
        chunks.write(chunk)


class TestSearches:
    def test_measures_every_case_without_failures(self, generated, tmp_path):
        report = tmp_path / "report.json"

        answer = _benchmark("--samples", "2", "--warm-up", "1", "--output", str(report))

        results = json.loads(report.read_text())["results"]
        assert [result["name"] for result in results if result["failed"] or not result["database"]] == []
        assert len(results) > 35
        assert answer.startswith("| case | p50 ms |")
        assert "| token of 70 % |" in answer

    def test_finds_what_the_names_promise(self, generated):
        report = json.loads(
            _benchmark(
                "--samples", "5", "--warm-up", "1", "--only", "newest first", "--only", "token of", "--json"
            )
        )

        rows = {result["name"]: result["rows_per_sample"] for result in report["results"]}
        assert rows["patient & code, newest first"] >= 1
        assert rows["token of ten rows"] >= 10
        assert rows["token of 70 %"] >= 40

    def test_takes_one_case_by_its_name_and_many_by_a_part_of_it(self, generated):
        one = json.loads(_benchmark("--samples", "1", "--warm-up", "1", "--only", "patient", "--json"))
        many = json.loads(_benchmark("--samples", "1", "--warm-up", "1", "--only", "chain", "--json"))

        assert [result["name"] for result in one["results"]] == ["patient"]
        assert len(many["results"]) == 3

    def test_names_the_indexes_of_each_plan(self, generated):
        report = json.loads(_benchmark("--samples", "2", "--warm-up", "1", "--only", "ten rows", "--json"))

        plans = report["results"][0]["plans"]
        assert {plan["mode"] for plan in plans} == {"force_custom_plan", "force_generic_plan"}
        assert all("search_list_pkey" in plan["indexes"] for plan in plans)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--samples", "0"], "--samples takes a number above 0."),
        (["--only", "no such case"], "No case has 'no such case' in its name."),
    ],
)
def test_refuses_what_measures_nothing(options, message, database):
    with pytest.raises(CommandError) as refusal:
        _benchmark(*options)

    assert str(refusal.value) == message


def test_says_where_a_report_cannot_be_written(generated, tmp_path):
    with pytest.raises(CommandError, match=r"--output .*: No such file or directory"):
        _benchmark("--samples", "1", "--only", "ten rows", "--output", str(tmp_path / "away" / "report.json"))


def _benchmark(*options: str) -> str:
    answer = StringIO()
    call_command("benchmark", "searches", *options, stdout=answer, stderr=StringIO())
    return answer.getvalue()
