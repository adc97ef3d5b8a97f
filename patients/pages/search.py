"""Find patients by what was typed, and say how it was understood."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from django.utils import timezone

from patients import interactions
from patients.access import Actor
from patients.fhir import search_request
from patients.fhir.outcomes import FhirError
from patients.pages import dates_typed
from patients.pages.forms import SearchForm
from patients.pages.interpretation import Interpretation, interpretations
from patients.pages.presenters.people import Person, person
from patients.pages.reading import attempt

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A patient in the list, and the id that the chart's address has."""

    id: str
    person: Person


@dataclass(frozen=True, slots=True)
class Search:
    """What the page says: nothing asked, refused, failed, or found; never more than one of them."""

    status: int = 200
    is_asked: bool = False
    refusal: str = ""
    is_failed: bool = False
    understood: str = ""
    found: tuple[Found, ...] = ()
    is_first_page: bool = True
    is_from_base: bool = False
    as_of: datetime | None = None
    next_parameters: tuple[tuple[str, str], ...] = ()


def find_patients(form: SearchForm, *, actor: Actor, today: date) -> Search:
    """Search for what the form holds; what cannot be searched for is refused in a sentence."""
    if not form.is_valid():
        return Search(status=400, is_asked=True, refusal=form.first_error)
    if mistake := dates_typed.mistake(form.cleaned_data["q"], today=today):
        return Search(status=400, is_asked=True, refusal=mistake)
    ways = interpretations(form.cleaned_data["q"], today=today)
    if not any(way.parameters for way in ways):
        return Search(is_asked=bool(form.cleaned_data["q"]))
    try:
        return _first_that_finds(ways, form, actor=actor, today=today)
    except FhirError as error:
        if error.status != 400:
            raise
        return Search(status=400, is_asked=True, refusal=error.issues[0].diagnostics)


def _first_that_finds(
    ways: Sequence[Interpretation], form: SearchForm, *, actor: Actor, today: date
) -> Search:
    cursor = form.cleaned_data["cursor"]
    # A further page goes on with the reading that its first page had.
    chosen = min(form.cleaned_data["reading"] or 0, len(ways) - 1)
    candidates = range(chosen, chosen + 1 if cursor else len(ways))
    nothing = Search(is_asked=True, understood=ways[chosen].sentence)
    for reading in candidates:
        request = search_request.parse("Patient", _parameters(ways[reading], cursor))
        page = attempt(
            partial(interactions.search_summaries, actor=actor, request=request),
            of="Patient search",
            actor=actor,
        )
        if page is None:
            return replace(nothing, status=503, is_failed=True)
        nothing = replace(nothing, as_of=timezone.localtime(page.as_of))
        if page.rows or cursor:
            return _found(page, ways[reading], form, reading=reading, today=today)
    return nothing


def _parameters(way: Interpretation, cursor: str) -> list[tuple[str, str]]:
    parameters = [*way.parameters, ("_count", str(PAGE_SIZE))]
    return [*parameters, ("_cursor", cursor)] if cursor else parameters


def _found(
    page: interactions.SummaryPage, way: Interpretation, form: SearchForm, *, reading: int, today: date
) -> Search:
    zone = timezone.get_current_timezone()
    following = (("q", form.cleaned_data["q"]), ("reading", str(reading)), ("cursor", page.next_cursor or ""))
    return Search(
        is_asked=True,
        understood=way.sentence,
        found=tuple(
            Found(row.patient_id, person(row, today=today, zone=zone, searched=way.names))
            for row in page.rows
        ),
        is_first_page=not form.cleaned_data["cursor"],
        is_from_base=page.source == "base",
        as_of=timezone.localtime(page.as_of),
        next_parameters=following if page.next_cursor else (),
    )
