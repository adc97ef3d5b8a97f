"""Which definitions search values are extracted by, as a digest: rows of another digest are incomplete."""

from hashlib import blake2b

from patients.fhir.search_parameters import SearchParameter, parameters_of

# Raised when extraction, folding or a key makes something else of the same definitions.
_EXTRACTION = 3


def definitions_digest(resource_type: str) -> str:
    """The digest for resources of this type."""
    facts = sorted(_facts(each) for each in parameters_of(resource_type).values())
    return blake2b(repr((_EXTRACTION, facts)).encode(), digest_size=16).hexdigest()


def _facts(parameter: SearchParameter) -> tuple[object, ...]:
    """What of a parameter makes values; its modifiers and words do not."""
    components = tuple(_facts(each) for each in parameter.components)
    return parameter.name, parameter.type, parameter.datatype, parameter.expression, components
