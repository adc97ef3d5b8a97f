"""What is appended is there whole and once: by many threads, after a fork, a kill, or with a full disk."""

import multiprocessing
import os
import resource
import signal
import struct
import threading
from pathlib import Path

import pytest

from perf.spool import Spool, segments
from perf.spool.frames import HEADER_BYTES, code_after, first_code
from perf.spool.reading import damaged
from perf.spool.writing import SUFFIX

KEY = b"a key of the tests"


@pytest.fixture
def spool(tmp_path) -> Spool:
    return Spool(tmp_path, key=KEY, sync="off")


def payloads(folder: Path) -> list[bytes]:
    return [entry.payload for segment in segments(folder) for entry in segment.entries]


def numbers(folder: Path) -> list[int]:
    return [entry.number for segment in segments(folder) for entry in segment.entries]


def paths(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def in_child(act) -> int:
    """Run `act` in a forked process, and return how that ended."""
    child = multiprocessing.get_context("fork").Process(target=act)
    child.start()
    child.join(30)
    return child.exitcode


class TestAppend:
    @pytest.mark.parametrize("sync", ["off", "group", "always"])
    def test_leaves_entries_in_their_order(self, tmp_path, sync):
        spool = Spool(tmp_path, key=KEY, sync=sync)

        spool.append([b"a", b"b"])
        spool.append([b"", b"\x00\xff"])

        assert payloads(tmp_path) == [b"a", b"b", b"", b"\x00\xff"]
        assert numbers(tmp_path) == [1, 2, 3, 4]

    def test_makes_one_chain_through_all_segments(self, tmp_path, spool):
        for payload in (b"a", b"b", b"c"):
            spool.append([payload])
            spool.close()

        found = list(segments(tmp_path))
        assert len({segment.header.chain for segment in found}) == 1
        code = first_code(KEY, found[0].header.chain)
        for segment, payload in zip(found, (b"a", b"b", b"c"), strict=True):
            assert segment.header.previous_code == code
            code = code_after(KEY, code, payload)
            assert segment.entries[0].code == code

    def test_is_closed_to_other_users(self, tmp_path, spool):
        spool.append([b"a"])

        assert [oct(each.stat().st_mode & 0o777) for each in paths(tmp_path)] == ["0o600"]

    @pytest.mark.parametrize("sync", ["off", "group"])
    def test_by_many_threads_loses_nothing(self, tmp_path, sync, monkeypatch):
        monkeypatch.setattr("perf.spool.writing.SEGMENT_SECONDS", 0.001)  # segments change all the time
        spool = Spool(tmp_path, key=KEY, sync=sync)

        def append(thread: int) -> None:
            for number in range(100):
                spool.append([b"%d-%d" % (thread, number)])

        threads = [threading.Thread(target=append, args=(thread,)) for thread in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(paths(tmp_path)) > 1
        assert numbers(tmp_path) == list(range(1, 801))
        assert set(payloads(tmp_path)) == {
            b"%d-%d" % (thread, it) for thread in range(8) for it in range(100)
        }

    def test_after_a_fork_begins_a_chain_of_its_own(self, tmp_path, spool):
        spool.append([b"parent"])

        assert in_child(lambda: spool.append([b"child"])) == 0
        spool.append([b"parent again"])

        by_chain = {}
        for segment in segments(tmp_path):
            by_chain.setdefault(segment.header.chain, []).extend(it.payload for it in segment.entries)
        assert sorted(by_chain.values()) == [[b"child"], [b"parent", b"parent again"]]

    def test_of_a_process_that_is_killed_leaves_all_that_was_appended(self, tmp_path):
        def append_and_die() -> None:
            Spool(tmp_path, key=KEY, sync="off").append([b"last words"])
            os.kill(os.getpid(), signal.SIGKILL)

        assert in_child(append_and_die) == -signal.SIGKILL
        [segment] = segments(tmp_path)
        assert (segment.is_closed, segment.is_damaged) == (True, False)
        assert payloads(tmp_path) == [b"last words"]


class TestFullDisk:
    def test_is_told_and_leaves_nothing_half(self, tmp_path):
        told = tmp_path / "told"

        def fill() -> None:
            spool = Spool(tmp_path, key=KEY, sync="off")
            spool.append([b"first"])
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
            with pytest.raises(OSError, match=r"bytes were written|File too large"):
                spool.append([b"x" * 2000])
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            spool.append([b"second"])
            told.touch()

        assert in_child(fill) == 0
        assert told.exists()
        assert payloads(tmp_path) == [b"first", b"second"]
        assert numbers(tmp_path) == [1, 2]
        assert [segment.is_damaged for segment in segments(tmp_path)] == [False, False]

    def test_takes_nothing_along_that_is_written_when_there_is_room_again(self, tmp_path):
        def fill() -> None:
            spool = Spool(tmp_path, key=KEY, sync="off")
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
            with pytest.raises(OSError):
                spool.append([b"x" * 2000])
            for segment in segments(tmp_path):
                spool.append([b"short"])
                segment.remove()

        assert in_child(fill) == 0
        assert payloads(tmp_path) == [b"short"]


class TestDiskThatFails:
    def test_to_sync_is_told_and_not_forgotten(self, tmp_path, monkeypatch):
        spool = Spool(tmp_path, key=KEY, sync="group")
        spool.append([b"first"])
        segment = spool._segment
        with monkeypatch.context() as patched:
            patched.setattr(os, "fdatasync", _fail)
            with pytest.raises(OSError, match="the disk"):
                spool.append([b"second"])

        with pytest.raises(OSError, match="did not reach the disk"):
            segment.sync(segment.end)
        spool.append([b"third"])  # in a segment of its own

        assert len(paths(tmp_path)) == 2
        assert numbers(tmp_path) == [1, 2, 3]


class TestSegments:
    def test_that_are_written_to_are_open(self, tmp_path, spool):
        spool.append([b"a"])
        assert [segment.is_closed for segment in segments(tmp_path)] == [False]

        spool.close()
        assert [segment.is_closed for segment in segments(tmp_path)] == [True]

    def test_that_are_open_are_not_removed(self, tmp_path, spool):
        spool.append([b"a"])
        for segment in segments(tmp_path):
            segment.remove()
        assert len(paths(tmp_path)) == 1

        spool.close()
        for segment in segments(tmp_path):
            segment.remove()
        assert paths(tmp_path) == []

    @pytest.mark.parametrize("cut", [1, 5, 20])
    def test_with_a_torn_tail_give_what_is_before_it(self, tmp_path, spool, cut):
        spool.append([b"whole", b"torn"])
        spool.close()
        [path] = paths(tmp_path)
        os.truncate(path, path.stat().st_size - cut)

        for segment in segments(tmp_path):
            assert [entry.payload for entry in segment.entries] == [b"whole"]
            assert segment.is_damaged
            segment.remove()

        assert paths(tmp_path) == []
        assert len(damaged(tmp_path)) == 1

    @pytest.mark.parametrize("at", [0, HEADER_BYTES, HEADER_BYTES + 4, HEADER_BYTES + 20, HEADER_BYTES + 42])
    def test_with_a_changed_byte_are_damaged(self, tmp_path, spool, at):
        spool.append([b"payload", b"another"])
        spool.close()
        [path] = paths(tmp_path)
        content = bytearray(path.read_bytes())
        content[at] ^= 0xFF
        path.write_bytes(content)

        [segment] = segments(tmp_path)

        assert (segment.entries, segment.is_damaged) == ([], True)

    def test_with_a_length_beyond_the_end_are_damaged(self, tmp_path, spool):
        spool.append([b"payload"])
        spool.close()
        [path] = paths(tmp_path)
        with path.open("ab") as file:
            file.write(struct.pack("<II", 2**32 - 1, 0))

        [segment] = segments(tmp_path)

        assert ([entry.payload for entry in segment.entries], segment.excess_bytes) == ([b"payload"], 8)

    def test_in_no_folder_are_none(self, tmp_path):
        assert list(segments(tmp_path / "none")) == []


def _fail(_: int) -> None:
    raise OSError("the disk")
