import psycopg
import pytest
from django.test import Client
from django.test.utils import override_settings

from fhirsite import health
from perf import database, replica


@pytest.fixture
def client() -> Client:
    return Client()


class TestLivez:
    def test_asks_nothing_but_the_process(self, client, monkeypatch):
        def fails(*_, **__):
            raise psycopg.OperationalError

        monkeypatch.setattr(database, "_run", fails)

        response = client.get("/livez")

        assert (response.status_code, response.content) == (200, b"alive\n")
        assert response["Cache-Control"] == "no-store"


class TestReadyz:
    def test_tells_of_each_part(self, client):
        replica.monitor()

        response = client.get("/readyz")

        answer = response.json()
        assert response.status_code == 200
        assert answer["is_ready"] is True
        assert answer["parts"]["primary"] == {"is_well": True}
        assert answer["parts"]["cache"] == {"is_well": True}
        assert set(answer["parts"]) == {"primary", "standby", "cache"}

    def test_answers_503_without_the_primary(self, client, monkeypatch):
        def fails(*_, **__):
            raise psycopg.OperationalError

        monkeypatch.setattr(database, "fetch_primary", fails)

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["parts"]["primary"] == {
            "is_well": False,
            "note": "It does not answer; nothing can be served.",
        }

    def test_answers_503_if_the_primary_is_none(self, client, monkeypatch):
        monkeypatch.setattr(database, "fetch_primary", lambda *_: [(True,)])

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["parts"]["primary"]["note"] == "It is a standby; nothing can be written."

    def test_answers_200_without_the_standby(self, client, monkeypatch):
        monkeypatch.setattr(replica.monitor(), "is_well", False)
        monkeypatch.setattr(replica.monitor(), "_become", lambda *_: None)

        response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["parts"]["standby"] == {
            "is_well": False,
            "note": "It is not read from; the primary answers all reads.",
        }

    def test_answers_200_with_the_standby_turned_off(self, client):
        with override_settings(REPLICA_ENABLED=False):
            response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["parts"]["standby"]["note"] == (
            "It is turned off; the primary answers all reads."
        )

    def test_answers_200_without_the_cache(self, client, monkeypatch):
        def fails(_):
            raise OSError

        monkeypatch.setattr(health, "get_redis_connection", fails)

        response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["parts"]["cache"] == {
            "is_well": False,
            "note": "It does not answer; each answer is made anew.",
        }
