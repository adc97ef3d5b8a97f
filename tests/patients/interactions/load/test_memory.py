"""What a load keeps in memory: a portion or two, however long the file is."""

import gc

from patients.fhir.resource import Resource
from patients.interactions import load as loading
from patients.interactions.load.loading import SLICE_LINES
from tests.patients.interactions.load.loads import new_system, observation, patient, written
from tests.people import TESTER


class _Counting:
    """Counts the resources in memory each time that the load has come further."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def started(self, files: object) -> None:
        pass

    def advanced(self, size: int) -> None:
        gc.collect()
        self.counts.append(sum(isinstance(each, Resource) for each in gc.get_objects()))

    def refused(self, refusal: object) -> None:
        pass

    def unreadable(self, sentence: str) -> None:
        pass


class TestLoad:
    def test_keeps_no_lines_that_are_loaded_though_some_wait_for_others(self, tmp_path):
        system, nowhere = new_system(), f"Patient?identifier={new_system()}|1"
        lines = []
        for _ in range(3):
            lines += [observation(system, nowhere)] + [patient(system)] * (SLICE_LINES - 1)
        observer = _Counting()

        loader = loading.Loader(actor=TESTER, observer=observer)
        summary = loader.load([str(written(tmp_path / "a.ndjson", lines))])

        assert (summary.created, summary.refused) == (3 * (SLICE_LINES - 1), 3)
        assert max(observer.counts) - observer.counts[0] < SLICE_LINES
