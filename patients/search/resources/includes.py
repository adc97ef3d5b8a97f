"""`_include` and `_revinclude`: resources that the matched ones refer to, or that refer to them.

https://hl7.org/fhir/R4/search.html#include
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from patients.fhir.outcomes import TooCostly
from patients.search import contents
from patients.search.fragments import TRUE, Fragment, all_of, fill
from patients.search.resources.reading import Reader
from patients.search.resources.rows import CONTENT, ResourceRow, shown

MOST_INCLUDED = 1_000

_REFERRED = """
    SELECT DISTINCT r.id
    FROM search_references t
    JOIN fhir_resources r ON r.resource_type = t.target_type AND r.fhir_id = t.target_id
    WHERE NOT r.deleted AND r.id <> ALL({known}) AND t.resource_id = ANY({of}) AND {matches} AND {seen}
    LIMIT {limit}
"""
_REFERRING = """
    SELECT DISTINCT t.resource_id
    FROM fhir_resources r
    JOIN search_references t ON t.target_type = r.resource_type AND t.target_id = r.fhir_id
    WHERE r.id = ANY({of}) AND t.resource_id <> ALL({known}) AND {matches} AND {seen}
    LIMIT {limit}
"""


def included(
    includes: Sequence[Any], matched: Sequence[ResourceRow], reader: Reader
) -> tuple[ResourceRow, ...]:
    """The resources to include on a page, each once and none of those matched.

    :raises TooCostly: if there are more than 1,000, or of more bytes than a page may have.
    """
    known = {row.resource_id for row in matched}
    found: set[int] = set()
    frontier, rest = set(known), list(includes)
    while frontier and rest:
        new: set[int] = set()
        for include in rest:
            new |= _step(include, sorted(frontier), sorted(known | found | new), reader)
            if len(found) + len(new) > MOST_INCLUDED:
                raise TooCostly(
                    f"This page would include more than {MOST_INCLUDED:,} resources; ask for a smaller"
                    " '_count' or fewer '_include' and '_revinclude'."
                )
        found |= new
        frontier, rest = new, [each for each in includes if each.is_iterated]
    return _rows(sorted(found), reader)


def _step(include: Any, of: list[int], known: list[int], reader: Reader) -> set[int]:
    statement = fill(
        _REFERRING if include.is_reverse else _REFERRED,
        of=Fragment("%s::bigint[]", (of,)),
        known=Fragment("%s::bigint[]", (known,)),
        matches=_matches(include),
        seen=reader.sight.of_any("t.resource_id" if include.is_reverse else "r.id"),
        limit=Fragment(str(MOST_INCLUDED + 1)),
    )
    return {id for (id,) in reader.fetch("search include", statement)}


def _matches(include: Any) -> Fragment:
    conditions = [TRUE]
    if include.source_type != "*":
        conditions.append(Fragment("t.resource_type = %s", (include.source_type,)))
    if include.parameter is not None:
        conditions.append(Fragment("t.parameter = %s", (include.parameter.name,)))
    if include.target_type:
        conditions.append(Fragment("t.target_type = %s", (include.target_type,)))
    return all_of(conditions)


def _rows(ids: list[int], reader: Reader) -> tuple[ResourceRow, ...]:
    if not ids:
        return ()
    statement = fill(
        "SELECT {shown} FROM fhir_resources r {version} WHERE r.id = ANY({ids}) AND NOT r.deleted"
        ' WINDOW w AS (ORDER BY r.resource_type, r.fhir_id COLLATE "C" ROWS UNBOUNDED PRECEDING)'
        ' ORDER BY r.resource_type, r.fhir_id COLLATE "C"',
        shown=shown("w"),
        version=contents.version_of("r"),
        ids=Fragment("%s::bigint[]", (ids,)),
    )
    rows = reader.fetch("search included", statement)
    if len(contents.fitting(rows, CONTENT)) < len(rows):
        raise TooCostly(
            f"This page would include more than {settings.MAX_PAGE_BYTES:,} bytes; ask for a smaller '_count'"
            " or fewer '_include' and '_revinclude'."
        )
    return tuple(ResourceRow(*row) for row in rows)
