"""What one embedded instance knows of itself: its folder, its sockets, its roles and their passwords.

Kept in `instance.json` (mode 0600) of the data folder. The settings read it at every start of
every process, so this module stays free of Django and quick to import.
"""

import dataclasses
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DATABASE_NAME = "fhirsite"
OWNER_ROLE = "fhirsite_owner"
APPLICATION_ROLE = "fhirsite"
REPLICATION_ROLE = "fhirsite_replication"
SUPERUSER_ROLE = "postgres"
# TCP is off and every instance has a socket folder of its own, so these never meet another server's.
PRIMARY_PORT = 5432
REPLICA_PORT = 5433

_FILE_NAME = "instance.json"
_ROOT_DATA = Path("/var/lib/fhirsite")
# A Unix socket's address holds 107 bytes, and PostgreSQL puts ".s.PGSQL.5432.lock" behind the folder.
_LONGEST_SOCKET_FOLDER = 85


@dataclass(frozen=True, slots=True)
class Instance:
    """One embedded primary, standby and cache. Without passwords it has not been made yet."""

    data: Path
    sockets: Path
    secret_key: str = ""
    audit_key: str = ""
    superuser_password: str = ""
    owner_password: str = ""
    application_password: str = ""
    replication_password: str = ""

    @property
    def is_made(self) -> bool:
        return bool(self.secret_key)

    @property
    def servers(self) -> Path:
        """The folder of the servers' own data: closed to all but the service user."""
        return self.data / "servers"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def cache_socket(self) -> Path:
        return self.sockets / "cache.sock"

    def database(self) -> dict[str, Any]:
        """Django's settings of the primary, as the application's role."""
        return self._connection(APPLICATION_ROLE, self.application_password, PRIMARY_PORT)

    def replica(self) -> dict[str, Any]:
        return self._connection(APPLICATION_ROLE, self.application_password, REPLICA_PORT)

    def owner(self) -> dict[str, Any]:
        """The primary as the role that owns the tables, for migrations."""
        return self._connection(OWNER_ROLE, self.owner_password, PRIMARY_PORT)

    def redis_url(self) -> str:
        return f"unix://{self.cache_socket}?db=0"

    def broker_url(self, redis_url: str) -> str:
        """The same server in Celery's spelling; on a socket its queues have a database of their own."""
        url = urlsplit(redis_url)
        return f"redis+socket://{url.path}?virtual_host=1" if url.scheme == "unix" else redis_url

    def _connection(self, role: str, password: str, port: int) -> dict[str, Any]:
        return {
            "NAME": DATABASE_NAME,
            "USER": role,
            "PASSWORD": password,
            "HOST": str(self.sockets),
            "PORT": str(port),
        }


def data_directory(base_dir: Path) -> Path:
    """`FHIRSITE_DATA`; else within the checkout, or for root where the service user can reach it."""
    if chosen := os.environ.get("FHIRSITE_DATA"):
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        checkout = hashlib.sha256(str(base_dir).encode()).hexdigest()[:8]
        return _ROOT_DATA / f"{base_dir.name}-{checkout}"
    return base_dir / ".data"


def load(data: Path) -> Instance:
    """The instance of a data folder; if there is none, where it would be. Never writes."""
    try:
        stored = json.loads((data / _FILE_NAME).read_text())
    except FileNotFoundError:
        return Instance(data=data, sockets=data / "servers" / "sockets")
    return Instance(**{**stored, "data": data, "sockets": Path(stored["sockets"])})


def create(data: Path) -> Instance:
    """Make the instance of a data folder, or give the one that is there."""
    data.mkdir(parents=True, exist_ok=True)
    instance = load(data)
    if not instance.is_made:
        instance = dataclasses.replace(
            instance,
            secret_key=secrets.token_urlsafe(50),
            superuser_password=secrets.token_urlsafe(24),
            owner_password=secrets.token_urlsafe(24),
            application_password=secrets.token_urlsafe(24),
            replication_password=secrets.token_urlsafe(24),
        )
    if not instance.audit_key:
        instance = dataclasses.replace(instance, audit_key=secrets.token_urlsafe(50))
    instance = _with_reachable_sockets(instance)
    _store(instance)
    return instance


def _with_reachable_sockets(instance: Instance) -> Instance:
    usual = instance.servers / "sockets"
    if len(os.fsencode(usual)) <= _LONGEST_SOCKET_FOLDER:
        return dataclasses.replace(instance, sockets=usual)
    if instance.sockets != usual and instance.sockets.is_dir() and not instance.sockets.is_symlink():
        return instance
    # Too long a path: a private folder with a name that nobody can take beforehand.
    return dataclasses.replace(instance, sockets=Path(tempfile.mkdtemp(prefix="fhirsite-", dir="/tmp")))


def _store(instance: Instance) -> None:
    text = json.dumps(
        {**dataclasses.asdict(instance), "data": "", "sockets": str(instance.sockets)}, indent=1
    )
    path = instance.data / _FILE_NAME
    if path.exists() and path.read_text() == text:
        return
    descriptor, temporary = tempfile.mkstemp(dir=instance.data)  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        os.fsync(file.fileno())
    Path(temporary).replace(path)
