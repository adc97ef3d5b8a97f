"""The invariants of bundles (https://hl7.org/fhir/R4/bundle.html)."""

from patients.fhir.invariants.rule import Invariant, Value, absent_unless, any_of, given

_WITH_REQUESTS = frozenset({"batch", "transaction", "history"})
_WITH_RESPONSES = frozenset({"batch-response", "transaction-response", "history"})


def _entries(bundle: Value) -> list[Value]:
    entries: list[Value] = bundle.get("entry", [])
    return entries


def _searches_in_searchset_only(bundle: Value) -> bool:
    return bundle.get("type") == "searchset" or not any("search" in entry for entry in _entries(bundle))


def _requests_where_due(bundle: Value) -> bool:
    are_due = bundle.get("type") in _WITH_REQUESTS
    return all(("request" in entry) == are_due for entry in _entries(bundle))


def _responses_where_due(bundle: Value) -> bool:
    are_due = bundle.get("type") in _WITH_RESPONSES
    return all(("response" in entry) == are_due for entry in _entries(bundle))


def _full_urls_are_unique(bundle: Value) -> bool:
    if bundle.get("type") == "history":
        return True
    seen = [_full_url_and_version(entry) for entry in _entries(bundle) if "fullUrl" in entry]
    return len(set(seen)) == len(seen)


def _full_url_and_version(entry: Value) -> tuple[str, str | None]:
    return entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId")


def _document_is_identified(bundle: Value) -> bool:
    identifier = bundle.get("identifier", {})
    return bundle.get("type") != "document" or (given(identifier, "system") and given(identifier, "value"))


def _starts_with(bundle: Value, resource_type: str) -> bool:
    entries = _entries(bundle)
    return bool(entries) and entries[0].get("resource", {}).get("resourceType") == resource_type


BUNDLE: dict[str, tuple[Invariant, ...]] = {
    "Bundle": (
        Invariant(
            "bdl-1",
            "may be given only in a searchset or a history",
            absent_unless("total", "type", "searchset", "history"),
            "total",
        ),
        Invariant("bdl-2", "may have a search only in a searchset", _searches_in_searchset_only, "entry"),
        Invariant(
            "bdl-3",
            "must have a request in a batch, transaction or history, and nowhere else",
            _requests_where_due,
            "entry",
        ),
        Invariant(
            "bdl-4",
            "must have a response in a batch-response, transaction-response or history, and nowhere else",
            _responses_where_due,
            "entry",
        ),
        Invariant("bdl-7", "must have different fullUrls", _full_urls_are_unique, "entry"),
        Invariant(
            "bdl-9", "of a document must have a system and a value", _document_is_identified, "identifier"
        ),
        Invariant(
            "bdl-10",
            "of a document is required",
            lambda bundle: bundle.get("type") != "document" or "timestamp" in bundle,
            "timestamp",
        ),
        Invariant(
            "bdl-11",
            "of a document must start with a Composition",
            lambda bundle: bundle.get("type") != "document" or _starts_with(bundle, "Composition"),
            "entry",
        ),
        Invariant(
            "bdl-12",
            "of a message must start with a MessageHeader",
            lambda bundle: bundle.get("type") != "message" or _starts_with(bundle, "MessageHeader"),
            "entry",
        ),
    ),
    "Bundle.entry": (
        Invariant(
            "bdl-5",
            "must have a resource, a request or a response",
            any_of("resource", "request", "response"),
        ),
        Invariant(
            "bdl-8",
            "may not be the address of a version",
            lambda entry: "/_history/" not in entry.get("fullUrl", ""),
            "fullUrl",
        ),
    ),
}
