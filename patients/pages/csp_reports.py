"""What browsers tell of pages that asked for something their policy forbids: a line of the log for each.

Anybody can send a report, and one names the address of a page, which holds a patient's id. So of each
report only what has its expected form is told, and of a page its route. https://www.w3.org/TR/CSP3/#reporting
"""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger(__name__)

LONGEST = 16 * 1024
MOST_REPORTS = 10
NOT_TOLD = "-"

_TYPES = ("application/csp-report", "application/reports+json")
_DIRECTIVE = re.compile(r"[a-z-]{1,40}")
_KEYWORD = re.compile(r"[a-z-]{1,20}")
_ORIGIN = re.compile(r"[a-z][a-z+.-]{0,20}://[\w.:\[\]-]{1,100}", re.ASCII)
_STATIC_FILE = re.compile(r"[\w./-]{1,200}", re.ASCII)


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log the reports of a body, whichever of the two forms it has."""
    if request.content_type not in _TYPES:
        return HttpResponse(status=415)
    body = request.read(LONGEST + 1)
    if len(body) > LONGEST:
        return HttpResponse(status=413)
    try:
        reports = list(_reports(json.loads(body)))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in reports[:MOST_REPORTS]:
        logger.warning("%s", _line(report))
    return HttpResponse(status=204)


def _reports(value: Any) -> Iterator[dict[Any, Any]]:
    """The reports, under the names of the Reporting API.

    :raises ValueError: if there is none.
    """
    match value:
        case {"csp-report": {**old}}:
            yield {
                "effectiveDirective": old.get("effective-directive", old.get("violated-directive")),
                "blockedURL": old.get("blocked-uri"),
                "documentURL": old.get("document-uri"),
                "sourceFile": old.get("source-file"),
                "lineNumber": old.get("line-number"),
            }
        case [_, *_]:
            for each in value:
                match each:
                    case {"type": "csp-violation", "body": {**body}}:
                        yield body
        case _:
            raise ValueError("no report")


def _line(report: dict[Any, Any]) -> str:
    line = report.get("lineNumber")
    return (
        f"csp: directive={_matching(_DIRECTIVE, report.get('effectiveDirective'))}"
        f" blocked={_blocked(report.get('blockedURL'))}"
        f" page={_place(report.get('documentURL'))}"
        f" source={_place(report.get('sourceFile'))}"
        f" line={line if type(line) is int and 0 <= line < 10_000_000 else NOT_TOLD}"
    )


def _matching(form: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and form.fullmatch(value) else NOT_TOLD


def _blocked(value: Any) -> str:
    """What was refused: a word such as `inline`, or where it would have come from."""
    keyword = _matching(_KEYWORD, value)
    return _origin(value) if keyword == NOT_TOLD else keyword


def _origin(value: Any) -> str:
    parts = _split(value)
    return _matching(_ORIGIN, f"{parts[0]}://{parts[1]}") if parts else NOT_TOLD


def _place(value: Any) -> str:
    """The route of a page, or a static file; never the id in the address."""
    parts = _split(value)
    if not parts:
        return NOT_TOLD
    path = parts[2]
    if path.startswith(settings.STATIC_URL):
        return _matching(_STATIC_FILE, path)
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return NOT_TOLD


def _split(value: Any) -> tuple[str, str, str] | None:
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return parts.scheme, parts.netloc, parts.path
