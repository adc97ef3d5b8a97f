"""What is said of addresses below /fhir at which nothing is offered."""

import re

from patients.api.converters import STORED_TYPES
from patients.fhir.outcomes import FhirError, NotFound, UnknownResourceType
from patients.fhir.resource import ID_PATTERN, RESOURCE_TYPES

_LIKE_A_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")


def not_offered(address: str) -> FhirError:
    """Return the failure that tells why there is nothing at the address, relative to the service's."""
    resource_type, _, rest = address.partition("/")
    id = rest.partition("/")[0]
    if resource_type in RESOURCE_TYPES - STORED_TYPES:
        return UnknownResourceType(
            f"A {resource_type} is only sent to operations and answered by them; none is kept."
        )
    if resource_type not in RESOURCE_TYPES and _LIKE_A_TYPE.fullmatch(resource_type):
        return UnknownResourceType(f"{resource_type} is not a resource type of FHIR R4.")
    if address.endswith("/"):
        return NotFound("There is nothing at this address; addresses here have no slash at their end.")
    if "$" in address:
        return NotFound("This operation is not offered at this address; see metadata for what is offered.")
    if resource_type in STORED_TYPES and not id.startswith("_") and not re.fullmatch(ID_PATTERN, id):
        return NotFound("There is nothing at this address: an id is up to 64 letters, digits, '-' and '.'.")
    return NotFound("There is nothing at this address; see metadata for what is offered.")
