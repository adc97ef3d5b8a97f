"""The folders of an instance and whose they are.

FHIRSITE_DATA/            the caller's: instance.json, state, certificate, static files
    logs/                 the caller's
    servers/              the service user's, closed to all others
        primary/ standby/ sockets/
"""

import os

from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.processes.service_user import ServiceUser, service_user


def prepare(instance: Instance) -> ServiceUser:
    """Make the folders, closed to other users, and say whom the servers run as.

    :raises EmbeddedError: if that user can't get at them.
    """
    user = service_user()
    # The service user passes through the data folder of root; nobody may list it.
    instance.data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    instance.logs.mkdir(mode=0o700, exist_ok=True)
    for folder in (instance.servers, instance.sockets):
        folder.mkdir(exist_ok=True)
        user.own(folder)
    user.require_way_to(instance.sockets)
    return user
