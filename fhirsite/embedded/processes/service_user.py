"""Whom the embedded servers run as: never root, since PostgreSQL refuses it and nobody should."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from fhirsite.embedded.failures import EmbeddedError


@dataclass(frozen=True, slots=True)
class ServiceUser:
    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Hand a file or folder over, closed to all others."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(0o700 if path.is_dir() else 0o600)

    def require_way_to(self, folder: Path) -> None:
        """:raises EmbeddedError: if a folder above is closed to this user."""
        for parent in (folder, *folder.parents):
            status = parent.stat()
            way = stat.S_IXUSR if status.st_uid == self.uid else stat.S_IXOTH
            if status.st_gid == self.gid and status.st_uid != self.uid:
                way = stat.S_IXGRP
            if not status.st_mode & way:
                raise EmbeddedError(
                    f"The servers run as the user {self.name}, who cannot enter {parent}. "
                    f"Choose another data folder with FHIRSITE_DATA, for example below /var/lib/fhirsite."
                )


def service_user() -> ServiceUser:
    """This user; for root the user `postgres` if there is one, else `nobody`."""
    if os.geteuid() != 0:
        return ServiceUser(name=_name_of(os.geteuid()), uid=os.geteuid(), gid=os.getegid())
    for entry in pwd.getpwall():
        if entry.pw_name == "postgres":
            return ServiceUser(name="postgres", uid=entry.pw_uid, gid=entry.pw_gid)
    nobody = pwd.getpwnam("nobody")
    return ServiceUser(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
