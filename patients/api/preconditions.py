"""Conditions on writes: those that are kept, and those that are refused until they are.

https://hl7.org/fhir/R4/http.html#concurrency and https://hl7.org/fhir/R4/http.html#ccreate
"""

from rest_framework.request import Request

from patients.fhir.entity_tags import version_in
from patients.fhir.outcomes import InvalidRequest

# A write that ignored one of these would do what the client meant to prevent.
_NOT_OFFERED = {
    "create": ("If-None-Exist", "If-Match", "If-None-Match"),
    "conditional create": ("If-Match", "If-None-Match"),
    "update": ("If-Unmodified-Since",),
    "conditional update": ("If-Unmodified-Since",),
    "patch": ("If-None-Match", "If-Unmodified-Since", "If-None-Exist"),
    "delete": ("If-None-Match", "If-Unmodified-Since"),
}


def if_match(request: Request) -> int | None:
    """Return the version that the client has seen, if it says so; ANY_VERSION for `*`.

    :raises InvalidRequest: if If-Match is neither `*` nor the entity tag of one version.
    """
    header = request.headers.get("If-Match")
    return None if header is None else version_in(header)


def must_be_new(request: Request) -> bool:
    """Whether the resource is to be made, not replaced.

    :raises InvalidRequest: if If-None-Match is not `*`.
    """
    header = request.headers.get("If-None-Match")
    if header is not None and header.strip() != "*":
        raise InvalidRequest("If-None-Match of an update must be *; nothing was changed.")
    return header is not None


def if_none_exist(request: Request) -> str | None:
    """Return the criteria of a conditional create, if it is one; some send them as a whole address."""
    header = request.headers.get("If-None-Exist")
    if header is None:
        return None
    address, _, criteria = header.strip().partition("?")
    return header.strip() if "=" in address else criteria


def refuse_others(request: Request, interaction: str) -> None:
    """Refuse the conditions that this interaction does not keep.

    :raises InvalidRequest: if there is one.
    """
    for header in _NOT_OFFERED[interaction]:
        if header in request.headers:
            raise InvalidRequest(
                f"The header {header} is not offered for {interaction}; nothing was changed."
            )
