"""Tags, security labels and profiles of a resource: what $meta answers and its kin change.

https://hl7.org/fhir/R4/resource-operation-meta.html
"""

from dataclasses import dataclass
from typing import Any, Literal

from patients.fhir import exact_json
from patients.fhir.outcomes import InvalidRequest
from patients.fhir.resource import Resource

_LISTS = ("profile", "security", "tag")
_MOST_LABELS = 100


@dataclass(frozen=True, slots=True)
class MetaPatch:
    """Labels to be added to a resource, or taken from it. Applied like any patch, all at once."""

    kind: Literal["add", "delete"]
    labels: dict[str, list[Any]]

    def applied(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the value with the labels added or taken; those that are there already stay as they are."""
        meta = dict(value.get("meta", {}))
        for name, given in self.labels.items():
            if kept := self._changed(meta.get(name, []), given):
                meta[name] = kept
            else:
                meta.pop(name, None)
        return {**value, "meta": meta}

    def _changed(self, there: list[Any], given: list[Any]) -> list[Any]:
        if self.kind == "delete":
            gone = [_identity(each) for each in given]
            return [each for each in there if _identity(each) not in gone]
        known, made = [_identity(each) for each in there], list(there)
        for each in given:
            if _identity(each) not in known:
                known.append(_identity(each))
                made.append(each)
        return made


def parse(kind: Literal["add", "delete"], body: Resource) -> MetaPatch:
    """Return the change that Parameters with one parameter `meta` ask for.

    :raises InvalidRequest: if the body is anything else, or names other elements than labels.
    """
    given = body.value.get("parameter")
    if body.resource_type != "Parameters" or not isinstance(given, list) or len(given) != 1:
        raise InvalidRequest(f"$meta-{kind} takes Parameters with one parameter, 'meta'.")
    [parameter] = given
    meta = parameter.get("valueMeta") if isinstance(parameter, dict) else None
    if not isinstance(meta, dict) or parameter.get("name") != "meta" or not meta:
        raise InvalidRequest(f"$meta-{kind} takes one parameter 'meta' with a valueMeta.")
    for name, labels in meta.items():
        if name not in _LISTS or not isinstance(labels, list) or len(labels) > _MOST_LABELS:
            raise InvalidRequest(
                f"$meta-{kind} changes lists of {', '.join(_LISTS)}, of at most {_MOST_LABELS} labels each."
            )
    return MetaPatch(kind, meta)


def answer(content: str) -> str:
    """Return the Parameters that tell the meta of a version."""
    for member in exact_json.members(content):
        if member.name == "meta":
            written = member.written_value
            return f'{{"resourceType":"Parameters","parameter":[{{"name":"return","valueMeta":{written}}}]}}'
    return '{"resourceType":"Parameters"}'


def _identity(label: Any) -> Any:
    """What makes two labels the same: a coding's system and code."""
    return (label.get("system"), label.get("code")) if isinstance(label, dict) else label
