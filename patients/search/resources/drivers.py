"""What finds the rows of a search: the criterion that an index gives the fewest for, counted first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from patients.search.fragments import Fragment, fill, join
from patients.search.resources import conditions, gathers, keys, pairs, statements
from patients.search.resources.bounds import EVERYWHERE, Bounds
from patients.search.resources.orders import Order
from patients.search.resources.reading import Reader
from patients.search.resources.statements import MOST_PROBED
from patients.search.sight import Sight

# Lists are not in the order of the last change: their rows are rather sorted than all rows walked through.
MOST_GATHERED = 10_001


@dataclass(frozen=True, slots=True)
class Driver:
    """A criterion's lists of keys, or a statement of ids; `most` is how many, where that is known."""

    criterion: Any
    keys: tuple[UUID, ...] | None
    ids: Fragment | None
    most: int | None = None

    def probed(self, bounds: Bounds = EVERYWHERE) -> Fragment:
        """A statement of the ids, within bounds if they are in lists."""
        return self.ids or gathers.ids_in_lists(self.keys or (), bounds)


def driver_of(criterion: Any, types: Sequence[str], sight: Sight) -> Driver | None:
    """What finds the rows of one criterion, if an index does."""
    if conditions.is_reverse(criterion) or criterion.chain:
        return None
    listed = keys.listed(criterion, types)
    if listed is not None:
        return Driver(criterion, tuple(listed), None)
    ids = conditions.by_index(criterion, types, sight)
    is_id = criterion.parameter.name == "_id"
    most = len(criterion.values) * len(types) if is_id else None
    return Driver(criterion, None, ids, most) if ids is not None else None


def drivers_of(criteria: Sequence[Any], types: Sequence[str], sight: Sight) -> list[Driver]:
    """What finds the rows of all criteria: each, and some by what they combine, which is never more."""
    combined = [Driver(each, None, ids) for each, ids in pairs.found(criteria, types)]
    alone = [driver for each in criteria if (driver := driver_of(each, types, sight))]
    known = [each.criterion for each in combined]
    return [each for each in alone if each.keys is not None or each.criterion not in known] + combined


def fewest(
    criteria: Sequence[Any], types: Sequence[str], order: Order, reader: Reader, bounds: Bounds
) -> Driver | None:
    """The driver with the fewest rows; one of ids only if they are few, since all of them are fetched."""
    candidates = drivers_of(criteria, types, reader.sight)
    if not candidates:
        return None
    if len(candidates) == 1 and _needs_no_probe(candidates[0], order):
        return candidates[0]
    certain = next((each for each in candidates if (each.most or MOST_PROBED) < MOST_PROBED), None)
    if certain:
        return certain
    limit = MOST_PROBED if order.walked == "date" else MOST_GATHERED
    lists = [each for each in candidates if each.keys is not None]
    others = [each for each in candidates if each.keys is None]
    # Lists are counted in their index alone: where one is short, nothing else need be counted.
    for some in filter(None, (lists, others)):
        least, best = _counted(some, bounds, limit, reader)
        if least < limit:
            return best
    if order.walked == "last_updated":
        return None
    return _sparsest(lists, bounds, reader) or (others[0] if order.walked is None else None)


def _counted(candidates: list[Driver], bounds: Bounds, limit: int, reader: Reader) -> tuple[int, Driver]:
    """The least number of ids, and the driver that has so few."""
    probed = [each.probed(bounds) for each in candidates]
    counts = reader.fetch("search probe", statements.probe(probed, limit))[0]
    return min(zip(counts, candidates, strict=True), key=lambda pair: int(pair[0]))


def _sparsest(candidates: list[Driver], bounds: Bounds, reader: Reader) -> Driver | None:
    """Of lists that are all long, the one whose newest entries reach back the furthest."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    reached = [statements.reach(each.keys or (), bounds) for each in candidates]
    dates = reader.fetch("search reach", fill("SELECT {dates}", dates=join(", ", reached)))[0]
    # Only some lists of each are looked into, and these may all be empty: that tells nothing.
    return min(zip(dates, candidates, strict=True), key=lambda pair: (pair[0] is None, pair[0]))[1]


def _needs_no_probe(driver: Driver, order: Order) -> bool:
    if driver.most is not None:
        return driver.most < MOST_PROBED
    return driver.keys is not None and order.walked != "last_updated"
