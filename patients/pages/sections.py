"""The sections of a chart: which resources each is made of, and how it presents them.

A section's template is `pages/sections/<slug>.html`, on the chart and on the section's own page alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.pages.presenters.allergies import allergies
from patients.pages.presenters.encounters import encounters
from patients.pages.presenters.entries import Entry
from patients.pages.presenters.immunisations import immunisations
from patients.pages.presenters.medications import medications
from patients.pages.presenters.observations import Observation, observation
from patients.pages.presenters.problems import problems
from patients.pages.presenters.results import by_category, newest_of_each
from patients.pages.presenters.stored import JsonObject
from patients.pages.presenters.vitals import vital_signs


@dataclass(frozen=True, slots=True)
class Reading:
    """The resources that were read for a section, and whether they are all that there are."""

    entries: tuple[Entry, ...]
    next_cursor: str | None
    is_first: bool
    total: int
    as_of: datetime
    zone: tzinfo
    medicines: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.is_first and self.next_cursor is None

    @property
    def next_query(self) -> str:
        return urlencode({"cursor": self.next_cursor}) if self.next_cursor else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section as its template shows it; it has no content if it could not be read."""

    slug: str
    title: str | Promise
    reading: Reading | None
    content: Any = None
    count: str = ""

    @property
    def is_unavailable(self) -> bool:
        return self.reading is None

    @property
    def template(self) -> str:
        return f"pages/sections/{self.slug}.html"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a section is made of; `read_count` resources are read at a time."""

    slug: str
    title: str | Promise
    resource_type: str
    read_count: int
    present: Callable[[Reading], tuple[Any, str]]

    def section(self, reading: Reading | None) -> Section:
        if reading is None:
            return Section(self.slug, self.title, None)
        content, count = self.present(reading)
        return Section(self.slug, self.title, reading, content, count)


def _problems(reading: Reading) -> tuple[Any, str]:
    shown = problems(reading.entries, reading.zone)
    return shown, _counted(len(shown.active), ngettext("%d active", "%d active", len(shown.active)), reading)


def _medications(reading: Reading) -> tuple[Any, str]:
    shown = medications(reading.entries, reading.medicines, reading.zone)
    return shown, _counted(
        len(shown.current), ngettext("%d current", "%d current", len(shown.current)), reading
    )


def _results(reading: Reading) -> tuple[Any, str]:
    found = [one for one in _observations(reading) if not one.is_vital_sign]
    newest = newest_of_each(found)
    content = {"groups": by_category(newest), "all": found, "errors": sum(one.is_in_error for one in found)}
    return content, _counted(len(newest), ngettext("%d test", "%d tests", len(newest)), reading)


def _vitals(reading: Reading) -> tuple[Any, str]:
    found = [one for one in _observations(reading) if one.is_vital_sign]
    shown = vital_signs(found)
    count = len(shown.readings)
    return shown, _counted(count, ngettext("%d reading", "%d readings", count), reading)


def _encounters(reading: Reading) -> tuple[Any, str]:
    shown = encounters(reading.entries, reading.zone)
    return shown, ngettext("%d in all", "%d in all", reading.total) % reading.total if reading.total else ""


def _allergies(reading: Reading) -> tuple[Any, str]:
    shown = allergies(reading.entries, is_complete=reading.is_complete, zone=reading.zone)
    known = len(shown.active) if shown.state == "known" else 0
    return shown, _counted(known, ngettext("%d known", "%d known", known), reading)


def _immunisations(reading: Reading) -> tuple[Any, str]:
    shown = immunisations(reading.entries, reading.zone)
    return shown, ngettext("%d in all", "%d in all", reading.total) % reading.total if reading.total else ""


def _observations(reading: Reading) -> list[Observation]:
    return [observation(entry, reading.zone) for entry in reading.entries]


def _counted(count: int, sentence: str, reading: Reading) -> str:
    """Return the number of what is shown; a part of the whole never reads as the whole."""
    if reading.is_complete:
        return sentence % count if count else ""
    numbers = {"read": f"{len(reading.entries):,}", "total": f"{reading.total:,}"}
    if reading.is_first:
        return _("from the newest %(read)s of %(total)s entries") % numbers
    return _("from %(read)s of %(total)s entries") % numbers


KINDS = (
    Kind("problems", gettext_lazy("Problems"), "Condition", 200, _problems),
    Kind("medications", gettext_lazy("Medications"), "MedicationRequest", 200, _medications),
    Kind("results", gettext_lazy("Results"), "Observation", 400, _results),
    Kind("vitals", gettext_lazy("Vital signs"), "Observation", 400, _vitals),
    Kind("encounters", gettext_lazy("Encounters"), "Encounter", 50, _encounters),
    Kind("allergies", gettext_lazy("Allergies"), "AllergyIntolerance", 200, _allergies),
    Kind("immunisations", gettext_lazy("Immunisations"), "Immunization", 50, _immunisations),
)
KIND_OF_SLUG = {kind.slug: kind for kind in KINDS}
