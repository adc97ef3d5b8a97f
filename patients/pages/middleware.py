"""The headers that tell a browser what it may do with an answer.

Pages carry no inline script or style, so the policy of https://www.w3.org/TR/CSP3/ can be the
strictest there is; what a header allows here is what a page was seen to need.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

REPORTS = "/csp-report"

PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    # The first for browsers without the Reporting API; the second is named in `Reporting-Endpoints`.
    "report-uri": REPORTS,
    "report-to": "csp",
}
# Django's change list carries one style element, for lists without actions: allowed by its hash alone.
ADMIN_POLICY = PAGE_POLICY | {
    "style-src": "'self' 'sha256-blvLUW3UscWqsXGByNOqdBboM+ShWAuugp2mC/wbafU='",
}
# The reader of the API's description has its pictures written into its style sheet.
API_DOCS_POLICY = PAGE_POLICY | {"img-src": "'self' data:"}
# An answer that is no page has nothing to load, and nowhere to be shown in.
DATA_POLICY = {"default-src": "'none'", "frame-ancestors": "'none'"}

REFUSED_FEATURES = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)

WHO_ASKS = ("Authorization", "Cookie")

Policy = dict[str, str]


class PageSecurityMiddleware:
    """Give each answer its security headers, and keep it out of caches unless it says otherwise itself.

    Stands before all that may answer, so that redirects, refusals and static files have them too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        response.headers.setdefault("Content-Security-Policy", _policy(request, is_page=is_page))
        response.headers.setdefault(
            "Permissions-Policy", ", ".join(f"{name}=()" for name in REFUSED_FEATURES)
        )
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "private, no-store")
        if is_page:
            response.headers.setdefault("Reporting-Endpoints", f'csp="{REPORTS}"')
        if "public" not in response["Cache-Control"]:
            # Whatever is no static file depends on who asks.
            patch_vary_headers(response, WHO_ASKS)
        return response


def _policy(request: HttpRequest, *, is_page: bool) -> str:
    policy = _page_policy(request.path) if is_page else DATA_POLICY
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def _page_policy(path: str) -> Policy:
    if path.startswith("/admin/"):
        return ADMIN_POLICY
    return API_DOCS_POLICY if path == "/api/docs" else PAGE_POLICY
