"""batch: many requests, each by itself. https://hl7.org/fhir/R4/http.html#transaction

They are done in the order of a transaction, and answered in their own; what fails fails alone.
"""

from collections.abc import Sequence
from typing import Any

from patients.access import Actor
from patients.fhir.bundle_requests import EntryRequest, entry_request, naming_entry
from patients.fhir.bundle_responses import EntryResponse, failed
from patients.fhir.outcomes import FhirError
from patients.interactions.door import opened
from patients.interactions.transaction import Perform

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}


def batch(*, actor: Actor, entries: Sequence[Any], base: str, perform: Perform) -> list[EntryResponse]:
    """Let `perform` do what each entry asks; those that cannot be understood are answered here."""
    with opened(actor, "batch", "Bundle"):
        responses: dict[int, EntryResponse] = {}
        requests: list[EntryRequest] = []
        for index, value in enumerate(entries):
            try:
                with naming_entry(index):
                    requests.append(entry_request(index, value, base=base))
            except FhirError as error:
                responses[index] = failed(error)
        for request in sorted(requests, key=lambda it: _ORDER[it.method]):
            responses[request.index] = perform(request)
        return [responses[index] for index in range(len(entries))]
