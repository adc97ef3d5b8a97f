"""This machine: settings, certificate, disk, and whether others could read what they must not."""

import datetime
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

import fhirsite
from fhirsite.doctor.findings import Finding, warning, wrong
from fhirsite.embedded.files import certificates

_LEAST_FREE_BYTES = 2_000_000_000
_LEAST_FREE_SHARE = 0.05

# Files and folders of the data folder that are nobody else's business.
_PRIVATE = (
    "instance.json",
    "state.json",
    "logs",
    "servers",
    "servers/primary",
    "servers/standby",
    "servers/sockets",
    "certificate/key.pem",
)


def check_settings() -> Iterator[Finding]:
    yield Finding("fhirsite", f"{fhirsite.__version__}, data in {settings.DATA_DIR}")
    if settings.PRODUCTION and settings.DEBUG:
        yield wrong("settings", "debugging is on under production settings", "Unset FHIRSITE_DEBUG.")
    if settings.PRODUCTION and not _has_secret_key():
        yield wrong("settings", "there is no secret key", "Set FHIRSITE_SECRET_KEY to a long random text.")


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django refuses to give an empty one
        return False


def check_certificate() -> Iterator[Finding]:
    files = certificates.certificate_files(settings.DATA_DIR)
    if not files.certificate.exists():
        return
    left = files.expires_at - datetime.datetime.now(datetime.UTC)
    says = f"the local certificate is good for {left.days} days"
    if left < certificates.RENEWED_BEFORE_EXPIRY:
        yield warning("certificate", says, "Restart the site: it is made anew then.")
    else:
        yield Finding("certificate", says)


def check_disk() -> Iterator[Finding]:
    folder = next(path for path in (settings.DATA_DIR, *settings.DATA_DIR.parents) if path.exists())
    usage = shutil.disk_usage(folder)
    says = f"{usage.free / 1e9:.1f} GB free at {folder}"
    if usage.free < _LEAST_FREE_BYTES or usage.free < usage.total * _LEAST_FREE_SHARE:
        yield wrong("disk", says, "Make room: PostgreSQL stops when the disk is full.")
    else:
        yield Finding("disk", says)


def check_file_modes() -> Iterator[Finding]:
    data: Path = settings.DATA_DIR
    there = [data / name for name in _PRIVATE if (data / name).exists()]
    opened = [path for path in there if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in opened:
        yield wrong("file modes", f"other users can get at {path}", f"chmod go= {path}")
    if there and not opened:
        yield Finding("file modes", "the data is closed to other users of this machine")
