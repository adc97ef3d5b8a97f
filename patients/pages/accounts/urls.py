"""The addresses of log-ins, under the names that allauth knows them by."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from patients.pages.accounts.views import (
    AccountOverview,
    EndSessions,
    LogInPage,
    NewPasswordPage,
    admin_door,
)

urlpatterns = [
    path("login/", LogInPage.as_view(), name="account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("account/", AccountOverview.as_view(), name="account_overview"),
    path("account/password/", NewPasswordPage.as_view(), name="account_change_password"),
    path("account/end-sessions/", EndSessions.as_view(), name="account_end_sessions"),
    # Before the admin's own: there is one door for all.
    path("admin/login/", admin_door),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", NewPasswordPage.as_view()),
]
