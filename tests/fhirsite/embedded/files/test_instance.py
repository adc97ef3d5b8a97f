"""The instance of a data folder: made once, private, found again."""

import stat

import pytest

from fhirsite.embedded.files import instance as instances


class TestDataDirectory:
    def test_is_the_folder_that_the_environment_names(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FHIRSITE_DATA", str(tmp_path / "clinic"))

        assert instances.data_directory(tmp_path) == tmp_path / "clinic"

    def test_is_within_the_checkout_of_an_ordinary_user(self, tmp_path, monkeypatch):
        monkeypatch.delenv("FHIRSITE_DATA")
        monkeypatch.setattr("os.geteuid", lambda: 1000)

        assert instances.data_directory(tmp_path) == tmp_path / ".data"

    def test_is_outside_the_checkout_of_root(self, tmp_path, monkeypatch):
        monkeypatch.delenv("FHIRSITE_DATA")
        monkeypatch.setattr("os.geteuid", lambda: 0)

        one = instances.data_directory(tmp_path / "one" / "fhirsite")
        other = instances.data_directory(tmp_path / "other" / "fhirsite")

        assert one.parent == other.parent
        assert str(one).startswith("/var/lib/fhirsite/fhirsite-")
        assert one != other


class TestLoad:
    def test_of_an_empty_folder_writes_nothing(self, tmp_path):
        instance = instances.load(tmp_path / "absent")

        assert not instance.is_made
        assert not (tmp_path / "absent").exists()

    def test_gives_what_was_made(self, tmp_path):
        made = instances.create(tmp_path)

        assert instances.load(tmp_path) == made

    def test_follows_a_folder_that_was_moved(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("i")  # short: a user's name may be long, a socket's path not
        made = instances.create(folder / "before")
        (folder / "before").rename(folder / "after")

        moved = instances.create(folder / "after")

        assert moved.owner_password == made.owner_password
        assert moved.sockets == folder / "after" / "servers" / "sockets"


class TestCreate:
    def test_keeps_secrets_from_other_users(self, tmp_path):
        instances.create(tmp_path)

        assert stat.S_IMODE((tmp_path / "instance.json").stat().st_mode) == 0o600

    def test_makes_other_secrets_for_each(self, tmp_path):
        one, other = instances.create(tmp_path / "one"), instances.create(tmp_path / "other")

        assert one.secret_key != other.secret_key
        assert len({one.owner_password, one.application_password, other.owner_password}) == 3

    def test_changes_nothing_the_second_time(self, tmp_path):
        first = instances.create(tmp_path)

        assert instances.create(tmp_path) == first

    def test_puts_sockets_elsewhere_if_the_path_is_too_long(self, tmp_path):
        data = tmp_path / ("long" * 25)

        instance = instances.create(data)
        try:
            assert len(str(instance.sockets)) < 40
            assert stat.S_IMODE(instance.sockets.stat().st_mode) == 0o700
            assert instances.create(data).sockets == instance.sockets
        finally:
            instance.sockets.rmdir()


class TestBrokerUrl:
    @pytest.mark.parametrize(
        ("redis_url", "broker_url"),
        [
            ("unix:///run/clinic/cache.sock?db=0", "redis+socket:///run/clinic/cache.sock?virtual_host=1"),
            ("redis://:secret@cache.example:6379/2", "redis://:secret@cache.example:6379/2"),
            ("rediss://cache.example/0", "rediss://cache.example/0"),
        ],
    )
    def test_is_celerys_spelling(self, tmp_path, redis_url, broker_url):
        assert instances.load(tmp_path).broker_url(redis_url) == broker_url
