import pytest

from patients.generation import indexes
from patients.generation.chunks import OWNER_ALIAS
from perf import database

DEFINITIONS = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1
"""


@pytest.fixture
def owner(database):
    return _owner()


def test_come_back_as_they_were(owner):
    before = _definitions(owner)

    indexes.set_aside(owner)
    without = _definitions(owner)
    indexes.rebuild(owner, advanced=lambda _: None)

    assert len(without) < len(before) - 25
    assert _definitions(owner) == before
    assert not indexes.is_set_aside(owner)


def test_are_built_by_the_next_run_where_one_was_stopped(owner):
    before = _definitions(owner)
    indexes.set_aside(owner)
    with pytest.raises(KeyboardInterrupt):
        indexes.rebuild(owner, advanced=_stop)

    built: list[str] = []
    indexes.rebuild(owner, advanced=built.append)

    assert len(built) > 25
    assert _definitions(owner) == before


def test_none_is_built_where_none_was_set_aside(owner):
    built: list[str] = []

    indexes.rebuild(owner, advanced=built.append)

    assert built == []


def _stop(_: str) -> None:
    raise KeyboardInterrupt


def _owner():
    return database.raw_connection(OWNER_ALIAS)


def _definitions(owner) -> list[str]:
    return [definition for (definition,) in owner.execute(DEFINITIONS)]
