"""The addresses of the pages for clinicians."""

from django.urls import path

from patients.pages.views import ChartPage, SearchPage, SectionPage

app_name = "pages"

urlpatterns = [
    path("", SearchPage.as_view(), name="search"),
    path("patients/<str:id>/", ChartPage.as_view(), name="chart"),
    path("patients/<str:id>/<str:section>/", SectionPage.as_view(), name="section"),
]
