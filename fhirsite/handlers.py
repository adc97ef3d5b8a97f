"""Failures that no view answers: an OperationOutcome below the API's addresses, else a page."""

from django.http import HttpRequest, HttpResponse

from patients.api import exceptions as api
from patients.pages import errors as pages

_API = ("/fhir", "/api")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.answer(request, 400) if is_for_api(request) else pages.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.answer(request, 403) if is_for_api(request) else pages.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.answer(request, 404) if is_for_api(request) else pages.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return api.answer(request, 500) if is_for_api(request) else pages.server_error(request)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer who asks more often than they may; Django has no place for it, `throttling` calls it."""
    return api.answer(request, 429) if is_for_api(request) else pages.too_many_requests(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer where what was refused could not be recorded."""
    return api.answer(request, 503) if is_for_api(request) else pages.unavailable(request)


def is_for_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(_API)
