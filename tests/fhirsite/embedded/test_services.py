"""A real primary, standby and cache, apart from those of the other tests."""

import os
import pwd
import shutil
import stat
import subprocess
import time

import psutil
import psycopg
import pytest
import redis

from fhirsite.embedded import services
from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.processes.logs import Logs
from fhirsite.embedded.processes.service_user import ServiceUser, service_user
from fhirsite.embedded.servers import superuser
from fhirsite.embedded.servers.postgres import PostgresPair
from fhirsite.embedded.servers.postgres_settings import REPLICATION_SLOT

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def instance(data):
    return instances.create(data)


@pytest.fixture(scope="module")
def processes(instance):
    with services.running(instance) as processes:
        yield processes


def connect(settings):
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        autocommit=True,
    )


def wait_for(condition, *, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.mark.usefixtures("processes")
class TestPair:
    def test_the_standby_streams_from_the_primary(self, instance):
        def states():
            with superuser.connect(instance) as primary:
                return primary.execute("SELECT application_name, state FROM pg_stat_replication").fetchall()

        wait_for(lambda: states() == [("standby", "streaming")])

    def test_the_standby_shows_what_was_committed(self, instance):
        with connect(instance.owner()) as owner, connect(instance.replica()) as replica:
            owner.execute("CREATE TABLE seen (id int); GRANT SELECT ON seen TO fhirsite")
            owner.execute("INSERT INTO seen VALUES (7)")

            wait_for(lambda: replica.execute("SELECT to_regclass('seen') IS NOT NULL").fetchone() == (True,))
            wait_for(lambda: replica.execute("SELECT id FROM seen").fetchall() == [(7,)])

    def test_the_application_is_no_superuser_and_owns_nothing(self, instance):
        with connect(instance.database()) as application:
            is_superuser, owns = application.execute(
                "SELECT rolsuper, EXISTS (SELECT FROM pg_database WHERE datdba = pg_roles.oid)"
                "  FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute("CREATE TABLE mine (id int)")

        assert (is_superuser, owns) == (False, False)

    def test_a_wrong_password_is_refused(self, instance):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect({**instance.database(), "PASSWORD": "guessed"})

    def test_nothing_listens_on_tcp(self, processes):
        sockets = [psutil.Process(process.pid).net_connections("inet") for process in processes.values()]

        assert sockets == [[], [], []]

    def test_is_durable_and_sorts_by_code_point(self, instance):
        with superuser.connect(instance, database="fhirsite") as primary:
            settings = dict(
                primary.execute(
                    "SELECT name, setting FROM pg_settings"
                    " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'jit')"
                ).fetchall()
            )
            collation = primary.execute(
                "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()

        assert settings == {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "jit": "off"}
        assert collation == ("C.UTF-8", "UTF8")

    def test_errors_are_logged_without_the_values_of_statements(self, instance):
        with connect(instance.database()) as application, pytest.raises(psycopg.DataError):
            application.execute("SELECT 'Fatima Secret'::text, 1 / 0 AS broken")

        logged = Logs(instance.logs).path("primary").read_text()
        assert "Fatima" not in logged

    def test_no_kept_statement_shows_a_password(self, instance):
        with connect(instance.database()) as application:
            kept = application.execute("SELECT string_agg(query, ' ') FROM pg_stat_statements").fetchone()[0]

        passwords = (instance.owner_password, instance.application_password, instance.replication_password)
        assert [password for password in passwords if password in kept] == []

    def test_the_cache_never_drops_a_queue(self, instance):
        with redis.Redis.from_url(instance.redis_url()) as cache:
            assert cache.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
            assert cache.config_get("save") == {"save": ""}


@pytest.mark.usefixtures("processes")
class TestOtherUsers:
    @pytest.mark.parametrize("name", ["primary", "standby", "sockets", ""])
    def test_folders_are_closed_to_them(self, instance, name):
        folder = instance.servers / name

        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == service_user().uid

    @needs_root
    def test_they_reach_no_socket(self, instance):
        stranger = pwd.getpwnam("daemon")
        script = (
            "import socket, sys\n"
            "try: socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
            "except PermissionError: print('refused')"
        )

        answers = [
            subprocess.run(
                ["/usr/bin/python3", "-c", script, str(instance.sockets / socket)],
                user=stranger.pw_uid,
                group=stranger.pw_gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            ).stdout
            for socket in (".s.PGSQL.5432", ".s.PGSQL.5433", "cache.sock")
        ]

        assert answers == ["refused\n"] * 3

    @needs_root
    def test_the_servers_do_not_run_as_root(self, processes):
        uids = {psutil.Process(process.pid).uids().real for process in processes.values()}

        assert uids == {service_user().uid}

    @needs_root
    def test_a_closed_folder_is_told_before_anything_starts(self, tmp_path):
        closed = tmp_path / "home"
        closed.mkdir(mode=0o700)
        nobody = pwd.getpwnam("nobody")

        with pytest.raises(EmbeddedError, match=rf"the user nobody, who cannot enter {tmp_path}"):
            ServiceUser(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid).require_way_to(closed)


class TestLostStandby:
    """The standby is copied anew when, and only when, it can never catch up."""

    @pytest.fixture
    def pair(self, instance, processes):
        return PostgresPair(instance, service_user())

    def test_one_that_streams_is_not_lost(self, pair):
        assert pair.why_standby_is_lost() is None

    def test_one_whose_slot_is_gone_is_copied_anew(self, pair, instance, processes):
        processes["standby"].stop()
        with superuser.connect(instance) as primary:
            primary.execute("SELECT pg_drop_replication_slot(%s)", [REPLICATION_SLOT])
        assert pair.why_standby_is_lost() == "its replication slot is gone"

        with (
            services.running_part(pair.standby(), Logs(instance.logs)),
            connect(instance.replica()) as replica,
        ):
            assert replica.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            assert pair.why_standby_is_lost() is None

    def test_one_whose_files_are_damaged_is_copied_anew(self, pair, instance):
        (instance.servers / "standby" / "global" / "pg_control").unlink()
        assert pair.why_standby_is_lost() == "its files are damaged"

        with services.running_part(pair.standby(), Logs(instance.logs)):
            assert pair.why_standby_is_lost() is None

    def test_one_that_went_its_own_way_is_copied_anew(self, pair, instance):
        with services.running_part(pair.standby(), Logs(instance.logs)):
            _promote(instance)
        assert pair.why_standby_is_lost() == "it holds changes that the primary does not have"

        with (
            services.running_part(pair.standby(), Logs(instance.logs)),
            connect(instance.replica()) as replica,
        ):
            assert replica.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)


def test_a_stale_pid_file_with_a_strangers_pid_does_not_keep_the_primary_from_starting(data):
    instance = instances.create(data / "stale")
    with services.running(instance):
        pass
    pid_file = instance.servers / "primary" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"], **_as_service_user())
    try:
        pid_file.write_text(f"{stranger.pid}\n{instance.servers}/primary\n1\n5432\n{instance.sockets}\n\n\n")
        shutil.chown(pid_file, service_user().uid, service_user().gid)

        with services.running(instance), connect(instance.database()) as application:
            assert application.execute("SELECT 1").fetchone() == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def _promote(instance):
    with superuser.connect(instance, port=instances.REPLICA_PORT) as promoted:
        promoted.execute("SELECT pg_promote()")
        promoted.execute("CREATE TABLE astray ()")
        promoted.execute("CHECKPOINT")


def _as_service_user():
    user = service_user()
    identity = {"user": user.uid, "group": user.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    return {**identity, "cwd": "/"}
