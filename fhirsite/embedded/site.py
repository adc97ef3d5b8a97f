"""A whole site, from an empty folder to its addresses: what `manage.py up` runs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import fhirsite
from fhirsite.embedded import ports
from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.files import folders
from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.options import Options
from fhirsite.embedded.plan import stages
from fhirsite.embedded.processes.logs import SUPERVISOR, Console, Logs
from fhirsite.embedded.supervision import remains, state
from fhirsite.embedded.supervision.managed import ManagedPart
from fhirsite.embedded.supervision.state import PartState, SiteState
from fhirsite.embedded.supervision.supervisor import Stopped, Supervisor


class Site:
    """A site on one data folder, which no other supervisor has.

    :raises EmbeddedError: if another has it, or the servers could not reach it, or no port is free.
    """

    def __init__(self, data: Path, options: Options) -> None:
        self._options = options
        self._lock = _lock(data)
        if not self._lock:
            raise EmbeddedError(f"The site in {data} is running already; `manage.py status` tells more.")
        self._instance = instances.create(data)
        self._user = folders.prepare(self._instance)
        self._http = ports.reserve("127.0.0.1", options.http_port)
        self._https = ports.reserve(options.bind, options.https_port)
        self._is_ready = False

    def run(self, *, is_quiet: bool, when_ready: Callable[[], None]) -> None:
        """Start everything, keep it running until a signal comes, stop everything.

        :raises EmbeddedError: if a part does not start; what had started is stopped.
        """
        console = Console(Logs(self._instance.logs), is_quiet=is_quiet)
        supervisor = Supervisor(say=console.say, on_change=lambda: self._write_state(supervisor.parts))
        supervisor.listen_to_signals()
        try:
            self._start(supervisor, console)
            when_ready()
            supervisor.watch()
        except Stopped:
            console.say(SUPERVISOR, "asked to stop while starting")
        finally:
            self._is_ready = False
            console.say(SUPERVISOR, "stopping")
            supervisor.stop()
            console.say(SUPERVISOR, "stopped")

    def _start(self, supervisor: Supervisor, console: Console) -> None:
        console.say(SUPERVISOR, f"fhirsite {fhirsite.__version__}, data in {self._instance.data}")
        remains.end_remains(self._instance.data, say=console.say)
        for name, port in (("HTTP", self._http), ("HTTPS", self._https)):
            if port.is_another:
                console.say(SUPERVISOR, f"{name} port {port.wanted} is taken, using {port.number}")
        for stage in stages(
            self._instance,
            self._options,
            self._user,
            http_port=self._http.number,
            https_port=self._https.number,
            say=console.say,
        ):
            supervisor.start(stage)
        self._is_ready = True
        self._write_state(supervisor.parts)
        console.show(self._announcement())

    def _addresses(self) -> list[str]:
        host = f"[{self._options.bind}]" if ":" in self._options.bind else self._options.bind
        https_host = "localhost" if self._options.bind == "127.0.0.1" else host
        return [f"https://{https_host}:{self._https.number}/", f"http://localhost:{self._http.number}/"]

    def _announcement(self) -> str:
        lines = ["fhirsite is ready:", *(f"  {address}" for address in self._addresses())]
        if self._options.is_demo:
            lines += ["demo log-ins:", *(f"  {name:<14} {password}" for name, password in _demo_log_ins())]
        rule = "-" * max(map(len, lines))
        return "\n".join(["", rule, *lines, rule, ""])

    def _write_state(self, parts: list[ManagedPart]) -> None:
        state.write(
            self._instance.data,
            SiteState(
                version=fhirsite.__version__,
                pid=os.getpid(),
                is_ready=self._is_ready,
                http_port=self._http.number,
                https_port=self._https.number,
                addresses=self._addresses(),
                parts=[_part_state(part) for part in parts],
            ),
        )


def _lock(data: Path) -> IO[str] | None:
    """Make the data folder and take its lock; nothing if another supervisor has it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        return state.take_lock(data)
    except OSError as failure:
        raise EmbeddedError(
            f"The data folder {data} can't be made or written to ({failure.strerror}). "
            f"Choose another with FHIRSITE_DATA."
        ) from failure


def _part_state(part: ManagedPart) -> PartState:
    pid = part.process.pid if part.process else None
    return PartState(
        name=part.part.name,
        state=part.state.value,
        pid=pid,
        restarts=part.restarts,
        born=state.born(pid) if pid else None,
    )


def _demo_log_ins() -> list[tuple[str, str]]:
    from patients.demo import USERS

    return [(name, password) for name, password, *_ in USERS]
