"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path

from fhirsite.health import livez, readyz
from patients.pages.csp_reports import csp_report

urlpatterns = [
    path("livez", livez),
    path("readyz", readyz),
    path("csp-report", csp_report),
    path("", include("patients.api.urls")),
    path("", include("patients.pages.accounts.urls")),
    path("", include("patients.pages.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "fhirsite.handlers.bad_request"
handler403 = "fhirsite.handlers.permission_denied"
handler404 = "fhirsite.handlers.page_not_found"
handler500 = "fhirsite.handlers.server_error"
