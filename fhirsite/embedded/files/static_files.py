"""Whether the static files need collecting: a cheap look instead of a second at each start."""

import hashlib
from pathlib import Path

_STAMP = "static.stamp"


def are_collected(base_dir: Path, data: Path) -> bool:
    stamp = data / _STAMP
    return stamp.exists() and stamp.read_text() == _fingerprint(base_dir)


def note_collected(base_dir: Path, data: Path) -> None:
    (data / _STAMP).write_text(_fingerprint(base_dir))


def _fingerprint(base_dir: Path) -> str:
    """Of our own files' names, sizes and times, and of the packages that bring files along."""
    digest = hashlib.sha256()
    for path in sorted((base_dir / "static").rglob("*")):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    digest.update((base_dir / "requirements.txt").read_bytes())
    return digest.hexdigest()
