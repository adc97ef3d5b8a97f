"""From candidates to entries that may be written: names become ids, and each resource is validated.

What cannot be resolved is refused, and with it whatever refers to what is refused. References are looked for
in the bundle first, then among the stored resources.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from patients.fhir.outcomes import FhirError, InvalidRequest, NotFound
from patients.fhir.validation import validate
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition, Identified
from patients.interactions.bundle.links import Link, full_urls_of, point_hyperlinks
from patients.interactions.load.entries import Candidate, Entry, entry

_PLACE_IN_BUNDLE = ("urn:uuid:", "urn:oid:")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The entries that may be written or are there already, and why others are refused."""

    entries: list[Entry]
    refusals: dict[int, FhirError]
    # What the refused ones are called in the source, as far as they could be read.
    references: dict[int, str]


class Resolver:
    """Makes the entries of one bundle, or of some lines, ready to be written."""

    def __init__(self, bundle_type: str | None, digest: str, imagined: Identified) -> None:
        self._bundle_type = bundle_type
        self._digest = digest
        self._imagined = imagined
        self._entries: dict[int, Entry] = {}
        self._refusals: dict[int, FhirError] = {}
        self._full_urls: Collection[str] = ()
        self._by_url: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._identified: dict[Condition, Collection[str]] = {}
        self._dependents: dict[int, list[int]] = {}

    def resolve(
        self, candidates: Iterable[Candidate], pending: Collection[int], refused: Mapping[int, FhirError]
    ) -> Resolved:
        """Make the pending entries ready; `refused` are those that the database did not take before."""
        self._refusals.update(refused)
        if self._bundle_type is not None:
            candidates = list(candidates)
            self._full_urls = full_urls_of(it.content for it in candidates)
        for candidate in candidates:
            self._read(candidate)
        is_whole = self._bundle_type == "transaction"
        if not (is_whole and self._refusals):
            self._decide_conditional_creates()
            self._find_conditional_references()
            for found in self._remaining(pending):
                self._settle(found)
        if not is_whole:
            self._refuse_dependents()
        refusals = {at: why for at, why in sorted(self._refusals.items()) if at in pending}
        references = {at: self._entries[at].own_reference for at in refusals if at in self._entries}
        return Resolved(self._remaining(pending), refusals, references)

    def _remaining(self, pending: Collection[int]) -> list[Entry]:
        return [it for it in self._entries.values() if it.index in pending and it.index not in self._refusals]

    def _read(self, candidate: Candidate) -> None:
        try:
            found = entry(
                candidate,
                bundle_type=self._bundle_type,
                digest=self._digest,
                full_urls=self._full_urls,
            )
            if found.full_url in self._by_url:
                raise InvalidRequest(f"{found.full_url} is the fullUrl of two entries.")
            if self._bundle_type == "transaction" and found.reference in self._by_id:
                raise InvalidRequest(f"{found.reference} is in two entries of one transaction.")
        except FhirError as error:
            self._refusals[candidate.index] = error
            return
        self._entries[found.index] = found
        self._by_id[found.reference] = found
        if found.full_url is not None:
            self._by_url[found.full_url] = found

    def _decide_conditional_creates(self) -> None:
        """Let entries stand for the resources that their `ifNoneExist` finds."""
        conditional = {at: it.condition for at, it in self._entries.items() if it.condition}
        stored = conditions.find(set(conditional.values()))
        first: dict[Condition, Entry] = {}
        for index, condition in conditional.items():
            found = self._entries[index]
            ids = stored[condition] | self._imagined.find(condition)
            if len(ids) > 1:
                self._refusals[index] = conditions.several(condition)
            elif ids:
                found.id, found.is_existing = ids.pop(), True
            elif condition in first:
                found.id, found.is_existing = first[condition].id, True
                self._depend(found, first[condition])
            else:
                first[condition] = found

    def _find_conditional_references(self) -> None:
        """Find what references name by an identifier: in the bundle first."""
        wanted = {it.condition for found in self._entries.values() for it in found.links if it.condition}
        if not wanted:
            return
        here = Identified()
        types = {condition.resource_type for condition in wanted}
        for found in self._entries.values():
            if found.resource.resource_type in types:
                here.add(found.resource, found.id)
        self._identified = {condition: here.find(condition) for condition in wanted}
        elsewhere = [condition for condition, ids in self._identified.items() if not ids]
        for condition, ids in conditions.find(elsewhere).items():
            self._identified[condition] = ids | self._imagined.find(condition)

    def _settle(self, found: Entry) -> None:
        """Let the entry's links name ids, and validate what has become of the resource."""
        if found.is_existing:
            return
        try:
            for link in found.links:
                target = self._target(found, link)
                if target is not None and target != link.text:
                    link.point_to(target)
                    found.is_rewritten = True
            if self._by_url:
                found.is_rewritten |= point_hyperlinks(found.resource.value, self._url_target)
            found.resource = found.settled()
            validate(found.resource)
        except FhirError as error:
            self._refusals[found.index] = error

    def _target(self, found: Entry, link: Link) -> str | None:
        """What the link is to say instead, or None if it stays as it is.

        :raises NotFound: if it names what is neither in the bundle nor stored.
        """
        named = self._by_url.get(link.text)
        if named is None and link.is_reference:
            if link.condition is not None:
                return self._identified_target(found, link.condition)
            if link.text.startswith(_PLACE_IN_BUNDLE):
                raise InvalidRequest(f"{link.text}: no entry that can be loaded has this fullUrl.")
            if found.base_url is not None:
                named = self._by_url.get(found.base_url + link.text)
        if named is None:
            return None
        self._depend(found, named)
        return named.reference

    def _identified_target(self, found: Entry, condition: Condition) -> str:
        reference = f"{condition.resource_type}/{conditions.only(condition, self._identified[condition])}"
        if reference in self._by_id:
            self._depend(found, self._by_id[reference])
        return reference

    def _url_target(self, url: str) -> str | None:
        named = self._by_url.get(url)
        return named.reference if named else None

    def _depend(self, dependent: Entry, named: Entry) -> None:
        self._dependents.setdefault(named.index, []).append(dependent.index)

    def _refuse_dependents(self) -> None:
        """Refuse what refers to a refused entry, and what refers to that."""
        waiting = list(self._refusals)
        while waiting:
            index = waiting.pop()
            kind = NotFound if isinstance(self._refusals[index], NotFound) else InvalidRequest
            for dependent in self._dependents.get(index, ()):
                if dependent not in self._refusals:
                    self._refusals[dependent] = kind(f"It refers to entry {index}, which is refused.")
                    waiting.append(dependent)
