"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("patients.pages.urls")),
]

handler400 = "patients.pages.errors.bad_request"
handler403 = "patients.pages.errors.permission_denied"
handler404 = "patients.pages.errors.page_not_found"
handler500 = "patients.pages.errors.server_error"
