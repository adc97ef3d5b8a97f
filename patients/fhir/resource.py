"""A resource as it was sent: a value to look at, and the text to store.

https://hl7.org/fhir/R4/json.html. What is stored is what was written: numbers and strings letter for letter,
members in their order. Only whitespace between tokens is dropped, and `resourceType`, `id` and the server's
part of `meta` are put first, in a form that leaves a gap for the time, which only the database knows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from patients.fhir import exact_json
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidJson, InvalidResource

__all__ = ["ID_PATTERN", "RESOURCE_TYPES", "Resource", "changed", "from_value", "parse"]

ID_PATTERN = r"[A-Za-z0-9\-\.]{1,64}"

_PLACED_FIRST = frozenset({"resourceType", "id", "meta"})
_SET_BY_SERVER = frozenset({"versionId", "lastUpdated"})


@dataclass(frozen=True, slots=True)
class Resource:
    """One parsed resource: `value` to look at, the text to store."""

    resource_type: str
    id: str | None
    value: dict[str, Any]
    _written: tuple[exact_json.Member, ...] | None = field(default=None, repr=False, compare=False)

    def stored_text(self, *, id: str, version_id: int) -> tuple[str, str]:
        """Return what stands before and after the time of the last update in the text to store."""
        prefix = (
            f'{{"resourceType":"{self.resource_type}","id":"{id}",'
            f'"meta":{{"versionId":"{version_id}","lastUpdated":"'
        )
        meta, others = self._meta_members(), self._members()
        return prefix, f'"{meta}}}{others}}}'

    def _members(self) -> str:
        """The texts of the members that are not placed first, each after a comma."""
        if self._written is None:
            return _encoded(self.value, _PLACED_FIRST)
        return _joined(self._written, _PLACED_FIRST)

    def _meta_members(self) -> str:
        if self._written is None:
            return _encoded(self.value.get("meta", {}), _SET_BY_SERVER)
        for member in self._written:
            if member.name == "meta":
                return _joined(exact_json.members(member.written_value), _SET_BY_SERVER)
        return ""


def parse(body: bytes | str) -> Resource:
    """Return the resource in the body, which is one JSON object in UTF-8.

    :raises InvalidJson: if the body is not JSON, or not to be kept exactly.
    :raises InvalidResource: if it is no resource of a type that R4 knows.
    """
    written = tuple(exact_json.members(_text(body)))
    return _resource({member.name: member.value for member in written}, written)


def from_value(value: dict[str, Any]) -> Resource:
    """Return the resource for a value that was parsed before: the resource of a bundle's entry.

    :raises InvalidResource: if it is no resource of a type that R4 knows.
    """
    if not isinstance(value, dict):
        raise InvalidResource("A resource must be a JSON object.")
    return _resource(value, None)


def changed(resource: Resource, value: Any) -> Resource:
    """Return the resource with another value; members that are the very same objects stay as written.

    :raises InvalidResource: if it is no resource of a type that R4 knows.
    """
    if not isinstance(value, dict):
        raise InvalidResource("A resource must be a JSON object.")
    written = {member.name: member for member in resource._written or ()}
    kept = tuple(
        written[name] if name in written and written[name].value is item else _member(name, item)
        for name, item in value.items()
    )
    return _resource(value, kept)


def _member(name: str, value: Any) -> exact_json.Member:
    return exact_json.Member(exact_json.encode(name), exact_json.encode(value), name, value)


def _text(body: bytes | str) -> str:
    try:
        text = body.decode() if isinstance(body, bytes) else body
        if isinstance(body, str):
            body.encode()
    except UnicodeDecodeError as error:
        raise InvalidJson(
            f"The body is not UTF-8: byte 0x{error.object[error.start]:02X} at position {error.start}."
        ) from error
    except UnicodeEncodeError as error:
        raise InvalidJson(f"The text holds half of a surrogate pair at position {error.start}.") from error
    return text.removeprefix("\ufeff")


def _resource(value: dict[str, Any], written: tuple[exact_json.Member, ...] | None) -> Resource:
    resource_type = value.get("resourceType")
    if resource_type is None:
        raise InvalidResource("A resource needs a resourceType.", expression=("Resource.resourceType",))
    if not isinstance(resource_type, str) or resource_type not in RESOURCE_TYPES:
        raise InvalidResource(
            f"{_shown(resource_type)} is not a resource type of FHIR R4.",
            expression=("Resource.resourceType",),
        )
    logical_id = value.get("id")
    if logical_id is not None and not isinstance(logical_id, str):
        raise InvalidResource("The id must be a string.", expression=(f"{resource_type}.id",))
    if not isinstance(value.get("meta", {}), dict):
        raise InvalidResource("meta must be an object.", expression=(f"{resource_type}.meta",))
    return Resource(resource_type, logical_id, value, written)


def _joined(members: Iterable[exact_json.Member], left_out: frozenset[str]) -> str:
    return "".join(
        f",{member.written_name}:{exact_json.compact(member.written_value)}"
        for member in members
        if member.name not in left_out
    )


def _encoded(value: Mapping[str, Any], left_out: frozenset[str]) -> str:
    others = {name: item for name, item in value.items() if name not in left_out}
    # All in one go, without the braces.
    return f",{exact_json.encode(others)[1:-1]}" if others else ""


def _shown(value: Any) -> str:
    return ascii(value)[:64] if isinstance(value, str) else "This"
