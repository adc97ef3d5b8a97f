"""The bundle that answers a batch or transaction, spliced from the stored text of resources.

https://hl7.org/fhir/R4/bundle.html#response
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from patients.fhir.bundles import instant
from patients.fhir.exact_json import encode
from patients.fhir.outcomes import FhirError, Issue, operation_outcome


@dataclass(frozen=True, slots=True)
class EntryResponse:
    """What came of one entry; `resource` and `outcome` are JSON text."""

    status: int
    location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    full_url: str | None = None
    resource: str | None = None
    outcome: str | None = None

    @property
    def is_failure(self) -> bool:
        return self.status >= 400


def response_bundle(type: str, responses: Iterable[EntryResponse], *, as_of: datetime) -> str:
    """Return the bundle with one entry for each response, in their order."""
    entries = ",".join(_entry(response) for response in responses)
    # R4 has no empty arrays.
    listed = f',"entry":[{entries}]' if entries else ""
    head = f'{{"resourceType":"Bundle","meta":{{"lastUpdated":"{instant(as_of)}"}},"type":"{type}-response"'
    return f"{head}{listed}}}"


def failed(error: FhirError) -> EntryResponse:
    """Return the response of an entry of a batch that could not be done."""
    return EntryResponse(error.status, outcome=encode(operation_outcome(error.issues)))


def failure(status: int, outcome: dict[str, Any]) -> FhirError:
    """Return the failure that an entry was answered with, to fail the whole transaction."""
    issues = tuple(
        Issue(it["code"], it.get("diagnostics", ""), tuple(it.get("expression", ())), it["severity"])
        for it in outcome["issue"]
    )
    kind = next((it for it in FhirError.__subclasses__() if it.status == status), FhirError)
    return kind(issues[0].diagnostics, issues=issues)


def _entry(response: EntryResponse) -> str:
    parts = []
    if response.full_url is not None:
        parts.append(f'"fullUrl":{encode(response.full_url)}')
    if response.resource is not None:
        parts.append(f'"resource":{response.resource}')
    parts.append(f'"response":{{{",".join(_members(response))}}}')
    return f"{{{','.join(parts)}}}"


def _members(response: EntryResponse) -> Iterable[str]:
    yield f'"status":"{response.status} {HTTPStatus(response.status).phrase}"'
    if response.location is not None:
        yield f'"location":{encode(response.location)}'
    if response.etag is not None:
        yield f'"etag":{encode(response.etag)}'
    if response.last_modified is not None:
        yield f'"lastModified":"{response.last_modified}"'
    if response.outcome is not None:
        yield f'"outcome":{response.outcome}'
