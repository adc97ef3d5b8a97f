"""Finds free TCP ports and keeps them from other instances of this machine."""

import socket
from dataclasses import dataclass

from fhirsite.embedded.failures import EmbeddedError

_TRIES = 200


@dataclass(frozen=True, slots=True)
class ReservedPort:
    """A port that no other instance takes while this object lives."""

    number: int
    wanted: int
    _claim: socket.socket

    @property
    def is_another(self) -> bool:
        return self.number != self.wanted


def reserve(host: str, wanted: int) -> ReservedPort:
    """The wanted port, or the next free one.

    :raises EmbeddedError: if none of the next ones is free.
    """
    for number in range(wanted, min(wanted + _TRIES, 65536)):
        claim = _claim(number)
        if claim is not None and _is_free(host, number):
            return ReservedPort(number=number, wanted=wanted, _claim=claim)
    raise EmbeddedError(f"No free port on {host} from {wanted} on.")


def _claim(number: int) -> socket.socket | None:
    """Take the port's name among all instances: the kernel forgets it with this process.

    Needed because Granian shares its port with whoever asks (SO_REUSEPORT): two instances that start
    together would both get it, and each would answer half of the other's requests.
    """
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0fhirsite-port-{number}")
    except OSError:
        claim.close()
        return None
    return claim


def _is_free(host: str, number: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
            probe.listen()
        except PermissionError as denied:
            raise EmbeddedError(f"This user may not listen on {host} port {number}.") from denied
        except OSError:
            return False
    return True
