"""How `manage.py load` speaks to an operator, and to programs."""

import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import OutputWrapper
from tqdm import tqdm

from patients.interactions.load import Refusal, Summary

_SECONDS_BETWEEN_LINES = 2.0
# A file of the wrong kind can be refused a million times over; --report has them all.
_REFUSALS_SHOWN = 100
_TYPES_SHOWN = 24
_BAR = "{percentage:3.0f} % |{bar:24}| {desc} [{elapsed}<{remaining}]"


class LoadProgress:
    """Shows progress as a bar on a terminal and as lines elsewhere, and refusals as they come."""

    def __init__(self, stream: OutputWrapper, report: TextIO | None, *, is_quiet: bool) -> None:
        self.summary = Summary(is_dry_run=False)
        self._stream = stream
        self._report = report
        self._is_quiet = is_quiet
        self._bar: tqdm | None = None
        self._size = self._done = 0
        self._told = time.monotonic()
        self._refusals = 0

    def started(self, files: list[Path | None]) -> None:
        self._size = sum(file.stat().st_size for file in files if file)
        if self._is_quiet or not files:
            return
        if self._stream.isatty():
            total = self._size or None
            bar_format = _BAR if total else "{desc} [{elapsed}]"
            self._bar = tqdm(total=total, file=sys.stderr, bar_format=bar_format, leave=False)
        else:
            what = "checking" if self.summary.is_dry_run else "loading"
            self._line(f"{what} {_count(len(files), 'file')}, {self._size / 1e6:,.1f} MB")

    def advanced(self, size: int) -> None:
        self._done += size
        if self._bar is not None:
            self._bar.set_description_str(self._so_far(), refresh=False)
            self._bar.update(size)
        elif not self._is_quiet and time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            share = f"{100 * self._done / self._size:3.0f} %  " if self._size else ""
            self._line(f"{share}{self._so_far()}")

    def refused(self, refusal: Refusal) -> None:
        self._refusals += 1
        if self._report:
            self._report.write(json.dumps(refusal.as_json(), ensure_ascii=False) + "\n")
        if self._refusals <= _REFUSALS_SHOWN:
            self._line(f"refused: {refusal.place}: {_reason(refusal)}")
        elif self._refusals == _REFUSALS_SHOWN + 1:
            self._line("refused: more; --report FILE tells of all")

    def unreadable(self, sentence: str) -> None:
        self._line(f"not read: {sentence}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._report:
            self._report.close()

    def _so_far(self) -> str:
        summary = self.summary
        refused = f", {summary.refused:,} refused" if summary.refused else ""
        return f"{summary.loaded:,} resources, {summary.rate:,.0f}/s{refused}"

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.clear()
        # Without the red of errors: most of it is none.
        self._stream.write(text, style_func=str)
        self._stream.flush()


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary for programs."""
    return {
        "dry_run": summary.is_dry_run,
        "files": summary.files,
        "files_loaded_before": summary.files_loaded_before,
        "loaded": summary.loaded,
        "created": summary.created,
        "updated": summary.updated,
        "existing": summary.existing,
        "loaded_before": summary.loaded_before,
        "refused": summary.refused,
        "unreadable": summary.unreadable,
        "by_type": dict(sorted(summary.by_type.items())),
        "seconds": round(summary.seconds, 3),
        "resources_per_second": round(summary.rate),
    }


def as_text(summary: Summary) -> str:
    """The summary for people."""
    verb = "would be loaded" if summary.is_dry_run else "loaded"
    lines = []
    if summary.loaded or not summary.loaded_before:
        lines.append(
            f"{_count(summary.loaded, 'resource')} {verb} from {_count(summary.files, 'file')} "
            f"in {summary.seconds:.1f} s ({summary.rate:,.0f} a second)"
        )
    lines += [f"  {name:<32}{count:>10,}" for name, count in summary.by_type.most_common(_TYPES_SHOWN)]
    if len(summary.by_type) > _TYPES_SHOWN:
        lines.append(f"  and {len(summary.by_type) - _TYPES_SHOWN} more types; --json has them all")
    if summary.updated:
        lines.append(f"{summary.updated:,} of them are new versions of resources that were there")
    if summary.existing:
        lines.append(f"{_count(summary.existing, 'resource')} not created: ifNoneExist found them")
    if summary.loaded_before:
        lines.append(f"{_count(summary.loaded_before, 'resource')} skipped: loaded by an earlier run")
    return "\n".join(lines)


def shortfall(summary: Summary) -> str | None:
    """What was not loaded, in a line; None if all was."""
    parts = []
    if summary.refused:
        parts.append(f"{_count(summary.refused, 'resource')} refused")
    if summary.unreadable:
        parts.append(f"{_count(len(summary.unreadable), 'file')} not read")
    return " and ".join(parts) or None


def _reason(refusal: Refusal) -> str:
    """The first issue, after its element unless it begins with that, and how many there are besides."""
    first, *others = refusal.error.issues
    element = first.expression[0] if first.expression else ""
    named = "" if first.diagnostics.startswith(element) else f"{element}: "
    return named + first.diagnostics + (f" (And {len(others)} more.)" if others else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
