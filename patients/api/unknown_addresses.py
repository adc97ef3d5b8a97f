"""What is said of addresses below /fhir at which nothing is offered."""

import re

from patients.fhir.outcomes import FhirError, NotFound, UnknownResourceType
from patients.fhir.resource import RESOURCE_TYPES
from patients.fhir.search_parameters import OFFERED

_LIKE_A_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")


def not_offered(address: str) -> FhirError:
    """Return the failure that tells why there is nothing at the address, relative to the service's."""
    resource_type = address.partition("/")[0]
    if resource_type in RESOURCE_TYPES - OFFERED.keys():
        return UnknownResourceType(
            f"Resources of type {resource_type} are not offered here yet; see metadata for what is."
        )
    if resource_type not in RESOURCE_TYPES and _LIKE_A_TYPE.fullmatch(resource_type):
        return UnknownResourceType(f"{resource_type} is not a resource type of FHIR R4.")
    if address.endswith("/"):
        return NotFound("There is nothing at this address; addresses here have no slash at their end.")
    return NotFound("There is nothing at this address; see metadata for what is offered.")
