from collections import Counter

import pytest

from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from patients.generation.chunks import particulars_of
from patients.generation.population import Population, ancient, draw, draw_patient, rare
from patients.generation.stencils import resource_of

POPULATION = Population(seed=7, observations=20_000)


@pytest.fixture(scope="module")
def drawn():
    return list(draw(POPULATION, range(20_000)))


class TestDraw:
    def test_makes_the_same_again(self, drawn):
        assert list(draw(Population(seed=7, observations=20_000), range(20_000))) == drawn

    def test_makes_others_of_another_seed(self, drawn):
        others = list(draw(Population(seed=8, observations=20_000), range(20_000)))

        assert [each.effective for each in others] != [each.effective for each in drawn]

    def test_gives_seven_of_ten_to_the_laboratory(self, drawn):
        shares = Counter(each.code.category for each in drawn)

        assert 0.69 < shares["laboratory"] / 20_000 < 0.71
        assert 0.24 < shares["vital-signs"] / 20_000 < 0.26

    def test_gives_a_rare_code_exactly_ten(self, drawn):
        assert sum(each.code is rare() for each in drawn) == 10

    def test_gives_an_ancient_code_a_hundredth_of_long_ago(self, drawn):
        years = [each.effective[:4] for each in drawn if each.code is ancient()]

        assert 160 < len(years) < 240
        assert set(years) <= {"2016", "2017"}

    def test_gives_some_patients_many_and_most_few(self, drawn):
        of_patients = sorted(Counter(each.patient for each in drawn).values())

        assert of_patients[len(of_patients) // 2] < 25
        assert of_patients[-1] > 100

    def test_gives_the_codes_of_a_category_frequencies_that_fall(self, drawn):
        counts = Counter(each.code.code for each in drawn if each.code.category == "vital-signs")
        (_, first), (_, second), *_ = counts.most_common()

        assert 1.5 < first / second < 2.5


class TestResources:
    def test_of_observations_are_valid(self, drawn):
        for each in drawn[:200]:
            validate(resource_of(each.template, particulars_of(each, resource_id=1, last_updated="")))

    def test_of_patients_are_valid(self):
        for number in range(50):
            validate(from_value(draw_patient(POPULATION, number)))

    def test_of_patients_have_identifiers_of_their_own(self):
        values = [
            identifier["value"]
            for number in range(50)
            for identifier in draw_patient(POPULATION, number)["identifier"]
        ]

        assert len(values) == len(set(values))
