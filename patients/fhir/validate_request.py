"""What $validate is asked. https://hl7.org/fhir/R4/resource-operation-validate.html"""

from dataclasses import dataclass
from typing import Any

from patients.fhir import operation_parameters, resource
from patients.fhir.operation_parameters import Pairs
from patients.fhir.outcomes import InvalidRequest, InvalidResource, InvalidSearchParameter
from patients.fhir.resource import Resource

MODES = ("create", "update", "delete")


@dataclass(frozen=True, slots=True)
class ValidateRequest:
    """A resource that may be stored, or (mode delete) one that may be deleted, at an address.

    `failure`: what was sent is no resource at all.
    """

    resource_type: str
    id: str | None
    mode: str | None
    resource: Resource | None
    failure: InvalidResource | None = None


def parse(resource_type: str, id: str | None, pairs: Pairs, body: Resource | None) -> ValidateRequest:
    """Return what is asked by the parameters of an address and by a body.

    :raises InvalidRequest: if there is no resource to look at, or the mode does not go with the address.
    :raises UnknownSearchParameter: if there are other parameters than mode: profiles are not offered.
    """
    sent, failure = body, None
    if body is not None and body.resource_type == "Parameters":
        given = _parameters(body)
        pairs = (*pairs, *_other_parameters(given))
        sent, failure = _resource_in(given)
    grouped = operation_parameters.grouped(pairs, operation="$validate", offered=("mode",))
    mode = operation_parameters.only(grouped, "mode")
    if mode is not None and mode not in MODES:
        raise InvalidSearchParameter(f"Parameter 'mode' is one of {', '.join(MODES)}.")
    if mode in ("update", "delete") and id is None:
        raise InvalidRequest(f"The mode {mode} needs the address of a resource, with its id.")
    if sent is None and failure is None and mode != "delete":
        raise InvalidRequest("There is no resource to validate: send one, or Parameters with one.")
    return ValidateRequest(resource_type, id, mode, sent, failure)


def _parameters(body: Resource) -> list[Any]:
    given = body.value.get("parameter")
    if not isinstance(given, list) or not given:
        raise InvalidRequest("The Parameters hold no parameter.")
    return given


def _name(parameter: Any) -> Any:
    return parameter.get("name") if isinstance(parameter, dict) else None


def _other_parameters(given: list[Any]) -> Pairs:
    others = [each for each in given if _name(each) != "resource"]
    value = {"resourceType": "Parameters", "parameter": others}
    return operation_parameters.pairs_of(resource.from_value(value))


def _resource_in(given: list[Any]) -> tuple[Resource | None, InvalidResource | None]:
    found = [each.get("resource") for each in given if _name(each) == "resource"]
    if len(found) > 1:
        raise InvalidRequest("The Parameters hold more than one resource.")
    try:
        return (resource.from_value(found[0]), None) if found else (None, None)
    except InvalidResource as error:
        return None, error
