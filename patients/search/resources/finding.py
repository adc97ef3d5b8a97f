"""What a search asks of which rows: its chains followed, its driver chosen, its dates as bounds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from patients.fhir.search_request import SearchRequest
from patients.search.fragments import TRUE, Fragment, all_of
from patients.search.resources import chains, conditions, entries, statements
from patients.search.resources.bounds import Bounds, bounds_of, within_all
from patients.search.resources.drivers import fewest
from patients.search.resources.found import Found
from patients.search.resources.orders import Order
from patients.search.resources.reading import Reader
from patients.search.resources.statements import MOST_PROBED


def found_of(request: SearchRequest, order: Order, reader: Reader, compartment: str | None) -> Found | None:
    """None if a chain leads nowhere, so that nothing can match."""
    types = request.searched_types
    criteria = chains.followed(request.criteria, types, reader)
    if criteria is None:
        return None
    sight = reader.sight
    asked_of_row = [conditions.per_row(each, types, sight=sight) for each in criteria]
    found = Found(types, all_of([*asked_of_row, sight.of(types, "s.resource_id")]))
    asked = criteria
    if compartment is not None:
        return replace(found, ids=_members(compartment, types))
    bounds, bounding = _bounds(criteria, types, reader)
    if order.walked == "date":
        # Within its bounds a walk reads only what matches, or nearly.
        criteria = [each for each in criteria if each not in bounding]
    driver = fewest(criteria, types, order, reader, bounds)
    if driver is None:
        return found if order.walked == "last_updated" else replace(found, bounds=bounds)
    if driver.keys is None:
        return replace(found, ids=driver.ids)
    of_entry, of_row = entries.conditions_of(asked, driver.criterion, types, sight)
    if of_entry == of_row == TRUE:
        return Found(types, keys=driver.keys)
    return replace(found, keys=driver.keys, bounds=bounds, of_entry=of_entry, of_row=of_row)


def _bounds(criteria: Sequence[Any], types: Sequence[str], reader: Reader) -> tuple[Bounds, list[Any]]:
    """The bounds, and the criteria that make them: those which few resources outside of them can meet."""
    known = [(each, found) for each in criteria if (found := bounds_of(each, types))]
    besides = [found.besides for _, found in known if found.besides]
    counts = reader.fetch("search probe", statements.probe(besides))[0] if besides else ()
    are_few = iter([count < MOST_PROBED for count in counts])
    kept = [(each, found) for each, found in known if found.besides is None or next(are_few)]
    return within_all([found for _, found in kept]), [each for each, _ in kept]


def _members(patient_id: str, types: Sequence[str]) -> Fragment:
    return Fragment(
        "SELECT c.resource_id FROM patient_compartment c"
        " WHERE c.patient_id = %s AND c.resource_type = ANY(%s)",
        (patient_id, list(types)),
    )
