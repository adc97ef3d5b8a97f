"""`_typeFilter`: which resources of a type an export takes, as searches of that type.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#_typefilter-query-parameter
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from patients.fhir import search_request
from patients.fhir.outcomes import FhirError, InvalidSearchParameter
from patients.fhir.search_request import SearchRequest

NAME = "_typeFilter"
MOST_FILTERS = 20
# So many ids are looked at together; a filter must leave room for them in a search.
MOST_IDS = 500
_LONGEST_IDS = ("x" * 64,) * MOST_IDS

# Several may stand in one text, and a comma within a value is none between two.
_BETWEEN = re.compile(r",(?=[A-Z][A-Za-z]{0,63}\?)")


def parse(texts: Iterable[str], types: Sequence[str]) -> tuple[str, ...]:
    """Return the filters, each as the type, a question mark and a canonical query; any of a type's may match.

    :raises InvalidSearchParameter: if one is no search of a type that is exported, or there are too many.
    """
    given = [each for text in texts for each in _BETWEEN.split(text)]
    if len(given) > MOST_FILTERS:
        raise InvalidSearchParameter(
            f"Parameter '{NAME}' has {len(given)} filters; {MOST_FILTERS} may be given."
        )
    return tuple(dict.fromkeys(_canonical(each, types) for each in given))


def search_of(filter: str, ids: Sequence[str] = ()) -> SearchRequest:
    """Return the search for those of the resources that the filter takes.

    :raises FhirError: if the filter is no search.
    """
    resource_type, _, query = filter.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    if ids:
        pairs.append(("_id", ",".join(ids)))
    return search_request.parse(resource_type, pairs)


def _canonical(text: str, types: Sequence[str]) -> str:
    resource_type, mark, _ = text.partition("?")
    if not mark or resource_type not in types:
        shown = ascii(resource_type[:64])
        raise InvalidSearchParameter(
            f"Parameter '{NAME}' takes searches of types that are exported, not {shown}."
        )
    try:
        request = search_of(text)
        search_of(text, _LONGEST_IDS)
    except FhirError as error:
        raise InvalidSearchParameter(f"Parameter '{NAME}': {resource_type}: {error}") from error
    except ValueError:
        raise InvalidSearchParameter(
            f"Parameter '{NAME}': the search of {resource_type} is not percent-encoded UTF-8."
        ) from None
    bare = SearchRequest(resource_type, request.criteria)
    if not request.criteria or bare.query() != request.query():
        raise InvalidSearchParameter(
            f"Parameter '{NAME}': the search of {resource_type} must have criteria, and say nothing else."
        )
    return f"{resource_type}?{bare.query()}"
