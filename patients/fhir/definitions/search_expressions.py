"""What the expressions of HL7's search parameters select: paths of elements, each with its datatype.

Only what the definitions of R4 make use of is understood. A step of a path is the name of a member, or with
a condition [name, member, value], or with an index [name, 0]. A path that begins with "%resource" does so at
the resource, whatever the element that a composite is about.

Specification: https://hl7.org/fhir/R4/fhirpath.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from patients.fhir.definitions import Element, definition, is_complex

Step = str | list[str | int]
Selection = tuple[list[Step], str, str]

# Not an element but what R4 makes of one: whether a Patient is dead, even if only the date is given.
_IS_PRESENT = re.compile(r"(?P<path>[\w.]+)\.exists\(\) and (?P=path) != false")
_RESOLVES_TO = re.compile(r"\.where\(resolve\(\) is (\w+)\)$")
_CAST = re.compile(
    r"\((?P<path>[%\w.]+) as (?P<type>\w+)\)|(?P<called>[%\w.]+)\.(?:as|ofType)\((?P<of>\w+)\)"
)
_STEP = re.compile(
    r"(?P<name>%?\w+)(?:\.where\((?P<member>\w+)='(?P<value>[^']*)'\)|\[(?P<index>0)\])?(?:\.|$)"
)


def selections(expression: str, *, root: str, context: str) -> list[Selection]:
    """Return what the expression selects of a resource of type `root`, from an element of type `context` on.

    Each is a path, the datatype at its end, and the type that references must be to, or "".

    :raises ValueError: if the expression does what none of R4's does, or follows a path unknown to R4.
    """
    found: list[Selection] = []
    for alternative in filter(None, map(str.strip, expression.split("|"))):
        found += [each for each in _alternative(alternative, root, context) if each not in found]
    return found


def bound_system(selected: list[Selection], root: str) -> str | None:
    """Return the one code system that all selected codes are from, if there is one."""
    systems: set[str | None] = set()
    for steps, datatype, _ in selected:
        value_set = _element(steps, root).value_set if datatype == "code" else None
        systems |= set(value_set.systems) if value_set else {None}
    return systems.pop() if len(systems) == 1 else None


def _element(steps: list[Step], root: str) -> Element:
    names = [step if isinstance(step, str) else str(step[0]) for step in steps]
    for name in names[:-1]:
        root = definition(root).elements[name].type
    return definition(root).elements[names[-1]]


def _alternative(text: str, root: str, context: str) -> Iterator[Selection]:
    if _is_of_other_type(text, root):
        return
    if present := _IS_PRESENT.fullmatch(text):
        yield [], f"{present['path']}.exists", ""
        return
    target = _RESOLVES_TO.search(text)
    path = _RESOLVES_TO.sub("", text)
    cast = _CAST.match(path)
    wanted = (cast["type"] or cast["of"]) if cast else ""
    rest = path[cast.end() :].lstrip(".") if cast else ""
    for steps, datatype in _follow(_steps(_cast_path(cast) if cast else path), root, context):
        if not wanted or datatype.lower() == wanted.lower():
            for more, end in _members_below(_steps(rest), datatype):
                yield [*steps, *more], end, target[1] if target else ""


def _is_of_other_type(text: str, root: str) -> bool:
    first = text.lstrip("(").split(".")[0].split(" ")[0]
    return first[:1].isupper() and first != root


def _cast_path(cast: re.Match[str]) -> str:
    return str(cast["path"] or cast["called"])


def _steps(path: str) -> list[Step]:
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f"{path!r} is more than a path")
        if found["member"]:
            steps.append([found["name"], found["member"], found["value"]])
        else:
            steps.append([found["name"], 0] if found["index"] else found["name"])
        at = found.end()
    return steps


def _follow(steps: list[Step], root: str, context: str) -> Iterator[tuple[list[Step], str]]:
    first, *others = steps
    if first == root:
        yield from _members_below(others, root)
    elif first == "%resource":
        for path, datatype in _members_below(others, root):
            yield ["%resource", *path], datatype
    else:
        yield from _members_below(steps, context)


def _members_below(steps: list[Step], datatype: str) -> Iterator[tuple[list[Step], str]]:
    if not steps:
        yield [], datatype
        return
    step, *others = steps
    name = step if isinstance(step, str) else str(step[0])
    if not is_complex(datatype):
        raise ValueError(f"{datatype} has no element {name!r}")
    for member in _members(datatype, name):
        own: Step = member if isinstance(step, str) else [member, *step[1:]]
        for below, end in _members_below(others, definition(datatype).elements[member].type):
            yield [own, *below], end


def _members(datatype: str, name: str) -> tuple[str, ...]:
    """Return the JSON members that an element has: several if its type is a choice."""
    known = definition(datatype)
    if name in known.elements:
        return (name,)
    for choice in known.choices:
        if choice.name == f"{name}[x]":
            return choice.members
    raise ValueError(f"{datatype} has no element {name!r}")
