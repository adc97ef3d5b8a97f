"""Where the links of a transaction's resources point, once the ids of its entries are known.

https://hl7.org/fhir/R4/bundle.html#references. Everything here can be done again with other ids: a link keeps
the text that it was sent with.
"""

from collections.abc import Iterable, Sequence

from patients.fhir.bundle_requests import naming_entry
from patients.fhir.outcomes import InvalidRequest, PreconditionFailed
from patients.interactions.bundle import conditions
from patients.interactions.bundle.changes import BundleChange
from patients.interactions.bundle.conditions import Condition, Identified
from patients.interactions.bundle.links import Link, point_hyperlinks

_PLACE_IN_BUNDLE = ("urn:uuid:", "urn:oid:")
_HISTORY = "/_history/"


class Resolver:
    """The links between the entries of one transaction, and from them to what is stored."""

    def __init__(self, changes: Sequence[BundleChange]) -> None:
        """Find out which entry each link names.

        :raises InvalidRequest: if one names a place in the bundle that no entry has.
        """
        self._changes = [change for change in changes if change.resource is not None]
        self._by_url = _by_full_url(self._changes)
        self._named: list[tuple[Link, BundleChange]] = []
        self._conditional: list[tuple[Link, Condition, BundleChange]] = []
        for change in self._changes:
            with naming_entry(change.index):
                for link in change.links:
                    self._read(change, link)

    @property
    def conditions(self) -> set[Condition]:
        """The criteria of conditional references."""
        return {condition for _, condition, _ in self._conditional}

    def point(self) -> None:
        """Let links within the bundle name the ids that its entries now have."""
        for link, target in self._named:
            link.point_to(target.reference)
        for change in self._changes:
            if change.narrative is not None and change.resource is not None:
                change.resource.value["text"]["div"] = change.narrative
                point_hyperlinks(change.resource.value, self._target_of_url)

    def point_conditional(self, stored: dict[Condition, set[str]]) -> None:
        """Let conditional references name what meets them: in the bundle, or of what is stored and stays so.

        Of what the bundle changes only identifiers are looked at here.

        :raises PreconditionFailed: if that is nothing, or more than one resource.
        """
        written = [change for change in self._changes if not change.is_nothing_to_do]
        here, references = self._identified(written), {change.reference for change in written}
        for link, condition, change in self._conditional:
            ids = stored[condition]
            if condition.request is None:
                staying = {id for id in ids if f"{condition.resource_type}/{id}" not in references}
                ids = here.find(condition) | staying
            with naming_entry(change.index):
                if not ids:
                    raise PreconditionFailed(f"{condition.text}: no such resource is known.")
                link.point_to(f"{condition.resource_type}/{conditions.only(condition, ids)}")

    def _read(self, change: BundleChange, link: Link) -> None:
        target = self._by_url.get(link.text)
        if target is None and link.is_reference:
            if link.condition is not None:
                self._conditional.append((link, link.condition, change))
                return
            if link.text.startswith(_PLACE_IN_BUNDLE):
                raise InvalidRequest(f"{link.text[:80]}: no entry of the bundle has this fullUrl.")
            if change.base_url is not None:
                target = self._by_url.get(change.base_url + link.text)
            if target is None and _HISTORY in link.text:
                self._refuse_version(change, link.text)
        if target is not None:
            self._named.append((link, target))

    def _refuse_version(self, change: BundleChange, text: str) -> None:
        """Refuse to name a version by numbers that are another server's."""
        bare = text.partition(_HISTORY)[0]
        target = self._by_url.get(bare) or self._by_url.get(f"{change.base_url}{bare}")
        if target is not None and not bare.endswith(target.reference):
            raise InvalidRequest(
                f"{text[:80]}: entry {target.index} gets an id and a version of its own here; refer to it"
                " without one."
            )

    def _identified(self, changes: Iterable[BundleChange]) -> Identified:
        here = Identified()
        types = {condition.resource_type for condition in self.conditions}
        for change in changes:
            if change.resource is not None and change.resource_type in types:
                here.add(change.resource, change.id)
        return here

    def _target_of_url(self, url: str) -> str | None:
        target = self._by_url.get(url)
        return target.reference if target else None


def _by_full_url(changes: Iterable[BundleChange]) -> dict[str, BundleChange]:
    by_url: dict[str, BundleChange] = {}
    for change in changes:
        url = change.request.full_url
        if url is None:
            continue
        if url in by_url:
            raise InvalidRequest(
                f"Entry {change.index}: its fullUrl is that of entry {by_url[url].index} as well.",
                expression=(f"Bundle.entry[{change.index}].fullUrl",),
            )
        by_url[url] = change
    return by_url
