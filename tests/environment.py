"""The tests' own servers: a fresh instance in a temporary folder, never the demo's data.

`conftest.py` prepares it before Django reads its settings. Nothing is started until a test needs
the database; then primary, standby and cache serve all tests of the run. Tests work on committed
data under names of their own, because a standby shows nothing else.
"""

import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fhirsite.embedded import options, ports, services
from fhirsite.embedded.files import certificates
from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.processes.logs import Logs
from fhirsite.embedded.processes.part import Process
from fhirsite.embedded.servers.application import Application

# What a developer's shell may hold must not lead the tests to other servers.
_FOREIGN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL", "REDIS_URL", "FHIRSITE_PRODUCTION")
_FIRST_PORT = 18000


@dataclass(frozen=True, slots=True)
class LiveSite:
    """A web server on the tests' instance; addresses without a slash at the end."""

    http: str
    https: str
    certificate: Path

    def ssl_context(self) -> ssl.SSLContext:
        """Trusts the site's own certificate, for clients such as httpx."""
        return ssl.create_default_context(cafile=self.certificate)


def prepare() -> Instance:
    """Make an instance and point the settings to it."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
    data = Path(tempfile.mkdtemp(prefix="fhirsite-tests-"))
    os.environ["FHIRSITE_DATA"] = str(data)
    os.environ["FHIRSITE_DEMO"] = "0"
    os.environ["FHIRSITE_BASE_URLS"] = "http://testserver/fhir"
    # All tests log in from one address.
    os.environ["FHIRSITE_RATE_LOGIN"] = "100000"
    os.environ["DJANGO_SETTINGS_MODULE"] = "fhirsite.settings"
    return instances.create(data)


def set_up_django() -> None:
    import django
    from django.conf import settings

    from tests import log_scan

    # Pages rendered within the tests' process need no collected static files.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
    django.setup()
    log_scan.keep_own_log(settings.INSTANCE)


@contextmanager
def running(instance: Instance) -> Iterator[dict[str, Process]]:
    """Start the servers and make the tables; gives the servers' processes by name."""
    from django.core.management import call_command

    with services.running(instance) as processes:
        call_command("migrate", verbosity=0)
        yield processes


@contextmanager
def serving(instance: Instance) -> Iterator[LiveSite]:
    """Start Granian as `manage.py up` does, on ports of its own."""
    application = Application(instance, options.from_environment())
    http = ports.reserve("127.0.0.1", _FIRST_PORT)
    https = ports.reserve("127.0.0.1", _FIRST_PORT)
    logs = Logs(instance.logs)
    services.run_task(application.collect_static_files())
    with ExitStack() as stack:
        for part in application.web(http_port=http.number, https_port=https.number):
            stack.enter_context(services.running_part(part, logs))
        yield LiveSite(
            http=f"http://localhost:{http.number}",
            https=f"https://localhost:{https.number}",
            certificate=certificates.certificate_files(instance.data).certificate,
        )


def remove(instance: Instance) -> None:
    shutil.rmtree(instance.data, ignore_errors=True)
