"""The application's own processes: web listeners, Celery worker and beat, and the tasks before them."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import fhirsite
from fhirsite.embedded.files import certificates, static_files
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.options import Options
from fhirsite.embedded.processes.part import Part, Task
from fhirsite.embedded.servers.probes import answers_http, loopback_of

BASE_DIR = Path(__file__).resolve().parents[3]

# The plain listener is for this machine alone: scripts, probes and foreign tools.
PLAIN_WORKERS = 1
PLAIN_THREADS = 2
WORKER_PROCESSES = 1

# A process that is still importing has nothing to bring to an end.
_UNREADY_GRACE_SECONDS = 1

# Raised when `manage.py demo` does more than it did: version 2 gives its users their roles.
_DEMO = f"{fhirsite.__version__} 2"

# That root should not run it stands in docs/security.md, and need not be said at each start.
_CELERY_WARNINGS = "ignore::UserWarning:celery.platforms"


class Application:
    def __init__(self, instance: Instance, options: Options) -> None:
        self._instance = instance
        self._options = options
        self._environment = {
            **os.environ,
            "FHIRSITE_DATA": str(instance.data),
            "DJANGO_SETTINGS_MODULE": "fhirsite.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def tasks(self) -> list[Task]:
        """What is done before the application starts; the second time each has little to do."""
        tasks = [self._task("migrate", "migrate", "--no-input")]
        if not static_files.are_collected(BASE_DIR, self._instance.data):
            tasks.append(self.collect_static_files())
        if self._options.is_demo and not self._has_demo():
            tasks.append(self._task("demo", "demo", afterwards=self._note_demo))
        return tasks

    def _has_demo(self) -> bool:
        """Whether this version's demo has been put into this database: a look instead of two seconds."""
        stamp = self._demo_stamp()
        return stamp.exists() and stamp.read_text() == _DEMO

    def _note_demo(self) -> None:
        self._demo_stamp().write_text(_DEMO)

    def _demo_stamp(self) -> Path:
        """One for each database that this data folder was used with."""
        database = hashlib.sha256(self._options.database_url.encode()).hexdigest()[:8]
        return self._instance.data / f"demo-{database}.stamp"

    def collect_static_files(self) -> Task:
        return self._task(
            "static files",
            # Of the two readers that come with drf-spectacular-sidecar one is used.
            *("collectstatic", "--no-input", "--clear", "--verbosity", "0", "--ignore", "redoc"),
            afterwards=lambda: static_files.note_collected(BASE_DIR, self._instance.data),
        )

    def web(self, *, http_port: int, https_port: int) -> list[Part]:
        return [self._https(https_port), self._http(http_port)]

    def worker(self) -> Part:
        options = ("--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle")
        return self._celery("worker", *options)

    def beat(self) -> Part:
        pidfile = ("--pidfile", "")  # a stale one would keep it from starting; the supervisor sees to one
        return self._celery("beat", "--schedule", str(self._instance.data / "beat-schedule"), *pidfile)

    def _https(self, port: int) -> Part:
        files = certificates.certificate_files(self._instance.data)
        bind = self._options.bind
        return self._granian(
            "https",
            *("--host", bind, "--port", str(port)),
            *("--workers", str(self._options.web_workers)),
            *("--blocking-threads", str(self._options.web_threads)),
            *("--ssl-certificate", str(files.certificate), "--ssl-keyfile", str(files.key)),
            before_start=lambda: certificates.ensure_certificate(self._instance.data),
            is_ready=lambda: answers_http(loopback_of(bind), port, is_tls=True),
        )

    def _http(self, port: int) -> Part:
        return self._granian(
            "http",
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--workers", str(PLAIN_WORKERS), "--blocking-threads", str(PLAIN_THREADS)),
            is_ready=lambda: answers_http("127.0.0.1", port, is_tls=False),
        )

    def _granian(self, name: str, *options: str, **hooks: Any) -> Part:
        # No access log: the addresses of searches hold names.
        common = ("--interface", "wsgi", "--http", "auto", "--no-ws", "--no-access-log")
        workers = ("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10")
        return self._part(
            name,
            "granian",
            *common,
            *workers,
            *options,
            "fhirsite.wsgi:application",
            stop_seconds=15,
            **hooks,
        )

    def _celery(self, name: str, *options: str) -> Part:
        ready_file = self._instance.data / f"{name}.ready"
        return self._part(
            name,
            *("celery", "--quiet", "--app", "fhirsite", name, "--loglevel", "INFO", *options),
            before_start=lambda: ready_file.unlink(missing_ok=True),
            is_ready=ready_file.exists,
            environment={"FHIRSITE_READY_FILE": str(ready_file), "PYTHONWARNINGS": _CELERY_WARNINGS},
            # A warm shutdown lets the task in hand come to its end.
            stop_seconds=30,
        )

    def _part(self, name: str, *module: str, environment: dict[str, str] | None = None, **hooks: Any) -> Part:
        return Part(
            name=name,
            command=(sys.executable, "-m", *module),
            environment={**self._environment, **(environment or {})},
            folder=BASE_DIR,
            stop_seconds_unready=_UNREADY_GRACE_SECONDS,
            **hooks,
        )

    def _task(self, name: str, *command: str, **hooks: Any) -> Task:
        return Task(
            name=name,
            command=(sys.executable, str(BASE_DIR / "manage.py"), *command),
            environment=self._environment,
            folder=BASE_DIR,
            **hooks,
        )
