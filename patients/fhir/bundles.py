"""Bundles, spliced from the stored text of resources: none of it is parsed to be sent.

https://hl7.org/fhir/R4/bundle.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from patients.fhir.entity_tags import entity_tag
from patients.fhir.exact_json import encode
from patients.fhir.outcomes import Issue, operation_outcome


class Version(Protocol):
    """A stored version; `content` is its text, None for a deletion."""

    @property
    def resource_type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def version_id(self) -> int: ...
    @property
    def last_updated(self) -> datetime: ...
    @property
    def method(self) -> str | None: ...
    @property
    def content(self) -> str | None: ...


class HistoricVersion(Version, Protocol):
    """A version of which it is known whether there was nothing, or a deletion, before it."""

    @property
    def is_creation(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Link:
    """Where this page is, or the next."""

    relation: str
    url: str


def instant(moment: datetime) -> str:
    """Return the moment as FHIR writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def searchset(
    found: Iterable[Version],
    *,
    base: str,
    links: Sequence[Link],
    as_of: datetime,
    total: int | None = None,
    included: Iterable[Version] = (),
    notes: Sequence[Issue] = (),
) -> str:
    """Return the bundle of a page of search results; `notes` tell something about the answer."""
    entries = [_result(each, base, "match") for each in found]
    entries += [_result(each, base, "include") for each in included]
    if notes:
        outcome = encode(operation_outcome(notes))
        entries.append(f'{{"resource":{outcome},"search":{{"mode":"outcome"}}}}')
    return _bundle("searchset", entries, links, as_of, total)


def history(
    versions: Iterable[HistoricVersion],
    *,
    base: str,
    links: Sequence[Link],
    as_of: datetime,
    total: int | None = None,
) -> str:
    """Return the bundle of a page of versions."""
    entries = [_version(each, base) for each in versions]
    return _bundle("history", entries, links, as_of, total)


@dataclass(frozen=True, slots=True)
class Portioned:
    """A searchset that is sent portion by portion: its length is known before any of it is read."""

    base: str
    links: Sequence[Link]
    as_of: datetime
    total: int

    @property
    def head(self) -> bytes:
        """All that comes before the first entry."""
        return f'{_head("searchset", self.links, self.as_of, self.total)},"entry":['.encode()

    tail = b"]}"

    def length(self, octets: int) -> int:
        """Return the length of the whole; `octets` are those of all types, ids and texts of its entries."""
        around = _entry(f"{self.base}//", "", "match")
        separators = self.total - 1
        return len(self.head) + octets + self.total * len(around.encode()) + separators + len(self.tail)

    def portion(self, found: Iterable[Version], *, is_first: bool) -> bytes:
        """Return some of the entries, as they follow those before."""
        joined = ",".join(_result(each, self.base, "match") for each in found)
        return (joined if is_first else f",{joined}").encode()


def _bundle(
    type: str, entries: Sequence[str], links: Sequence[Link], as_of: datetime, total: int | None
) -> str:
    # R4 has no empty arrays.
    listed = f',"entry":[{",".join(entries)}]' if entries else ""
    return f"{_head(type, links, as_of, total)}{listed}}}"


def _head(type: str, links: Sequence[Link], as_of: datetime, total: int | None) -> str:
    head = f'{{"resourceType":"Bundle","meta":{{"lastUpdated":"{instant(as_of)}"}},"type":"{type}"'
    counted = "" if total is None else f',"total":{total}'
    linked = ",".join(f'{{"relation":"{link.relation}","url":{encode(link.url)}}}' for link in links)
    return f'{head}{counted},"link":[{linked}]'


def _result(found: Version, base: str, mode: str) -> str:
    return _entry(f"{base}/{found.resource_type}/{found.id}", found.content or "", mode)


def _entry(full_url: str, content: str, mode: str) -> str:
    return f'{{"fullUrl":{encode(full_url)},"resource":{content},"search":{{"mode":"{mode}"}}}}'


def _version(version: HistoricVersion, base: str) -> str:
    status = "204" if version.content is None else "201" if version.is_creation else "200"
    resource = "" if version.content is None else f'"resource":{version.content},'
    url = version.resource_type if version.method == "POST" else f"{version.resource_type}/{version.id}"
    return (
        f'{{"fullUrl":{_full_url(version, base)},{resource}'
        f'"request":{{"method":"{version.method}","url":"{url}"}},'
        f'"response":{{"status":"{status}","etag":{encode(entity_tag(version.version_id))},'
        f'"lastModified":"{instant(version.last_updated)}"}}}}'
    )


def _full_url(version: Version, base: str) -> str:
    return encode(f"{base}/{version.resource_type}/{version.id}")
