"""How the values of a resource are read: one tree for each type, of the members that parameters select.

The tree is made of the packaged table when a type first occurs. Where several parameters select the same
element it is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from patients.fhir.definitions import search_parameter_table
from patients.fhir.search_values import dates, quantities, references, strings, texts, tokens, uris
from patients.fhir.search_values.composites import Components, Composite

Read = Callable[[Any], Iterable[tuple[Any, ...]]]

# The sets of `Found.tables`, in the order of the fields of IndexValues.
TOKENS, REFERENCES, IDENTIFIERS, URIS, STRINGS, TEXTS, DATES, QUANTITIES, COMPOSITES = range(9)

# Of the id and time of a resource only the database knows.
_SET_BY_SERVER = frozenset({"_id", "_lastUpdated"})
OF_TYPE = ":of-type"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a datatype gives: the table, how it is read, and what the parameter's name ends with there."""

    table: int
    read: Read
    suffix: str = ""


@dataclass(slots=True)
class Branch:
    """A member, what is read of its elements, and what lies below: by name, condition or as the first."""

    takers: list[tuple[int, Read, list[str]]] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    members: dict[str, Branch] = field(default_factory=dict)
    conditions: dict[tuple[str, str], Branch] = field(default_factory=dict)
    first: Branch | None = None

    def below(self, step: str | list[Any]) -> Branch:
        """Return the branch of a step, which is made if there is none."""
        if step.__class__ is str:
            return self.members.setdefault(str(step), Branch())
        member = self.members.setdefault(step[0], Branch())
        if step[1] == 0:
            member.first = member.first or Branch()
            return member.first
        return member.conditions.setdefault((step[1], step[2]), Branch())

    def take(self, taken: Taken, name: str) -> None:
        name += taken.suffix
        for table, read, names in self.takers:
            if (table, read) == (taken.table, taken.read):
                if name not in names:
                    names.append(name)
                return
        self.takers.append((taken.table, taken.read, [name]))

    def combine(self, name: str, components: Components) -> None:
        for composite in self.composites:
            if composite.components == components:
                composite.names.append(name)
                return
        self.composites.append(Composite.of(name, components))


@cache
def plan(resource_type: str) -> Branch:
    """Return the tree of a resource type."""
    root = Branch()
    for name, parameter in search_parameter_table()[resource_type].items():
        if name not in _SET_BY_SERVER:
            _add(root, name, parameter)
    return root


def _add(root: Branch, name: str, parameter: dict[str, Any]) -> None:
    for steps, datatype, target in parameter["selections"]:
        taken = () if parameter["components"] else _taken(parameter, datatype, target)
        if not taken and not parameter["components"]:
            continue
        branch = root
        for step in steps:
            branch = branch.below(step)
        for each in taken:
            branch.take(each, name)
        if parameter["components"]:
            branch.combine(name, tuple(map(_component, parameter["components"])))


def _component(component: dict[str, Any]) -> tuple[tuple[tuple[str, ...], Read], ...]:
    return tuple(
        (tuple(steps), taken[0].read)
        for steps, datatype, target in component["selections"]
        if (taken := _taken(component, datatype, target))
    )


def _taken(parameter: dict[str, Any], datatype: str, target: str) -> tuple[Taken, ...]:
    if datatype == "Resource":
        return (Taken(REFERENCES, references.of_resource(parameter["targets"][0])),)
    taken = TAKEN.get((parameter["type"], datatype), ())
    if not target:
        return taken
    return tuple(Taken(each.table, _only_to(target, each.read)) for each in taken)


@cache
def _only_to(target: str, read: Read) -> Read:
    return references.only_to(target, read)


_CODE = (Taken(TOKENS, tokens.of_code),)
_DATE = (Taken(DATES, dates.of_date),)
_QUANTITY = (Taken(QUANTITIES, quantities.of_quantity),)
_STRING = (Taken(STRINGS, strings.of_string),)

# By the type of the parameter and that of the element. SampledData has no values that could be compared.
TAKEN: dict[tuple[str, str], tuple[Taken, ...]] = {
    ("date", "Period"): (Taken(DATES, dates.of_period),),
    ("date", "Timing"): (Taken(DATES, dates.of_timing),),
    ("date", "date"): _DATE,
    ("date", "dateTime"): _DATE,
    ("date", "instant"): _DATE,
    ("number", "Range"): (Taken(QUANTITIES, quantities.of_range),),
    ("number", "decimal"): (Taken(QUANTITIES, quantities.of_number),),
    ("number", "integer"): (Taken(QUANTITIES, quantities.of_number),),
    ("quantity", "Age"): _QUANTITY,
    ("quantity", "Duration"): _QUANTITY,
    ("quantity", "Money"): (Taken(QUANTITIES, quantities.of_money),),
    ("quantity", "Quantity"): _QUANTITY,
    ("quantity", "Range"): (Taken(QUANTITIES, quantities.of_range),),
    ("reference", "Reference"): (
        Taken(REFERENCES, references.of_reference),
        Taken(IDENTIFIERS, references.of_identifier),
        Taken(TEXTS, references.of_display),
    ),
    ("reference", "canonical"): (Taken(REFERENCES, references.of_canonical),),
    ("reference", "uri"): (Taken(REFERENCES, references.of_canonical),),
    ("string", "Address"): (Taken(STRINGS, strings.of_address),),
    ("string", "HumanName"): (Taken(STRINGS, strings.of_name),),
    ("string", "markdown"): _STRING,
    ("string", "string"): _STRING,
    ("token", "CodeableConcept"): (
        Taken(TOKENS, tokens.of_concept),
        Taken(TEXTS, texts.of_concept),
    ),
    ("token", "Coding"): (Taken(TOKENS, tokens.of_coding), Taken(TEXTS, texts.of_coding)),
    ("token", "ContactPoint"): (Taken(TOKENS, tokens.of_contact_point),),
    ("token", "Identifier"): (
        Taken(TOKENS, tokens.of_identifier),
        Taken(TOKENS, tokens.of_identifier_type, OF_TYPE),
        Taken(TEXTS, texts.of_identifier),
    ),
    ("token", "Patient.deceased.exists"): (Taken(TOKENS, tokens.of_death),),
    ("token", "boolean"): (Taken(TOKENS, tokens.of_boolean),),
    ("token", "code"): _CODE,
    ("token", "id"): _CODE,
    ("token", "string"): _CODE,
    ("token", "uri"): _CODE,
    ("uri", "canonical"): (Taken(URIS, uris.of_canonical),),
    ("uri", "uri"): (Taken(URIS, uris.of_uri),),
    ("uri", "url"): (Taken(URIS, uris.of_uri),),
}
