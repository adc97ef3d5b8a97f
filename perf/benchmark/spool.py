"""What it takes to append to a spool: `python -m perf.benchmark.spool`, on the disk to be measured."""

import argparse
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from perf.benchmark.summaries import percentile
from perf.spool import Spool, Sync

_KEY = b"a key of the benchmark"


def measured(folder: Path, *, sync: Sync, threads: int, entries: int, payload: bytes) -> list[float]:
    """Seconds that one append takes, of `threads` that append `entries` each."""
    spool = Spool(folder, key=_KEY, sync=sync)
    seconds: list[float] = []

    def append() -> None:
        mine = []
        for _ in range(entries):
            began = time.perf_counter()
            spool.append([payload])
            mine.append(time.perf_counter() - began)
        seconds.extend(mine)

    workers = [threading.Thread(target=append) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spool.close()
    return sorted(seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.benchmark.spool", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to write (default: where temporary files lie)")
    parser.add_argument("--entries", type=int, default=2_000, help="of each thread (default: %(default)s)")
    parser.add_argument("--bytes", type=int, default=400, help="of each entry (default: %(default)s)")
    options = parser.parse_args(arguments)
    print("| sync | threads | p50 µs | p95 | p99 |")
    print("|---|---|---|---|---|")
    for sync in get_args(Sync):
        for threads in (1, 8):
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                found = measured(
                    Path(folder),
                    sync=sync,
                    threads=threads,
                    entries=options.entries,
                    payload=b"x" * options.bytes,
                )
            shown = " | ".join(f"{percentile(found, share) * 1e6:,.1f}" for share in (0.5, 0.95, 0.99))
            print(f"| {sync} | {threads} | {shown} |")


if __name__ == "__main__":
    main()
