"""The addresses of the pages for clinicians."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from patients.pages.views import ChartPage, LogInPage, SearchPage, SectionPage

app_name = "pages"

urlpatterns = [
    path("", SearchPage.as_view(), name="search"),
    path("login/", LogInPage.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("patients/<str:id>/", ChartPage.as_view(), name="chart"),
    path("patients/<str:id>/<str:section>/", SectionPage.as_view(), name="section"),
]
