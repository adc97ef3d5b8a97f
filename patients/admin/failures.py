"""What an administrator sees of a failure that was foreseen."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.contrib import admin
from django.http import HttpResponse
from django.template.response import TemplateResponse

from patients.fhir.outcomes import FhirError

Parameters = ParamSpec("Parameters")


def failures_shown(view: Callable[Parameters, HttpResponse]) -> Callable[Parameters, HttpResponse]:
    """Answer a FhirError of a ModelAdmin's view with its own status and sentences."""

    @wraps(view)
    def answering(*args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except FhirError as error:
            return _failure_page(args[1], error)

    return answering


def _failure_page(request: Any, error: FhirError) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "This cannot be shown",
        "sentences": [issue.diagnostics for issue in error.issues],
        "request_id": getattr(request, "request_id", ""),
    }
    return TemplateResponse(request, "admin/patients/failure.html", context, status=error.status).render()
