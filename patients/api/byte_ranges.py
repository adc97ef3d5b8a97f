"""Which part of a file a client asks for, so that a download can go on. https://www.rfc-editor.org/rfc/rfc9110#section-14"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes from `start` to before `end`."""

    start: int
    end: int
    is_part: bool

    @property
    def length(self) -> int:
        return self.end - self.start


def requested_range(headers: Mapping[str, str], *, length: int, tag: str) -> Range | None:
    """Return the part to send: all where no single range is asked for, None if there is no such part."""
    whole = Range(0, length, is_part=False)
    found = _ONE_RANGE.fullmatch(headers.get("Range", "").strip())
    if found is None or found.group(1, 2) == ("", "") or headers.get("If-Range", tag) != tag:
        return whole
    first, last = found.groups()
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), min(length, int(last) + 1) if last else length
        if last and int(last) < int(first):
            return whole  # not a valid range, which is ignored
    return Range(start, end, is_part=True) if start < end else None
