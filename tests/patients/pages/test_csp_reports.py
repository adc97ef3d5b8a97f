"""Reports of broken policies: told in a line, and nothing else of what they hold."""

import json

import pytest
from django.test import Client

OLD = "application/csp-report"
NEW = "application/reports+json"
DIRECTIVE = {"effective-directive": "script-src"}


def post(body: object, type: str = OLD, **more):
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Client(enforce_csrf_checks=True).post("/csp-report", text, content_type=type, **more)


def logged(caplog) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "patients.pages.csp_reports"]


class TestAReport:
    def test_of_the_old_form_is_a_line(self, caplog):
        report = {
            "document-uri": "https://testserver/patients/canary-id/?q=Canary",
            "violated-directive": "script-src-elem",
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://evil.example/steal.js?name=Canary",
            "source-file": "https://testserver/static/pages/search.js?v=1",
            "line-number": 12,
            "script-sample": "Canary",
        }

        assert post({"csp-report": report}).status_code == 204
        assert logged(caplog) == [
            "csp: directive=script-src-elem blocked=https://evil.example page=/patients/<str:id>/ "
            "source=/static/pages/search.js line=12"
        ]

    def test_of_the_new_form_is_a_line_for_each(self, caplog):
        body = {
            "documentURL": "https://testserver/patients/canary-id/results/",
            "effectiveDirective": "style-src-attr",
            "blockedURL": "inline",
            "sourceFile": "https://testserver/patients/canary-id/",
            "lineNumber": 3,
        }
        other = {"type": "deprecation", "body": {"id": "Canary"}}

        assert post([{"type": "csp-violation", "body": body}, other], NEW).status_code == 204
        assert logged(caplog) == [
            "csp: directive=style-src-attr blocked=inline page=/patients/<str:id>/<str:section>/ "
            "source=/patients/<str:id>/ line=3"
        ]

    @pytest.mark.parametrize(
        "report",
        [
            {"effective-directive": "script-src\nERROR forged", "blocked-uri": "Mary Canary"},
            {"effective-directive": ["Canary"], "blocked-uri": {"a": 1}, "line-number": "Canary"},
            {"effective-directive": "x" * 100, "blocked-uri": "https://[Canary", "line-number": True},
            {"document-uri": "/Canary/born/1970", "source-file": "/static/Mary Canary", "line-number": -1},
            {"blocked-uri": "https://user:Mary Canary@host/", "document-uri": 7},
        ],
    )
    def test_with_something_else_in_it_tells_nothing(self, caplog, report):
        assert post({"csp-report": report}).status_code == 204
        assert logged(caplog) == ["csp: directive=- blocked=- page=- source=- line=-"]

    def test_tells_of_so_many_only(self, caplog):
        post([{"type": "csp-violation", "body": {"effectiveDirective": "img-src"}}] * 200, NEW)

        assert len(logged(caplog)) == 10


class TestRefusals:
    @pytest.mark.parametrize(
        "body", [b" ", b"\xff", "{", "{}", "[]", "null", '{"csp-report": 3}', "[" * 10_000, "NaN"]
    )
    def test_answer_400_to_what_is_no_report(self, caplog, body):
        assert post(body).status_code == 400
        assert logged(caplog) == []

    def test_answer_413_to_a_long_one(self):
        assert post({"csp-report": {"script-sample": "x" * 17_000}}).status_code == 413

    def test_answer_415_to_another_type(self):
        assert post({"csp-report": DIRECTIVE}, "application/json").status_code == 415

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    def test_answer_405_to_another_method(self, method):
        assert getattr(Client(), method)("/csp-report").status_code == 405
