"""Lines that others write, without what they would tell."""

import io
import logging

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from perf.logs import PrivateFilter, PrivateFormatter

CANARY = "Mary Canary"


@pytest.fixture
def told():
    """What a handler such as the site's writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(PrivateFilter())
    handler.setFormatter(PrivateFormatter("%(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


def logger(name: str = "test") -> logging.Logger:
    return logging.getLogger(name)


class TestAFailure:
    def test_is_told_by_class_and_place(self, told):
        try:
            {}[CANARY]
        except KeyError:
            logger().exception("it failed")

        assert "test it failed\n" in told()
        assert "test_logs.py" in told()
        assert told().endswith("builtins.KeyError\n")
        assert CANARY not in told()

    def test_is_told_with_what_led_to_it(self, told):
        try:
            try:
                raise ValueError(CANARY)
            except ValueError as error:
                raise LookupError(CANARY) from error
        except LookupError:
            logger().exception("it failed")

        assert "builtins.ValueError\nwhich led to:\n" in told()
        assert told().endswith("builtins.LookupError\n")
        assert CANARY not in told()

    def test_of_the_database_is_told_with_its_state(self, told):
        try:
            raise psycopg.errors.UniqueViolation(f"Key (name)=({CANARY}) already exists.")
        except psycopg.Error:
            logger().exception("it failed")

        assert told().endswith("psycopg.errors.UniqueViolation (23505)\n")
        assert CANARY not in told()

    def test_is_told_so_even_where_another_handler_told_it_whole(self, told):
        record = logger().makeRecord("test", logging.ERROR, "f", 1, "it failed", (), None)
        try:
            raise ValueError(CANARY)
        except ValueError as error:
            record.exc_info = (type(error), error, error.__traceback__)
        logging.Formatter().format(record)

        assert CANARY not in PrivateFormatter().format(record)

    def test_of_a_task_is_told_without_its_arguments(self, told):
        context = {"name": "export", "exc": f"ValueError('{CANARY}')", "traceback": CANARY, "args": CANARY}

        logger("celery.app.trace").error("Task %(name)s %(args)s: %(exc)s\n%(traceback)s", context)

        assert told() == "celery.app.trace Task export -: -\n-\n"


class TestARequest:
    @pytest.mark.parametrize(
        ("address", "line"),
        [
            (f"/patients/{CANARY}/nothing/", "django.request Not Found: /patients/<str:id>/<str:section>/"),
            (f"/patients/{CANARY}%00é/", "django.request Not Found: /patients/<str:id>/"),
            (f"/{CANARY}/born", "django.request Not Found: an unknown address"),
        ],
    )
    def test_is_told_by_its_route(self, told, admin, address, line):
        assert admin.get(address).status_code == 404

        assert line in told().splitlines()
        assert CANARY not in told()

    def test_that_was_refused_is_told_by_what_it_was(self, told):
        Client().get("/login/", headers={"Host": "mary-canary.example"})
        Client(enforce_csrf_checks=True).post("/login/", {"name": CANARY}, headers={"Referer": CANARY})

        assert "django.security.DisallowedHost DisallowedHost" in told()
        assert "django.security.csrf a form was refused" in told()
        assert "canary" not in told().lower()

    def test_that_is_suspicious_tells_no_more(self, told):
        try:
            raise SuspiciousOperation(CANARY)
        except SuspiciousOperation as error:
            logger("django.security.SuspiciousOperation").error(str(error), exc_info=error)

        assert CANARY not in told()


def test_the_site_logs_so():
    handler = settings.LOGGING["handlers"]["console"]

    assert settings.LOGGING["formatters"]["line"]["class"] == "perf.logs.PrivateFormatter"
    assert "private" in handler["filters"]


@pytest.fixture
def admin(database) -> Client:
    from tests.people import user_with

    client = Client()
    client.force_login(user_with("clinician"))
    return client
