"""Parts of addresses."""

from patients.fhir.resource import ID_PATTERN, RESOURCE_TYPES

# A Parameters is only ever sent to an operation or answered by one. https://hl7.org/fhir/R4/parameters.html
STORED_TYPES = frozenset(RESOURCE_TYPES - {"Parameters"})


class ResourceTypeConverter:
    """A type of resources that are kept."""

    regex = "[A-Z][A-Za-z]{0,63}"

    def to_python(self, value: str) -> str:
        """:raises ValueError: if it is none; Django then looks for another address."""
        if value not in STORED_TYPES:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


class FhirIdConverter:
    """An id. https://hl7.org/fhir/R4/datatypes.html#id"""

    regex = ID_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class VersionIdConverter:
    """A version id of this server's: a number, written in one way only."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
