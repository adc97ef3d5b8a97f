"""What changed between two versions of a resource, line by line of their readable texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from patients.admin.json_text import Line, lines

CONTEXT_LINES = 3
# Comparing takes up to the square of the lines: more would hold a worker for seconds.
MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the comparison, or a gap where equal lines are left out."""

    kind: Literal["same", "removed", "added", "gap"]
    line: Line | None = None
    before: int | None = None
    after: int | None = None
    left_out: int = 0

    @property
    def sign(self) -> str:
        return {"removed": "\N{MINUS SIGN}", "added": "+"}.get(self.kind, "")


def difference(old: str, new: str) -> list[Row] | None:
    """Compare two texts; None if they are too long for it."""
    before, after = lines(old), lines(new)
    if max(len(before), len(after)) > MOST_LINES:
        return None
    return list(_rows(before, after))


def _rows(before: list[Line], after: list[Line]) -> Iterator[Row]:
    matcher = SequenceMatcher(None, [str(line) for line in before], [str(line) for line in after])
    shown = 0
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        if group[0][1] > shown:
            yield Row("gap", left_out=group[0][1] - shown)
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                for offset in range(i_end - i):
                    yield Row("same", before[i + offset], i + offset + 1, j + offset + 1)
                continue
            yield from (Row("removed", before[at], before=at + 1) for at in range(i, i_end))
            yield from (Row("added", after[at], after=at + 1) for at in range(j, j_end))
        shown = group[-1][2]
    if shown and shown < len(before):
        yield Row("gap", left_out=len(before) - shown)
