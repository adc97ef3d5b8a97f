"""What every template may use: the site, its version, and where a person can go."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Link:
    """A place of the site, and whether this page is in it."""

    label: str
    address: str
    is_current: bool


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "version": settings.VERSION,
        "navigation": partial(navigation, request),
    }


def navigation(request: HttpRequest) -> tuple[Link, ...]:
    """List the places that this person may open."""
    namespace = getattr(request.resolver_match, "namespace", "")
    places = [(_("Patients"), "pages:search", "pages")]
    if getattr(getattr(request, "user", None), "is_staff", False):
        places.append((_("Administration"), "admin:index", "admin"))
    return tuple(Link(label, reverse(view), is_current=namespace == place) for label, view, place in places)


def request_id(request: HttpRequest) -> str:
    """Return the number under which the log knows this request, "" where it has none yet."""
    return str(getattr(request, "request_id", ""))
