"""$validate: whether a resource could be stored, without storing it.

https://hl7.org/fhir/R4/resource-operation-validate.html
"""

from patients.access import Actor
from patients.fhir import validation
from patients.fhir.outcomes import Forbidden, InvalidRequest, InvalidResource, Issue
from patients.fhir.validate_request import ValidateRequest
from patients.interactions.door import opened
from patients.interactions.read import current_version
from patients.interactions.update import require_id

_ALL_OK = "All OK: the resource could be stored."


def validate(*, actor: Actor, request: ValidateRequest) -> tuple[Issue, ...]:
    """Answer what is wrong, or that nothing is."""
    with opened(actor, "validate", request.resource_type, id=request.id):
        if request.failure is not None:
            return request.failure.issues
        if request.mode == "delete":
            return _deletion(actor, request)
        return _storing(request)


def _storing(request: ValidateRequest) -> tuple[Issue, ...]:
    """Return the issues of the resource, at this address."""
    resource = request.resource
    if resource is None:
        return ()
    issues: tuple[Issue, ...] = ()
    if resource.resource_type != request.resource_type:
        sentence = (
            f"The resource is of type {resource.resource_type}; "
            f"this address takes {request.resource_type} resources."
        )
        issues = (Issue("invalid", sentence, (f"{resource.resource_type}.resourceType",)),)
    try:
        if request.id is not None:
            require_id(resource, request.id)
    except InvalidRequest as error:
        issues += error.issues
    try:
        validation.validate(resource)
    except InvalidResource as error:
        issues += error.issues
    return issues or (Issue("informational", _ALL_OK, severity="information"),)


def _deletion(actor: Actor, request: ValidateRequest) -> tuple[Issue, ...]:
    named = f"{request.resource_type}/{request.id}"
    try:
        found = current_version(request.resource_type, request.id or "", actor=actor, interaction="validate")
    except Forbidden:
        found = None
    if found is None or found[0].is_deleted:
        # To delete what is not there succeeds, and changes nothing.
        sentence = f"{named} is not there; a deletion would change nothing."
        return (Issue("not-found", sentence, severity="warning"),)
    return (Issue("informational", f"{named} could be deleted.", severity="information"),)
