from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from patients.pages.presenters import tags
from patients.pages.presenters.people import name_parts, person
from tests.patients.pages.presenters.entries import ZONE

TODAY = date(2026, 11, 24)


@dataclass
class Columns:
    """A patient of whom nothing is known but what a test says."""

    birth_date: str | None = None
    gender: str | None = None
    active: bool | None = None
    deceased: bool = False
    deceased_at: str | None = None
    replaced_by: str | None = None
    names: list[Any] = field(default_factory=list)
    identifiers: list[Any] = field(default_factory=list)
    addresses: list[Any] = field(default_factory=list)


def shown(searched=(), **columns):
    return person(Columns(**columns), today=TODAY, zone=ZONE, searched=searched)


class TestName:
    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ({"family": "Smith", "given": ["John"], "prefix": ["Mr."]}, "SMITH, John (Mr)"),
            ({"family": "Smith", "given": ["John", "Paul"], "suffix": ["Jr."]}, "SMITH, John Paul Jr."),
            ({"family": "Sukarno"}, "SUKARNO"),
            ({"given": ["Cher"]}, "Cher"),
            ({"given": [None, "Ann"], "family": "O’Brien"}, "O’BRIEN, Ann"),
            ({"text": "محمد بن عبد الله"}, "محمد بن عبد الله"),
            ({}, "Name not recorded"),
        ],
    )
    def test_is_written_as_clinicians_read_it(self, name, written):
        assert " ".join(name_parts(name)) == written

    def test_is_the_official_one_and_former_ones_stand_beside_it(self):
        names = [
            {"use": "maiden", "family": "Upton", "given": ["Reena"]},
            {"use": "usual", "family": "R", "given": ["R"]},
            {"use": "official", "family": "Reilly", "given": ["Reena"]},
        ]

        assert shown(names=names).full_name == "REILLY, Reena"
        assert shown(names=names).former_names == ("UPTON",)

    def test_marks_what_was_searched_for(self):
        found = shown(names=[{"family": "Wiza", "given": ["José"]}], searched=("wi", "jose"))

        assert [(piece.text, piece.is_match) for piece in found.name] == [
            ("WI", True),
            ("ZA, ", False),
            ("José", True),
        ]

    def test_is_read_in_the_order_in_which_it_is_written(self):
        names = [
            {"family": "محمد \u202eevil\u202c", "given": ["\u2066Jo\u2069\u200f"]},
            {"use": "old", "family": "\u202eNotpu"},
        ]

        assert shown(names=names).full_name == "محمد EVIL, Jo"
        assert shown(names=names).former_names == ("NOTPU",)

    def test_keeps_the_joiners_that_letters_need(self):
        assert shown(names=[{"text": "می\u200cم"}]).full_name == "می\u200cم"


class TestBirthAndDeath:
    def test_has_an_age_if_the_day_is_known(self):
        assert shown(birth_date="1945-07-14").age == "81y"

    def test_has_no_age_if_it_is_not(self):
        assert shown(birth_date="1945").age == ""
        assert shown(birth_date="1945").born.day == "1945"

    def test_has_the_age_at_death_instead_of_a_present_one(self):
        died = shown(birth_date="1929-03-21", deceased=True, deceased_at="2020-03-25T23:30:00-04:00")

        assert (died.age, died.age_at_death, died.died.day) == ("", "91y", "26-Mar-2020")
        assert died.flags == (tags.DIED,)

    @pytest.mark.parametrize("deceased_at", [None, "2020", "2020-03"])
    def test_invents_no_age_at_death(self, deceased_at):
        died = shown(birth_date="1929-03-21", deceased=True, deceased_at=deceased_at)

        assert (died.is_deceased, died.age, died.age_at_death) == (True, "", "")


class TestFlags:
    def test_tell_who_is_merged_and_who_is_inactive(self):
        assert shown(replaced_by="2", active=False).flags == (tags.MERGED, tags.INACTIVE)

    def test_are_none_for_who_is_neither(self):
        assert shown(active=True).flags == shown(active=None).flags == ()


class TestSex:
    @pytest.mark.parametrize(
        ("gender", "word"), [("female", "Female"), ("other", "Other"), (None, "Not recorded")]
    )
    def test_is_in_words(self, gender, word):
        assert shown(gender=gender).sex == word


class TestIdentifiers:
    MRN = {"type": {"coding": [{"code": "MR"}]}, "value": "057aa36e-b892-9964-75b9-ffb46b097e34"}
    SSN = {"type": {"coding": [{"code": "SS"}]}, "value": "999-82-5655"}
    NHS = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}

    def labels(self, *identifiers):
        return [(one.label, one.value) for one in shown(identifiers=list(identifiers)).identifiers]

    def test_stand_in_the_order_in_which_they_are_looked_for(self):
        assert self.labels(self.SSN, self.MRN, self.NHS) == [
            ("NHS No.", "943 476 5919"),
            ("MRN", "057aa36e-b892-9964-75b9-ffb46b097e34"),
            ("SSN", "999-82-5655"),
        ]

    def test_are_not_repeated_without_their_type(self):
        assert self.labels({"system": "urn:x", "value": self.MRN["value"]}, self.MRN) == [
            ("MRN", self.MRN["value"])
        ]

    def test_are_left_out_when_they_are_old(self):
        assert self.labels(self.SSN | {"use": "old"}) == []

    def test_are_called_by_their_text_if_their_type_is_not_known(self):
        assert self.labels({"type": {"text": "Ward number"}, "value": "7"}) == [("Ward number", "7")]

    def test_are_read_in_the_order_in_which_they_are_written(self):
        assert self.labels(self.SSN | {"value": "\u202e123"}) == [("SSN", "123")]

    def test_say_when_they_are_too_long_for_a_list(self):
        long, short = shown(identifiers=[self.MRN, self.SSN]).identifiers

        assert (long.is_long, long.start, short.is_long) == (True, "057aa36e-b", False)


class TestAddress:
    def test_is_the_home_and_not_an_old_one(self):
        addresses = [
            {"use": "old", "city": "Bath"},
            {"use": "work", "city": "Cork"},
            {"use": "home", "line": ["1 High St", "Flat 2"], "city": "Lowell", "postalCode": "01854"},
        ]

        found = shown(addresses=addresses).address

        assert (found.line, found.town) == ("1 High St, Flat 2", "Lowell, 01854")
