"""Cached values: callers say `get_or_load(key, load)`, only this module knows of tiers and time-outs.

A key carries the scope of who may see the value, and names a thing that cannot change (a version):
an entry can be dropped at any time and never be stale. Without Redis values are loaded each time.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache

Value = TypeVar("Value")

TIMEOUT_SECONDS = 60


def get_or_load(key: str, load: Callable[[], Value]) -> Value:
    """The cached value, else what `load` answers, which is then kept for a minute."""
    if not settings.CACHE_ENABLED:
        return load()
    found = cache.get(key)
    if found is not None:
        return found
    value = load()
    cache.set(key, value, TIMEOUT_SECONDS)
    return value
