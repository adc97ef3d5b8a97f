"""/fhir itself: batches, transactions and searches of all types. https://hl7.org/fhir/R4/http.html"""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api.bundle_entries import EntryDispatcher
from patients.api.parsers import resource_in
from patients.api.preferences import preferred_return
from patients.api.responses import base_of, done
from patients.api.viewsets import ApiViewSet
from patients.fhir.bundle_requests import entries_of
from patients.fhir.bundle_responses import EntryResponse, response_bundle
from patients.fhir.bundles import instant
from patients.fhir.entity_tags import entity_tag
from patients.fhir.exact_json import encode
from patients.fhir.outcomes import Issue, operation_outcome
from patients.interactions import StoredResource, Written


class SystemViewSet(ApiViewSet):
    """/fhir and /fhir/_search"""

    with_parameters = frozenset({"system_search"})

    def system_search(self, request: Request) -> Response:
        return self.searched(request, None, place="")

    def perform(self, request: Request) -> Response:
        """Do what the entries ask: each by itself in a batch, all or nothing in a transaction."""
        type, entries = entries_of(resource_in(request))
        base, prefer = base_of(request), preferred_return(request, default="minimal")
        dispatch = EntryDispatcher(request, base=base, prefer=prefer)
        if type == "batch":
            responses = interactions.batch(actor=self.actor, entries=entries, base=base, perform=dispatch)
        else:
            results = interactions.transaction(actor=self.actor, entries=entries, base=base, perform=dispatch)
            responses = [
                it if isinstance(it, EntryResponse) else _response(it, base, prefer) for it in results
            ]
        return Response(response_bundle(type, responses, as_of=timezone.now()))


def _response(result: Written | None, base: str, prefer: str) -> EntryResponse:
    outcome = _outcome(done(result)) if prefer == "operationoutcome" else None
    if result is None:
        return EntryResponse(204, outcome=outcome)
    stored = result.resource
    place = f"{stored.resource_type}/{stored.id}"
    is_shown = prefer == "representation" and not stored.is_deleted
    return EntryResponse(
        _status(result, stored),
        location=None if stored.is_deleted else f"{place}/_history/{stored.version_id}",
        etag=entity_tag(stored.version_id),
        last_modified=instant(stored.last_updated),
        full_url=None if stored.is_deleted else f"{base}/{place}",
        resource=stored.content if is_shown else None,
        outcome=outcome,
    )


def _status(result: Written, stored: StoredResource) -> int:
    if stored.is_deleted:
        return 204
    return 201 if result.is_created else 200


def _outcome(sentence: str) -> str:
    return encode(operation_outcome([Issue("informational", sentence, severity="information")]))
