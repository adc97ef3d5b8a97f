"""The settings of the pair, as PostgreSQL reads them."""

import dataclasses

import pytest

from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.servers.postgres_settings import postgres_settings


@pytest.fixture
def instance(tmp_path):
    return instances.create(tmp_path)


def test_nothing_listens_on_tcp(instance):
    assert "listen_addresses = ''\n" in postgres_settings(instance, port=5432)


def test_a_path_with_a_quote_is_quoted_for_both_its_readers(instance, tmp_path):
    instance = dataclasses.replace(instance, sockets=tmp_path / "o'hara", replication_password="secret")

    text = postgres_settings(instance, port=5432)

    assert f"unix_socket_directories = '{tmp_path}/o''hara'\n" in text
    assert f"primary_conninfo = 'host=''{tmp_path}/o\\\\''hara'' port=''5432''" in text


def test_memory_fits_a_small_and_a_large_machine(instance, monkeypatch):
    def shared_buffers(total):
        monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"total": total}))
        [line] = [
            line
            for line in postgres_settings(instance, port=1).splitlines()
            if line.startswith("shared_buffers")
        ]
        return line

    assert shared_buffers(1 << 30) == "shared_buffers = '128MB'"
    assert shared_buffers(16 << 30) == "shared_buffers = '1024MB'"
    assert shared_buffers(256 << 30) == "shared_buffers = '2048MB'"
