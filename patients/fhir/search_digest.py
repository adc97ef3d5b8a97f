"""Which definitions search values are extracted by, as a digest: rows of another digest are incomplete."""

from hashlib import blake2b

from patients.fhir.search_parameters import SEARCH_PARAMETERS

# Raised when extraction, folding or a key makes something else of the same definitions.
_EXTRACTION = 1


def definitions_digest(resource_type: str) -> str:
    """The digest for resources of this type."""
    parameters = SEARCH_PARAMETERS.get(resource_type, {}).values()
    facts = sorted((each.name, each.type, str(each.datatype), each.expression) for each in parameters)
    return blake2b(repr((_EXTRACTION, facts)).encode(), digest_size=16).hexdigest()
