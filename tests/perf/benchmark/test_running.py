from collections.abc import Callable
from random import Random

from perf.benchmark.cases import Case
from perf.benchmark.running import Extent, run
from perf.database import Query, fetch_primary

NUMBER = Query("number", "SELECT %s::int")
OTHER = Query("other", "SELECT 1 FROM generate_series(1, 3)")
WRONG = Query("wrong", "SELECT 1 / %s::int")
TABLE = Query("table", "SELECT count(*) FROM django_migrations WHERE id = %s")

EXTENT = Extent(samples=20, warm_up=3, has_plans=False)


def _asks(*queries: Query, drawn: list[int] | None = None) -> Callable[[Random], Callable[[], object]]:
    def draw(chance: Random) -> Callable[[], object]:
        value = chance.randrange(1_000_000)
        if drawn is not None:
            drawn.append(value)
        return lambda: [fetch_primary(query, (value,) if "%s" in query.sql else ()) for query in queries]

    return draw


def _run(*cases: Case, extent: Extent = EXTENT):
    return run(cases, extent, advanced=lambda case, number: None).results


class TestRun:
    def test_takes_as_many_samples_as_asked_after_the_warm_up(self, database):
        drawn: list[int] = []

        (result,) = _run(Case("one", _asks(NUMBER, drawn=drawn)))

        assert result.database.samples == result.whole.samples == 20
        assert len(drawn) == 23
        assert len(set(drawn)) > 20

    def test_asks_the_same_by_the_same_seed(self, database):
        first, second, other = [], [], []

        _run(Case("one", _asks(NUMBER, drawn=first)))
        _run(Case("one", _asks(NUMBER, drawn=second)))
        _run(Case("one", _asks(NUMBER, drawn=other)), extent=Extent(20, 3, seed=2, has_plans=False))

        assert first == second != other

    def test_takes_cases_in_turn(self, database):
        order: list[str] = []

        run(
            [Case("a", _asks(NUMBER)), Case("b", _asks(NUMBER))],
            EXTENT,
            advanced=lambda case, number: order.append(f"{case.name}{number}"),
        )

        assert order == ["a2", "b2"] * 10

    def test_takes_fewer_samples_of_a_case_that_limits_them(self, database):
        few, many = _run(Case("few", _asks(NUMBER), most_samples=4), Case("many", _asks(NUMBER)))

        assert (few.database.samples, many.database.samples) == (4, 20)

    def test_stops_a_case_when_its_time_is_up(self, database):
        (result,) = _run(Case("one", _asks(NUMBER)), extent=Extent(1_000_000, 1, seconds_per_case=0.05))

        assert 0 < result.database.samples < 1_000_000

    def test_counts_all_queries_of_a_sample_and_their_rows(self, database):
        (result,) = _run(Case("both", _asks(NUMBER, OTHER)))

        assert (result.queries_per_sample, result.rows_per_sample) == (2, 4)
        assert result.database.p50 < result.whole.p50

    def test_counts_the_named_queries_only_where_some_are_named(self, database):
        (result,) = _run(Case("both", _asks(NUMBER, OTHER), queries=frozenset({"other"})))

        assert (result.queries_per_sample, result.rows_per_sample) == (1, 3)

    def test_counts_what_the_database_refuses_as_failed(self, database):
        def draw(chance: Random) -> Callable[[], object]:
            return lambda: fetch_primary(WRONG, (0,))

        (result,) = _run(Case("wrong", draw))

        assert (result.failed, result.database) == (20, None)

    def test_tells_what_the_servers_spend_on_a_processor(self, database):
        work = Query("work", "SELECT sum(n) FROM generate_series(1, 30000) n")
        rest = Query("rest", "SELECT 1 FROM pg_sleep(0.03)")

        working, resting = _run(Case("work", _asks(work)), Case("rest", _asks(rest)))

        assert working.processor.samples == resting.processor.samples == 20
        assert working.processor.p50 > 2 * resting.processor.p50
        assert resting.processor.p99 < resting.database.p50


class TestPlans:
    def test_tell_the_index_for_values_and_for_any_value(self, database):
        (result,) = _run(Case("one", _asks(TABLE)), extent=Extent(3, 1))

        assert [(plan.mode, plan.indexes, plan.scanned) for plan in result.plans] == [
            ("force_custom_plan", ("django_migrations_pkey",), ()),
            ("force_generic_plan", ("django_migrations_pkey",), ()),
        ]

    def test_tell_what_is_read_from_end_to_end(self, database):
        all_rows = Query("all", "SELECT * FROM django_migrations WHERE name <> 'it''s 100 %%'")

        (result,) = _run(Case("all", _asks(all_rows)), extent=Extent(3, 1))

        assert {plan.scanned for plan in result.plans} == {("django_migrations",)}
        assert {plan.rows_removed for plan in result.plans} == {0}
        assert all(plan.hit + plan.read > 0 for plan in result.plans)
