"""The addresses of log-ins, under the names that allauth knows them by.

Of allauth's views those that are needed: nobody signs up here, and nobody logs in by e-mail.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.views import LogoutView
from django.urls import path

from patients.accounts import single_sign_on
from patients.pages.accounts.views import (
    AccountOverview,
    EndSessions,
    LogInPage,
    NewPasswordPage,
    admin_door,
    guarded,
)

overview = AccountOverview.as_view()
log_out = guarded(LogoutView.as_view())
new_password = guarded(NewPasswordPage.as_view())

urlpatterns = [
    path("login/", guarded(LogInPage.as_view()), name="account_login"),
    path("login/code/", guarded(mfa.authenticate), name="mfa_authenticate"),
    path("login/organisation/", guarded(single_sign_on.log_in), name="openid_connect_login"),
    path(
        "login/organisation/return/",
        guarded(single_sign_on.return_from_organisation),
        name="openid_connect_callback",
    ),
    path("logout/", log_out, name="account_logout"),
    path("account/", overview, name="account_overview"),
    path("account/", overview, name="mfa_index"),
    path("account/password/", new_password, name="account_change_password"),
    path("account/end-sessions/", guarded(EndSessions.as_view()), name="account_end_sessions"),
    path("account/confirm/", guarded(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", guarded(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/second-factor/set-up/", guarded(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/remove/", guarded(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/",
        guarded(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    # Before the admin's own: there is one door for all.
    path("admin/login/", admin_door),
    path("admin/logout/", log_out),
    path("admin/password_change/", new_password),
]
