"""The values in a FHIRPath Patch: `value[x]`, or parts that make up an element of a type without a name."""

from dataclasses import dataclass
from typing import Any

from patients.fhir.outcomes import InvalidPatch, NotApplicable
from patients.fhir.patches import paths

MAX_PARTS_DEEP = 20


@dataclass(frozen=True, slots=True)
class PatchValue:
    """A value with the name of its type (`Quantity` of `valueQuantity`), or parts, or a resource."""

    suffix: str | None
    value: Any
    parts: tuple[tuple[str, "PatchValue"], ...] = ()

    @classmethod
    def of(cls, part: dict[str, Any], depth: int = 0) -> "PatchValue":
        """Return what a parameter holds.

        :raises InvalidPatch: if that is nothing, or more than one thing.
        """
        given = [name for name in part if name not in ("name", "id", "extension")]
        name = given[0] if len(given) == 1 else ""
        if name == "part" and isinstance(part[name], list) and depth < MAX_PARTS_DEEP:
            return cls(None, None, tuple(_named(each, depth + 1) for each in part[name]))
        if name == "resource":
            return cls(None, part[name])
        if name.startswith("value") and len(name) > len("value"):
            return cls(name.removeprefix("value"), part[name])
        raise InvalidPatch("A value of a FHIRPath Patch needs one of value[x], part and resource.")

    def member(self, type: str, name: str) -> tuple[str, str]:
        """Return the member of JSON that an element `name` of `type` is with this value, and its type.

        :raises NotApplicable: if the type has no such element, or not with such a value.
        """
        members = paths.members_of(type, name)
        elements = paths.type_definition(type).elements
        if len(members) == 1:
            return members[0], elements[members[0]].type
        wanted = f"{name}{self.suffix}"
        if wanted not in members:
            raise NotApplicable(
                f"{type}.{name} may be {' or '.join(members)}, not {ascii(wanted[:80])[1:-1]}."
            )
        return wanted, elements[wanted].type

    def built(self, type: str) -> Any:
        """Return the value in JSON, of an element of the type."""
        if not self.parts:
            return self.value
        made: dict[str, Any] = {}
        elements = paths.type_definition(type).elements
        for name, value in self.parts:
            member, inner = value.member(type, name)
            if elements[member].is_list:
                made.setdefault(member, []).append(value.built(inner))
            elif member in made:
                raise NotApplicable(f"{type}.{name} may be given once only.")
            else:
                made[member] = value.built(inner)
        return made


def _named(part: Any, depth: int) -> tuple[str, PatchValue]:
    name = part.get("name") if isinstance(part, dict) else None
    if not isinstance(name, str):
        raise InvalidPatch("Each part of a value needs a name.")
    return name, PatchValue.of(part, depth)
