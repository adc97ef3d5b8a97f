"""Names of cookies that a browser takes from this host alone, and over TLS alone.

https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-20.html#name-the-__host-prefix
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PREFIX = "__Host-"


class HostCookiesMiddleware:
    """Under TLS, names the cookies of session and forms `__Host-…`; inside they keep their names.

    A setting could not do it: the same site may be served by plain HTTP too, on loopback, where browsers
    refuse the prefix. A cookie without it could have been set by whoever is heard on plain HTTP or on a
    neighbouring host, so under TLS none is believed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.is_secure():
            return self.get_response(request)
        names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        for name in names:
            request.COOKIES.pop(name, None)
            if (value := request.COOKIES.pop(PREFIX + name, None)) is not None:
                request.COOKIES[name] = value
        response = self.get_response(request)
        for name in names:
            _give_prefix(response, name)
        return response


def _give_prefix(response: HttpResponse, name: str) -> None:
    morsel = response.cookies.pop(name, None)
    if morsel is None:
        return
    morsel.set(PREFIX + name, morsel.value, morsel.coded_value)
    morsel["secure"], morsel["path"], morsel["domain"] = True, "/", ""
    response.cookies[PREFIX + name] = morsel
