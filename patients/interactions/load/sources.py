"""What there is to load: files, the files in folders and zip archives, the standard input.

By its name a source is one JSON document (a bundle or a single resource) or NDJSON, a resource a line.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = ".json, .ndjson or .jsonl, plain, .gz or .bz2, or .zip of these"
STANDARD_INPUT = "-"
COMPRESSIONS = (".gz", ".bz2")
_DOCUMENTS = (".json",)
_LINES = (".ndjson", ".jsonl")
_ARCHIVE = ".zip"


class UnreadableError(Exception):
    """A path or a file that cannot be read, with a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Source:
    """One document or NDJSON file: a file, a member of an archive, or without a path the standard input.

    `digest` tells it from others whatever its name; the standard input, read once only, has none.
    """

    path: Path | None
    member: str | None
    digest: str
    size: int

    @property
    def name(self) -> str:
        if self.path is None:
            return "standard input"
        return f"{self.path}:{self.member}" if self.member else str(self.path)

    @property
    def file_name(self) -> str:
        return self.member or (self.path.name if self.path else "")

    @property
    def is_lines(self) -> bool:
        return self.path is None or _stem(self.file_name).endswith(_LINES)

    @property
    def is_compressed(self) -> bool:
        return bool(self.member) or self.file_name.lower().endswith(COMPRESSIONS)


def files(path: str) -> list[Path]:
    """Return the files to load at a path that exists, in the order of their names.

    :raises UnreadableError: if there is none.
    """
    given = Path(path)
    with readable(path):
        given.stat()
        if not given.is_dir():
            if not _is_accepted(given.name):
                raise UnreadableError(f"{path}: not named {ACCEPTED}.")
            if not given.is_file():
                raise UnreadableError(f"{path}: not a regular file.")
            return [given]
        found = sorted(file for file in given.rglob("*") if _is_accepted(file.name) and file.is_file())
    if not found:
        raise UnreadableError(f"{path}: the folder holds no file named {ACCEPTED}.")
    return found


def sources(file: Path) -> list[Source]:
    """Return what a file holds: itself, or the members of an archive.

    :raises UnreadableError: if it cannot be read, or is an archive that holds nothing to load.
    """
    with readable(str(file)):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if file.suffix.lower() != _ARCHIVE:
            return [Source(file, None, digest, file.stat().st_size)]
        with zipfile.ZipFile(file) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    found = [
        Source(file, member.filename, f"{digest}:{member.filename}", member.compress_size)
        for member in members
        if not member.is_dir() and _stem(member.filename).endswith((*_DOCUMENTS, *_LINES))
    ]
    if not found:
        raise UnreadableError(f"{file}: the archive holds no file named {ACCEPTED}.")
    return found


def standard_input() -> Source:
    """Return the source that is NDJSON on the standard input."""
    return Source(None, None, "", 0)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say of what goes wrong in reading which file it was.

    :raises UnreadableError: if it cannot be read or is damaged.
    """
    try:
        yield
    except EOFError as error:
        raise UnreadableError(f"{name}: ends too early; the file is not complete.") from error
    except OSError as error:
        reason = error.strerror or "damaged: " + str(error)
        raise UnreadableError(f"{name}: {reason[:1].lower()}{reason[1:]}.") from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        # zipfile raises the last two for archives with a password and for unknown methods.
        raise UnreadableError(f"{name}: cannot be unpacked ({error}).") from error


def _is_accepted(name: str) -> bool:
    return _stem(name).endswith((*_DOCUMENTS, *_LINES)) or name.lower().endswith(_ARCHIVE)


def _stem(name: str) -> str:
    """The name in lower case and without the suffix of its compression."""
    lowered = name.lower()
    for suffix in COMPRESSIONS:
        lowered = lowered.removesuffix(suffix)
    return lowered
