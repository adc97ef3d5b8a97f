"""The query string of an address, or a posted form: decoded once, strictly, in the order given."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from rest_framework.request import Request

from patients.fhir.criteria import LONGEST_NAME_SHOWN
from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    TooLarge,
    UnknownSearchParameter,
)
from patients.fhir.search_request import MAXIMUM_LENGTH

Pairs = tuple[tuple[str, str], ...]

# A character of a search may take three bytes, each percent-encoded.
_LONGEST = 9 * MAXIMUM_LENGTH
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Query:
    """What the client wants to see it as, and what it asks."""

    format: str | None = None
    is_pretty: bool = False
    parameters: Pairs = ()

    def with_form(self, form: "Query") -> "Query":
        """Return this query of an address together with the form that was posted to it.

        :raises InvalidSearchParameter: if both name a format.
        """
        if self.format and form.format:
            raise InvalidSearchParameter("Parameter '_format' is given more than once.")
        is_pretty = self.is_pretty or form.is_pretty
        return Query(self.format or form.format, is_pretty, self.parameters + form.parameters)

    def representation(self) -> Pairs:
        """Return the parameters that say how the answer is to look, for links to further pages."""
        format = (("_format", self.format),) if self.format else ()
        return (*format, ("_pretty", "true")) if self.is_pretty else format


def query_of(request: Request) -> Query:
    """Return the query of the request's address.

    :raises InvalidRequest: if it is not a query string.
    """
    return parse_query(request.META.get("QUERY_STRING", "").encode("latin-1"))


def parse_query(encoded: bytes) -> Query:
    """Return what a query string, or a form of that encoding, says.

    :raises InvalidRequest: if it is not percent-encoded UTF-8.
    :raises TooLarge: if it is longer than any search.
    """
    pairs = _pairs(encoded)
    return Query(
        format=_only("_format", pairs),
        is_pretty=_is_pretty(_only("_pretty", pairs)),
        parameters=tuple(pair for pair in pairs if pair[0] not in ("_format", "_pretty")),
    )


def require_none(query: Query, *, interaction: str) -> None:
    """Refuse parameters where an interaction takes none.

    :raises UnknownSearchParameter: if there is one.
    """
    for name, _ in query.parameters:
        shown = name[:LONGEST_NAME_SHOWN]
        raise UnknownSearchParameter(f"Unknown parameter {shown!r}; {interaction} takes no parameters.")


def _pairs(encoded: bytes) -> Pairs:
    if len(encoded) > _LONGEST:
        raise TooLarge(f"A search may be at most {MAXIMUM_LENGTH} characters long.")
    if _BROKEN_ESCAPE.search(encoded):
        raise InvalidRequest("The query has a '%' that no two hexadecimal digits follow; write %25 for it.")
    try:
        return tuple(parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError as error:
        raise InvalidRequest("The query is not UTF-8.") from error


def _only(name: str, pairs: Pairs) -> str | None:
    texts = [text for key, text in pairs if key == name]
    if len(texts) > 1:
        raise InvalidSearchParameter(f"Parameter {name!r} is given more than once.")
    return texts[0] if texts else None


def _is_pretty(text: str | None) -> bool:
    if text is not None and text not in _BOOLEANS:
        raise InvalidSearchParameter("Parameter '_pretty' takes true or false.")
    return text is not None and _BOOLEANS[text]
