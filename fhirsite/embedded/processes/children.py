"""Starts child processes that end with their parent, as the user they should run as."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.processes.service_user import ServiceUser

_EXEC_CHILD = str(Path(__file__).with_name("exec_child.py"))


def start(
    command: Sequence[str],
    *,
    user: ServiceUser | None = None,
    environment: Mapping[str, str],
    folder: Path = Path("/"),
    signal_when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[str]:
    """Start a process in a session of its own, its output in one pipe.

    The calling *thread* must outlive the child: the kernel counts its end as the parent's death.
    """
    uid, gid = (user.uid, user.gid) if user else (os.geteuid(), os.getegid())
    identity = [os.getpid(), uid, gid, int(signal_when_orphaned)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", _EXEC_CHILD, *map(str, identity), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        bufsize=1,
        start_new_session=True,
        cwd=folder,
        env=dict(environment),
    )


def run(
    command: Sequence[str],
    *,
    user: ServiceUser | None = None,
    environment: Mapping[str, str],
    folder: Path = Path("/"),
) -> str:
    """Run to the end and give the output.

    :raises EmbeddedError: if it fails, with what it said.
    """
    child = start(command, user=user, environment=environment, folder=folder)
    output, _ = child.communicate()
    if child.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed ({child.returncode}): {output.strip()}")
    return output
