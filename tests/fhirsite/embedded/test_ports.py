"""Free ports are found, and kept from other instances."""

import socket

import pytest

from fhirsite.embedded import ports
from fhirsite.embedded.failures import EmbeddedError


@pytest.fixture
def listener():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_free_port_is_taken_as_wanted():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        free = server.getsockname()[1]

    port = ports.reserve("127.0.0.1", free)

    assert (port.number, port.is_another) == (free, False)


def test_a_port_that_is_listened_on_gives_the_next(listener):
    taken = listener.getsockname()[1]

    port = ports.reserve("127.0.0.1", taken)

    assert port.number > taken
    assert port.is_another


def test_a_port_that_another_instance_is_about_to_use_gives_the_next(listener):
    first = ports.reserve("127.0.0.1", listener.getsockname()[1] + 1)

    second = ports.reserve("127.0.0.1", first.number)

    assert second.number > first.number


def test_an_address_of_another_machine_has_no_free_port():
    with pytest.raises(EmbeddedError, match=r"No free port on 192\.0\.2\.1 from 8000 on\."):
        ports.reserve("192.0.2.1", 8000)
