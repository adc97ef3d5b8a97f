"""Log in, change the password, end the sessions; what a log-in needs stands in `patients.accounts`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordChangeView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views import View

from patients import demo
from patients.accounts import auditing, second_factor, sessions
from patients.fhir.outcomes import FhirError
from patients.models import Session
from patients.pages.accounts.forms import LogInForm, NewPasswordForm
from patients.pages.errors import failure_page


class LogInPage(LoginView):
    """Log in; the demo's log-ins stand on the page, where there is a demo."""

    template_name = "account/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on to the second factor, if the user has one; else they are logged in."""
        return perform_login(self.request, form.get_user(), redirect_url=self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            # Django puts the host's name here.
            "site_name": settings.SITE_NAME,
            "home": reverse("pages:search"),
            "organisation": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "organisation_query": urlencode({"next": context["next"]}) if context["next"] else "",
            "demo_logins": demo.USERS if settings.DEMO else (),
            "session_minutes": settings.SESSION_COOKIE_AGE // 60,
        }


class OwnPage(View):
    """A page of somebody who has logged in."""

    @property
    def person(self) -> User:
        return cast(User, self.request.user)


class AccountOverview(OwnPage):
    """What belongs to one's own log-in, and what can be done about it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "session_count": Session.objects.filter(user_id=self.person.pk).count(),
            "has_password": self.person.has_usable_password(),
            "session_hours": settings.SESSION_HOURS,
            "has_second_factor": second_factor.is_set_up(self.person),
            "needs_second_factor": second_factor.is_required_of(self.person),
        }
        return render(request, "account/overview.html", context)


class NewPasswordPage(PasswordChangeView):
    """Change one's own password; every other session of the user's ends."""

    template_name = "account/password_change.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("account_overview")

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.user
        auditing.record(self.request, user, "password")
        response = super().form_valid(form)
        sessions.end_all(user, but=self.request.session.session_key)
        return response


class EndSessions(OwnPage):
    """Log out everywhere, here too."""

    def post(self, request: HttpRequest) -> HttpResponse:
        auditing.record(request, self.person, "end-sessions")
        sessions.end_all(self.person)
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a page say in words that something could not be recorded, and so was not done."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except FhirError as error:
            return failure_page(request, error.status, error)

    return answer


@login_not_required
def admin_door(request: HttpRequest) -> HttpResponse:
    """Send everybody to the one log-in page; who has logged in and still may not enter gets no further."""
    if admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
