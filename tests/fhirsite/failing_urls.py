"""The site's addresses, and some at which something goes wrong."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from fhirsite import urls

FAILURES = {400: SuspiciousOperation, 403: PermissionDenied, 500: RuntimeError}


@login_not_required
def fail(request: HttpRequest, status: int) -> HttpResponse:
    raise FAILURES[status]


urlpatterns = [
    path("failing/<int:status>", fail),
    path("fhir/failing/<int:status>", fail),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
