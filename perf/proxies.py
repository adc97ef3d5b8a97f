"""Who the client is, and how it came, where proxies stand before us.

Anybody can send the headers that tell this, so they are believed from the proxies that the site names, and
only one of the two kinds is: a proxy that sets the one passes on the other as the client made it up.
https://www.rfc-editor.org/rfc/rfc7239
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SCHEMES = ("http", "https")
# `for=` and `proto=` of one hop; what is quoted may hold a comma.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PAIR = re.compile(r'\s*(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*(?:;|$)')
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


@dataclass(frozen=True, slots=True)
class Hop:
    """What a proxy tells of who came to it; empty where it does not."""

    address: str
    scheme: str = ""


class ClientAddressMiddleware:
    """Puts the client's address and scheme in the place of the proxy's, for all that comes after."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted = settings.TRUSTED_PROXIES
        proxy = Hop(plain_address(request.META.get("REMOTE_ADDR", "")))
        if trusted and _is_in(proxy.address, trusted):
            client = _client(proxy, _hops(request.META), trusted)
            request.META["REMOTE_ADDR"] = client.address
            if client.scheme:
                request.META["wsgi.url_scheme"] = client.scheme
        return self.get_response(request)


def plain_address(text: str) -> str:
    """The address without brackets and port, "" for what is none."""
    if found := _WITH_PORT.fullmatch(text.strip()):
        text = found[1] or found[2] or ""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    # A zone names an interface of somebody else's.
    return str(mapped or address).partition("%")[0]


def _client(proxy: Hop, hops: list[Hop], trusted: Iterable[Network]) -> Hop:
    """Go back from the nearest hop until one was not told of by a trusted proxy, or names nobody."""
    known = proxy
    for hop in reversed(hops):
        if not _is_in(known.address, trusted):
            break
        if not hop.address:
            return Hop(known.address, hop.scheme)
        known = hop
    return known


def _hops(meta: dict[str, Any]) -> list[Hop]:
    if settings.PROXY_HEADER == "Forwarded":
        return list(_forwarded(meta.get("HTTP_FORWARDED", "")))
    # Each proxy adds an address; only the nearest says how the client came.
    scheme = _scheme(meta.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2])
    return [Hop(plain_address(each), scheme) for each in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]


def _forwarded(header: str) -> Iterator[Hop]:
    for element in _ELEMENT.findall(header):
        pairs = {name.lower(): _unquoted(value) for name, value in _PAIR.findall(element)}
        yield Hop(plain_address(pairs.get("for", "")), _scheme(pairs.get("proto", "")))


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _scheme(text: str) -> str:
    scheme = text.strip().lower()
    return scheme if scheme in _SCHEMES else ""


def _is_in(address: str, networks: Iterable[Network]) -> bool:
    if not address:
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in networks)
