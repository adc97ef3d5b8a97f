"""A spool: what must not be lost is appended here at once, and moved to where it belongs soon after.

Each process appends to files of its own (`writing.py`), a chain of codes from the first entry to the last;
whoever comes by moves what is in them elsewhere (`reading.py`).
"""

from perf.spool.reading import Segment, segments
from perf.spool.writing import Spool, Sync

__all__ = ["Segment", "Spool", "Sync", "segments"]
