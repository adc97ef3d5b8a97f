"""Pieces of SQL with their parameters, kept together until they are one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL with `%s` for each of `params`, in order."""

    sql: str
    params: tuple[Any, ...] = ()


TRUE = Fragment("true")
FALSE = Fragment("false")


def join(separator: str, fragments: Iterable[Fragment]) -> Fragment:
    """Put `separator` between them."""
    parts = list(fragments)
    return Fragment(
        separator.join(part.sql for part in parts), tuple(param for part in parts for param in part.params)
    )


def all_of(fragments: Iterable[Fragment]) -> Fragment:
    parts = [part for part in fragments if part != TRUE]
    return join(" AND ", (Fragment(f"({part.sql})", part.params) for part in parts)) if parts else TRUE


def any_of(fragments: Iterable[Fragment]) -> Fragment:
    parts = list(fragments)
    return join(" OR ", (Fragment(f"({part.sql})", part.params) for part in parts)) if parts else FALSE


def fill(template: str, **fragments: Fragment) -> Fragment:
    """Put fragments into the `{name}` slots of a template, whose own text has no `%s`."""
    sql: list[str] = []
    params: list[Any] = []
    rest = template
    while "{" in rest:
        before, _, after = rest.partition("{")
        name, _, rest = after.partition("}")
        sql += [before, fragments[name].sql]
        params += fragments[name].params
    return Fragment("".join([*sql, rest]), tuple(params))
