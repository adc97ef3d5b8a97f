"""The benchmark of the spool appends what it says."""

from perf.benchmark import spool
from perf.spool import segments


class TestSpool:
    def test_prints_a_row_for_each_way_to_sync(self, tmp_path, capsys):
        spool.main(["--entries", "3", "--folder", str(tmp_path)])

        rows = capsys.readouterr().out.splitlines()
        assert [row.split(" | ")[:2] for row in rows[2:]] == [
            [f"| {sync}", threads] for sync in ("group", "always", "off") for threads in ("1", "8")
        ]

    def test_appends_all_entries_of_all_threads(self, tmp_path):
        spool.measured(tmp_path, sync="off", threads=4, entries=25, payload=b"x")

        assert sum(len(segment.entries) for segment in segments(tmp_path)) == 100
