import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from perf.middleware import RequestIdFilter, RequestIdMiddleware


def _answered(get_response=lambda request: HttpResponse(), **headers) -> HttpResponse:
    return RequestIdMiddleware(get_response)(RequestFactory().get("/", headers=headers))


def _record() -> logging.LogRecord:
    record = logging.LogRecord("test", logging.INFO, "", 0, "", None, None)
    RequestIdFilter().filter(record)
    return record


class TestRequestId:
    def test_is_in_the_log_lines_of_its_request_only(self):
        logged = []

        def get_response(request):
            logged.append((_record().request_id, request.request_id))
            return HttpResponse()

        response = _answered(get_response)

        assert logged == [(response["X-Request-Id"],) * 2]
        assert _record().request_id == "-"

    def test_is_left_behind_by_a_failure(self):
        def get_response(request):
            raise RuntimeError

        with pytest.raises(RuntimeError):
            _answered(get_response)

        assert _record().request_id == "-"


class TestIdOfTheClient:
    def test_goes_back_beside_ours(self):
        response = _answered(**{"X-Request-Id": "mine-1"})

        assert response["X-Correlation-Id"] == "mine-1"
        assert response["X-Request-Id"] != "mine-1"

    @pytest.mark.parametrize("sent", ["", "a b", "é", "a" * 129])
    def test_is_dropped_if_it_is_no_id(self, sent):
        assert "X-Correlation-Id" not in _answered(**{"X-Request-Id": sent})
