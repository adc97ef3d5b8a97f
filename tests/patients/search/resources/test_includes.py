"""Resources that a page includes: each once, none that matched, and never too many."""

from dataclasses import dataclass
from typing import Any

import pytest

from patients.fhir.outcomes import TooCostly
from patients.fhir.search_values import IndexValues
from tests.patients.search.resources.indexed import (
    deleted,
    find,
    of_code,
    search_parameter,
    search_request,
    stored,
    stored_all,
    values,
)
from tests.people import word

PART_OF = search_parameter("part-of", "reference")


@dataclass(frozen=True)
class Include:
    is_reverse: bool = False
    is_iterated: bool = False
    parameter: Any = PART_OF
    source_type: str = "Basic"
    target_type: str | None = None


def _part_of(*ids: str) -> IndexValues:
    return IndexValues(references=frozenset(("part-of", "Basic", id) for id in ids))


def _child(code: str, *ids: str) -> IndexValues:
    return values(code, references=_part_of(*ids).references)


def _included(code: str, *includes: Include) -> list[str]:
    page = find(search_request((of_code(code),), includes=includes))
    return [row.id for row in page.included]


def test_once_and_not_what_matched():
    code = word()
    parent = stored(IndexValues())
    first = stored(_child(code, parent))
    stored(_child(code, parent, first))
    assert _included(code, Include()) == [parent]


def test_every_reference_and_one_target_type():
    code = word()
    parent = stored(IndexValues())
    stored(_child(code, parent))
    assert _included(code, Include(parameter=None)) == [parent]
    assert _included(code, Include(target_type="Basic")) == [parent]
    assert _included(code, Include(target_type="Patient")) == []
    assert _included(code, Include(source_type="Patient")) == []


def test_back_and_on():
    code = word()
    grandparent = stored(IndexValues())
    parent = stored(_part_of(grandparent))
    stored(_child(code, parent))
    assert _included(code, Include()) == [parent]
    assert set(_included(code, Include(is_iterated=True))) == {parent, grandparent}

    root = word()
    top = stored(values(root))
    middle = stored(_part_of(top))
    bottom = stored(_part_of(middle))
    assert _included(root, Include(is_reverse=True)) == [middle]
    assert set(_included(root, Include(is_reverse=True, is_iterated=True))) == {middle, bottom}


def test_circles_end_and_the_deleted_stay_away():
    code = word()
    gone = stored(IndexValues())
    one = stored(_child(code, gone))
    stored(_part_of(one))
    deleted(gone)
    both = (Include(is_iterated=True), Include(is_reverse=True, is_iterated=True))
    assert len(_included(code, *both)) == 1


def test_too_many():
    code = word()
    top = stored(values(code))
    stored_all([_part_of(top)] * 1_000)
    assert len(_included(code, Include(is_reverse=True))) == 1_000
    stored(_part_of(top))
    with pytest.raises(TooCostly):
        _included(code, Include(is_reverse=True))
