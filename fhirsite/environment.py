"""Values of settings, read strictly: what is not understood stops the start, and is never guessed."""

import ipaddress
import math
import os
import zoneinfo
from collections.abc import Sequence

from django.conf.global_settings import LANGUAGES
from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_ENDLESS = 1e9
_CACHES = ("redis://", "rediss://", "unix://")
_SWITCHES = {
    **dict.fromkeys(("1", "true", "yes", "y", "on", "ok"), True),
    **dict.fromkeys(("0", "false", "no", "n", "off"), False),
}


def number(name: str, default: int, *, least: int = 1) -> int:
    """:raises ImproperlyConfigured: if it is not a whole number, or smaller than may be."""
    text = _given(name)
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 15 or int(text) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number, {least} or more, not {text!r}.")
    return int(text)


def decimal(name: str, default: float, *, may_be_zero: bool = False) -> float:
    """:raises ImproperlyConfigured: if it is no number, or not positive."""
    text = _given(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (0 < value < _ENDLESS or (value == 0 and may_be_zero)):
        raise ImproperlyConfigured(f"{name} must be a positive number, not {text!r}.")
    return value


def switch(name: str, *, default: bool) -> bool:
    """:raises ImproperlyConfigured: if it is neither on nor off: what is misspelt must not pass for off."""
    text = _given(name)
    if not text:
        return default
    if text.lower() not in _SWITCHES:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")
    return _SWITCHES[text.lower()]


def choice(name: str, choices: Sequence[str], default: str) -> str:
    """:raises ImproperlyConfigured: if it is none of the choices."""
    text = _given(name) or default
    if text not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def language(name: str, default: str) -> str:
    """:raises ImproperlyConfigured: if it is no language that pages can be in."""
    text = _given(name) or default
    if text not in {code for code, _ in LANGUAGES}:
        raise ImproperlyConfigured(f"{name} must be a language such as en or de, not {text!r}.")
    return text


def time_zone(name: str, default: str) -> str:
    """:raises ImproperlyConfigured: if it is no time zone."""
    text = _given(name) or default
    if text not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Vienna, not {text!r}.")
    return text


def cache_address(name: str) -> str:
    """:raises ImproperlyConfigured: if it is no address of Redis."""
    text = _given(name)
    if text and not text.startswith(_CACHES):
        raise ImproperlyConfigured(f"{name} must be like redis://HOST:PORT/0 or unix:///SOCKET?db=0.")
    return text


def networks(name: str) -> tuple[Network, ...]:
    """:raises ImproperlyConfigured: if one is neither an address nor a network."""
    return tuple(_network(name, text.strip()) for text in _given(name).split(",") if text.strip())


def _network(name: str, text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must hold addresses and networks such as 10.1.2.3 or 10.1.0.0/16, not {text!r}."
        ) from error


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()
