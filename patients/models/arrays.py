"""Arrays as PostgreSQL reads them: psycopg would look at each element by itself.

https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
"""

from collections.abc import Iterable, Sequence

import psycopg

_SEPARATOR = "\0"


def texts(values: Sequence[str]) -> str:
    """An array of texts, or of what is written in quotation marks as well.

    :raises psycopg.DataError: if one has U+0000, which the database can't hold.
    """
    if not values:
        return "{}"
    joined = _SEPARATOR.join(values)
    if joined.count(_SEPARATOR) != len(values) - 1:
        raise psycopg.DataError("U+0000 cannot be stored.")
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_SEPARATOR, '","')
    return f'{{"{escaped}"}}'


def texts_or_nulls(values: Sequence[str | None]) -> str:
    """The same of texts some of which are missing."""
    if None not in values:
        return texts([value for value in values if value is not None])
    return "{" + ",".join(["NULL" if value is None else texts([value])[1:-1] for value in values]) + "}"


def plain(values: Iterable[object]) -> str:
    """An array of numbers, UUIDs, times: of what needs no quotation marks; None is null."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
