"""Ends what a killed supervisor left behind.

The kernel tells each part to stop when its supervisor dies (`exec_child.py`); what is still at it,
or lost its own master in the same moment, is ended here before the next start.
"""

import contextlib
import os
from pathlib import Path

import psutil

from fhirsite.embedded.processes.part import Say
from fhirsite.embedded.supervision import state
from fhirsite.embedded.supervision.state import SiteState

_GRACE_SECONDS = 20


def end_remains(data: Path, *, say: Say) -> None:
    last = state.read(data)
    remains = _remains(data, last) if last else []
    if not remains:
        return
    say("up", f"ending {len(remains)} processes of a supervisor that was killed")
    for process in remains:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(remains, timeout=_GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=_GRACE_SECONDS)


def _remains(data: Path, last: SiteState) -> list[psutil.Process]:
    """Processes in the sessions of the last site's parts that say themselves that they are this site's."""
    sessions = {part.pid: part.born for part in last.parts if part.pid and part.born}
    remains = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            session_born = sessions.get(os.getsid(process.pid))
            if (
                session_born is not None
                and process.create_time() >= session_born
                and process.environ().get("FHIRSITE_DATA") == str(data)
            ):
                remains.append(process)
    return remains
