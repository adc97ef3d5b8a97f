"""What can go wrong, in FHIR's words: one error class for each anticipated failure.

https://hl7.org/fhir/R4/operationoutcome.html and https://hl7.org/fhir/R4/http.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: the issue type, a sentence for the client, and the elements it is about (FHIRPath)."""

    code: str
    diagnostics: str
    expression: tuple[str, ...] = ()
    severity: str = "error"


class FhirError(Exception):
    """A failure that is answered with an OperationOutcome; subclasses give HTTP status and issue type."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "exception"

    def __init__(
        self, diagnostics: str, *, expression: tuple[str, ...] = (), issues: tuple[Issue, ...] = ()
    ) -> None:
        super().__init__(diagnostics)
        self.issues = issues or (Issue(self.code, diagnostics, expression),)


class InvalidRequest(FhirError):
    """The request contradicts itself or the specification."""

    status = 400
    code = "invalid"


class InvalidJson(FhirError):
    """The body is not JSON, or is JSON that could not be kept exactly."""

    status = 400
    code = "structure"


class InvalidResource(FhirError):
    """The resource breaks the structure that R4 defines for its type."""

    status = 400
    code = "invalid"


class BrokenInvariant(InvalidResource):
    """The resource has the right structure, but its content breaks a rule of R4."""

    status = 422
    code = "invariant"


class InvalidPatch(FhirError):
    """The body is no patch of the format that it claims to be."""

    status = 400
    code = "invalid"


class NotApplicable(FhirError):
    """The patch cannot be applied to this resource, or makes something of it that R4 does not allow."""

    status = 422
    code = "processing"


class UnknownSearchParameter(FhirError):
    """The resource type has no search parameter of this name."""

    status = 400
    code = "not-supported"


class InvalidSearchParameter(FhirError):
    """The value of a search parameter cannot be understood."""

    status = 400
    code = "value"


class UnsupportedModifier(FhirError):
    """The search parameter is not offered with this modifier."""

    status = 400
    code = "not-supported"


class InvalidCursor(FhirError):
    """The cursor of a page was not made by this server, or for another search."""

    status = 400
    code = "value"


class TooCostly(FhirError):
    """The request can be answered, but not in the time that one request may take."""

    status = 400
    code = "too-costly"


class NotAuthenticated(FhirError):
    """Nobody is logged in, or the credentials are wrong."""

    status = 401
    code = "login"


class Forbidden(FhirError):
    """The policy does not allow the actor this interaction."""

    status = 403
    code = "forbidden"


class NotFound(FhirError):
    """There is no such resource or version."""

    status = 404
    code = "not-found"


class UnknownResourceType(FhirError):
    """R4 has no such resource type, or it is not served here."""

    status = 404
    code = "not-supported"


class MethodNotAllowed(FhirError):
    """The address does not know this HTTP method."""

    status = 405
    code = "not-supported"


class NotAcceptable(FhirError):
    """The client accepts no format that the server has."""

    status = 406
    code = "not-supported"


class Conflict(FhirError):
    """Other writers changed the resource each time the write was tried."""

    status = 409
    code = "conflict"


class Gone(FhirError):
    """The resource, or this version of it, is deleted."""

    status = 410
    code = "deleted"


class ExpiredCursor(FhirError):
    """The cursor of a page was given too long ago."""

    status = 410
    code = "expired"


class PreconditionFailed(FhirError):
    """The resource is not at the version that If-Match names."""

    status = 412
    code = "conflict"


class TooLarge(FhirError):
    """The body is longer than the server reads."""

    status = 413
    code = "too-long"


class UnsupportedMediaType(FhirError):
    """The body is in a format that the server does not read."""

    status = 415
    code = "not-supported"


class RangeNotSatisfiable(FhirError):
    """The content has no bytes in the range that is asked for."""

    status = 416
    code = "value"


class Throttled(FhirError):
    """The actor has as much under way as one may have."""

    status = 429
    code = "throttled"


class Unavailable(FhirError):
    """The server cannot answer now, but the same request may succeed later."""

    status = 503
    code = "transient"


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Return the OperationOutcome resource that tells of the issues."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> dict[str, Any]:
    element = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.diagnostics}
    return {**element, "expression": list(issue.expression)} if issue.expression else element
