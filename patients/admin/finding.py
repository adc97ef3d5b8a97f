"""What an administrator may type to find resources: things that an index can find, nothing else."""

import re

from django.http import HttpRequest

from patients.admin.disclosure import actor_of
from patients.admin.resource_types import present_types
from patients.fhir.resource import ID_PATTERN
from patients.fhir.search_request import parse
from patients.fhir.values.escaping import escape
from patients.interactions import search_summaries
from patients.models import FhirResource

MOST_PATIENTS = 50
HELP = "An id, Patient/1, or of patients: names (how they begin), an identifier, system|identifier."

_WITH_TYPE = re.compile(rf"([A-Za-z]+)/({ID_PATTERN})(?:/_history/\d+)?")


def find_resources(request: HttpRequest, term: str) -> list[int]:
    """Find by what was typed: primary keys, those of patients at most `MOST_PATIENTS` for each reading.

    :raises InvalidSearchParameter: if it cannot be what it looks like.
    """
    with_type = _WITH_TYPE.fullmatch(term)
    if with_type:
        return resources_with_id(with_type[2], resource_types=[with_type[1]])
    found = find_patients(request, term)
    if re.fullmatch(ID_PATTERN, term):
        found += resources_with_id(term, resource_types=present_types())
    return found


def find_patients(request: HttpRequest, term: str) -> list[int]:
    """Find Patients that are not deleted, by id, identifier or names."""
    with_type = _WITH_TYPE.fullmatch(term)
    if with_type:
        return resources_with_id(with_type[2], resource_types=["Patient"])
    if "|" in term:
        system, value = term.split("|", 1)
        return _search(request, [("identifier", f"{escape(system)}|{escape(value)}")])
    found = _search(request, [("name", escape(word)) for word in term.split()])
    if any(character.isdigit() for character in term):
        found += _search(request, [("identifier", escape(term))])
        found += _search(request, [("_id", term)]) if re.fullmatch(ID_PATTERN, term) else []
    return found


def resources_with_id(id: str, *, resource_types: list[str]) -> list[int]:
    """Primary keys by the unique index of type and id."""
    found = FhirResource.objects.filter(resource_type__in=resource_types, fhir_id=id)
    return list(found.values_list("pk", flat=True))


def _search(request: HttpRequest, criteria: list[tuple[str, str]]) -> list[int]:
    search = parse("Patient", [*criteria, ("_count", str(MOST_PATIENTS))])
    return [row.id for row in search_summaries(actor=actor_of(request), request=search).rows]
