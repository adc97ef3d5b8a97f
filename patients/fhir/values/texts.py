"""Words to search for: those of narratives, of all content, and of what codes and references are shown as.

Specification: https://hl7.org/fhir/R4/search.html#content and https://hl7.org/fhir/R4/search.html#token
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextValue:
    """Words to search for, all of which must be there."""

    text: str
