"""One entry of a chart: the resource, its version, and when it was stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.translation import gettext as _

from patients.interactions import StoredResource
from patients.pages.presenters.concepts import codes
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.stored import JsonObject, loads, member


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored resource, opened to be presented."""

    id: str
    version: str
    stored: When | None
    value: JsonObject


def entries(resources: Iterable[StoredResource], zone: tzinfo) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            id=resource.id,
            version=_("v%(number)d") % {"number": resource.version_id},
            stored=when(resource.last_updated.isoformat(), zone),
            value=loads(resource.content),
        )
        for resource in resources
        if resource.content is not None
    )


def is_entered_in_error(value: JsonObject) -> bool:
    return value.get("status") == "entered-in-error" or "entered-in-error" in codes(
        member(value, "verificationStatus")
    )
