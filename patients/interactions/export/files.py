"""The folder of the exports: a folder for each job, a file for each type, closed to other users.

Names are made here and are ids; nothing that a client sends becomes part of a path.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def path_of(job_id: uuid.UUID, file_id: uuid.UUID) -> Path:
    return _folder(job_id) / f"{file_id}.ndjson"


@contextmanager
def appending(job_id: uuid.UUID, file_id: uuid.UUID, *, length: int) -> Iterator[BinaryIO]:
    """Write behind what has been committed; all is on the disk when the block ends.

    :raises OSError: if the folder cannot be written, or what was committed is not there.
    """
    path = path_of(job_id, file_id)
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        if file.seek(0, os.SEEK_END) < length:
            raise FileNotFoundError(f"{path.name} is shorter than it was.")
        file.truncate(length)
        file.seek(length)
        yield file
        file.flush()
        os.fsync(file.fileno())


def remove(job_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(job_id), ignore_errors=True)


def jobs_with_files() -> set[uuid.UUID]:
    """The jobs that have a folder."""
    root = Path(settings.EXPORT_DIR)
    return {found for each in root.iterdir() if (found := _id(each.name))} if root.is_dir() else set()


def _folder(job_id: uuid.UUID) -> Path:
    return Path(settings.EXPORT_DIR) / str(job_id)


def _id(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
