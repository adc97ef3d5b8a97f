"""What is cached is loaded once, and everything works without the cache."""

from patients import interactions
from perf import cache, database
from tests.audited import audit_records
from tests.people import TESTER, created, word


class TestCache:
    def test_loads_once(self):
        loads = []

        values = [cache.get_or_load(f"test:{word()}", lambda: loads.append(1) or "value") for _ in range(1)]
        key = f"test:{word()}"
        values += [cache.get_or_load(key, lambda: loads.append(1) or "value") for _ in range(3)]

        assert values == ["value"] * 4
        assert len(loads) == 2

    def test_keeps_nothing_that_is_not_there(self):
        key = f"test:{word()}"

        assert cache.get_or_load(key, lambda: None) is None
        assert cache.get_or_load(key, lambda: "now") == "now"

    def test_can_be_switched_off(self, settings):
        settings.CACHE_ENABLED = False
        key = f"test:{word()}"

        assert [cache.get_or_load(key, lambda value=value: value) for value in (1, 2)] == [1, 2]


class TestVersions:
    def test_are_read_from_the_database_once(self):
        id = created(name=[{"family": word()}])
        executions = []

        with database.observed(executions.append):
            for _ in range(3):
                interactions.vread(actor=TESTER, resource_type="Patient", id=id, version_id=1)

        assert [each.name for each in executions].count("vread") == 1
        assert audit_records().filter(resource_id=id, interaction="vread").count() == 3
