"""What a client prefers, by the header Prefer. https://hl7.org/fhir/R4/http.html#return and #handling"""

import re

from rest_framework.request import Request

_RETURN = re.compile(r'(?:^|[,;\s])return\s*=\s*"?(minimal|representation|OperationOutcome)"?', re.IGNORECASE)
_HANDLING = re.compile(r'(?:^|[,;\s])handling\s*=\s*"?(strict|lenient)"?', re.IGNORECASE)


def preferred_return(request: Request, *, default: str = "representation") -> str:
    """Return what the client prefers to get back from a write, in lower case."""
    found = _RETURN.search(request.headers.get("Prefer", ""))
    return found[1].lower() if found else default


def is_lenient(request: Request) -> bool:
    """Whether search parameters that are not known are to be ignored rather than refused."""
    found = _HANDLING.search(request.headers.get("Prefer", ""))
    return found is not None and found[1].lower() == "lenient"
