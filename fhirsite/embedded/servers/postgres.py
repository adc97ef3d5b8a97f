"""The embedded PostgreSQL pair: a primary and a streaming hot standby on Unix sockets.

https://www.postgresql.org/docs/18/warm-standby.html
"""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.files import distribution
from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.processes import children
from fhirsite.embedded.processes.part import Part
from fhirsite.embedded.processes.service_user import ServiceUser
from fhirsite.embedded.servers import replication, superuser
from fhirsite.embedded.servers.postgres_settings import (
    HOST_BASED_AUTHENTICATION,
    REPLICATION_SLOT,
    postgres_settings,
)
from fhirsite.embedded.servers.roles import provision

PRIMARY = "primary"
STANDBY = "standby"

_DRAIN_SECONDS = 30
_STATUS_LINE = 7  # of postmaster.pid, counted from 0


class PostgresPair:
    def __init__(self, instance: Instance, user: ServiceUser) -> None:
        self._instance = instance
        self._user = user
        self._distribution = distribution.postgres_distribution()
        self._environment = {
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "FHIRSITE_DATA": str(instance.data),
            "HOME": str(instance.servers),
            # The libraries for bare machines are found by their dependents only so.
            "LD_LIBRARY_PATH": str(self._distribution / "lib"),
        }

    def primary(self) -> Part:
        return self._part(
            PRIMARY,
            before_start=self._prepare_primary,
            # The roles, the database and its extensions; what is there stays as it is.
            after_ready=lambda: provision(self._instance),
        )

    def standby(self) -> Part:
        return self._part(
            STANDBY,
            before_start=self._prepare_standby,
            repair=lambda: self._copy_primary(self._folder(STANDBY)),
            is_lost=lambda: self.why_standby_is_lost() is not None,
        )

    def why_standby_is_lost(self) -> str | None:
        """Why the standby can never catch up; nothing if it can, or if the primary can't be asked."""
        try:
            standby = replication.parse_control_data(self._run("pg_controldata", str(self._folder(STANDBY))))
        except EmbeddedError:
            return "its files are damaged"
        try:
            with superuser.connect(self._instance) as connection:
                return replication.why_lost(connection, standby)
        except psycopg.OperationalError:
            return None

    def _part(self, name: str, **hooks: Any) -> Part:
        return Part(
            name=name,
            command=(self._program("postgres"), "-D", str(self._folder(name))),
            environment=self._environment,
            user=self._user,
            is_ready=lambda: self._accepts_connections(name),
            # Fast shutdown: sessions are ended, a checkpoint is written.
            stop_signal=signal.SIGINT,
            stop_seconds=60,
            ready_seconds=600,
            **hooks,
        )

    def _prepare_primary(self) -> None:
        folder = self._folder(PRIMARY)
        if not folder.exists():
            self._initialise(folder)
        self._configure(folder, port=instances.PRIMARY_PORT)

    def _initialise(self, folder: Path) -> None:
        new = self._new_folder(folder)
        with tempfile.NamedTemporaryFile("w", dir=self._instance.servers) as password:
            password.write(self._instance.superuser_password)
            password.flush()
            self._user.own(Path(password.name))
            self._run(
                "initdb",
                *("-D", str(new), "-U", instances.SUPERUSER_ROLE, "--pwfile", password.name),
                *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"),
            )
        with (new / "postgresql.conf").open("a") as file:
            file.write("include 'fhirsite.conf'\n")
        new.rename(folder)

    def _prepare_standby(self) -> None:
        folder = self._folder(STANDBY)
        if not folder.exists() or self.why_standby_is_lost():
            self._copy_primary(folder)
        self._configure(folder, port=instances.REPLICA_PORT)

    def _copy_primary(self, folder: Path) -> None:
        new = self._new_folder(folder)
        with superuser.connect(self._instance) as connection:
            replication.make_slot(connection)
        self._run(
            "pg_basebackup",
            *("-D", str(new), "-h", str(self._instance.sockets), "-p", str(instances.PRIMARY_PORT)),
            *("-U", instances.REPLICATION_ROLE, "-w", "-X", "stream", "-S", REPLICATION_SLOT, "-c", "fast"),
            PGPASSWORD=self._instance.replication_password,
        )
        self._write(new / "standby.signal", "")
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)

    def _new_folder(self, folder: Path) -> Path:
        """A folder under a temporary name: a kill before it is whole leaves nothing half made."""
        new = folder.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        self._user.own(new)
        return new

    def _configure(self, folder: Path, *, port: int) -> None:
        self._write(folder / "fhirsite.conf", postgres_settings(self._instance, port=port))
        self._write(folder / "pg_hba.conf", HOST_BASED_AUTHENTICATION)
        _wait_for_remains(folder)
        (folder / "postmaster.pid").unlink(missing_ok=True)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        self._user.own(path)

    def _accepts_connections(self, name: str) -> bool:
        """As pg_ctl tells it, without the failed connections that a log would show."""
        try:
            lines = (self._folder(name) / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"

    def _folder(self, name: str) -> Path:
        return self._instance.servers / name

    def _program(self, name: str) -> str:
        return str(self._distribution / "bin" / name)

    def _run(self, program: str, *arguments: str, **environment: str) -> str:
        return children.run(
            (self._program(program), *arguments),
            user=self._user,
            environment={**self._environment, **environment},
        )


def _wait_for_remains(folder: Path) -> None:
    """Wait until no process of an earlier server works in this folder any more.

    Only then may a stale postmaster.pid go: its number may meanwhile belong to a stranger, which would
    keep PostgreSQL from starting, but sessions of a killed server may still be writing.
    """
    deadline = time.monotonic() + _DRAIN_SECONDS
    while remains := _processes_in(folder):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Another server (pid {remains[0]}) works in {folder}.")
        time.sleep(0.1)


def _processes_in(folder: Path) -> list[int]:
    """PostgreSQL's processes have their data folder as working directory."""
    processes = psutil.process_iter(["cwd"])
    return [process.pid for process in processes if process.info["cwd"] == str(folder)]
