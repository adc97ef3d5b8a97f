"""URIs as search sees them: compared letter for letter.

`:below` finds all whose path goes on from the one given, `:above` all that lead to it.

Specification: https://hl7.org/fhir/R4/search.html#uri
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UriValue:
    """A URI to search for, as it is written."""

    text: str
