"""The content of sources, decompressed: never more of it in memory than one document or one line may have."""

import bz2
import gzip
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import IO, cast

from patients.interactions.load.sources import Source, UnreadableError, readable


class Content:
    """An open source: what is read from it, and how far that has come in the file as it lies there."""

    def __init__(self, stream: IO[bytes], file: IO[bytes]) -> None:
        self.read, self.readline = stream.read, stream.readline
        self.position = file.tell


def document(source: Source, *, limit: int) -> bytes:
    """Return the whole content.

    :raises UnreadableError: if it cannot be read, is damaged, or is longer than `limit` bytes.
    """
    with opened(source) as content, readable(source.name):
        text = content.read(limit + 1)
    if len(text) > limit:
        raise UnreadableError(f"{source.name}: {_too_long(limit)}")
    return text


def lines(source: Source, content: Content, *, limit: int) -> Iterator[bytes]:
    """Yield the lines one by one.

    :raises UnreadableError: if one cannot be read, or is longer than `limit` bytes.
    """
    number = 0
    while True:
        with readable(source.name):
            line = content.readline(limit + 1)
        if not line:
            return
        number += 1
        if len(line) > limit:
            raise UnreadableError(f"{source.name}: line {number} is {_too_long(limit)}")
        yield line


def verify(source: Source, *, limit: int) -> None:
    """Read compressed lines to their end, so that nothing is loaded from a damaged file.

    :raises UnreadableError: if the file is damaged, or a line is longer than `limit` bytes.
    """
    if source.is_compressed:
        with opened(source) as content:
            for _ in lines(source, content, limit=limit):
                pass


@contextmanager
def opened(source: Source) -> Iterator[Content]:
    """Open the content for reading.

    :raises UnreadableError: if it cannot be opened.
    """
    if source.path is None:
        yield Content(sys.stdin.buffer, BytesIO())
        return
    with ExitStack() as stack:
        with readable(source.name):
            file: IO[bytes]
            if source.member is None:
                file = stack.enter_context(source.path.open("rb"))
            else:
                archive = stack.enter_context(zipfile.ZipFile(source.path))
                file = stack.enter_context(archive.open(source.member))
            stream = stack.enter_context(_decompressed(file, source.file_name))
        yield Content(stream, file)


def _decompressed(file: IO[bytes], name: str) -> IO[bytes]:
    lowered = name.lower()
    if lowered.endswith(".gz"):
        return cast(IO[bytes], gzip.open(file))
    return bz2.open(file) if lowered.endswith(".bz2") else file


def _too_long(limit: int) -> str:
    return f"longer than the {limit:,} bytes that one document or line may have (--max-bytes)."
