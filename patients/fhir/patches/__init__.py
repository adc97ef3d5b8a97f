"""Patches: changes that are sent instead of the whole resource. https://hl7.org/fhir/R4/http.html#patch"""

from typing import Any, Protocol

from patients.fhir import resource as resources
from patients.fhir.outcomes import InvalidResource, NotApplicable
from patients.fhir.resource import Resource
from patients.fhir.validation import validate


class Patch(Protocol):
    """What can be applied to a resource."""

    def applied(self, value: dict[str, Any]) -> Any:
        """Return the value with the changes made; the one given stays as it is.

        :raises NotApplicable: if the resource has not what the patch changes.
        """


def patched(resource: Resource, patch: Patch) -> Resource:
    """Return the resource that the patch makes of another; what it does not touch stays as written.

    :raises NotApplicable: if it cannot be applied, or what it makes is not valid, or another resource.
    """
    value = patch.applied(resource.value)
    try:
        made = resources.changed(resource, value)
        if (made.resource_type, made.id) != (resource.resource_type, resource.id):
            raise NotApplicable("A patch may change neither resourceType nor id.")
        validate(made)
    except InvalidResource as error:
        raise NotApplicable(f"What the patch makes is not valid. {error}", issues=error.issues) from error
    return made
