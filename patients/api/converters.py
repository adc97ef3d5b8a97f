"""Parts of addresses."""

from patients.fhir.resource import ID_PATTERN


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
