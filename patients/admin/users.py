"""People who can log in: their roles, and what to do when they cannot, or should not any more."""

from typing import Any, cast

# Registered by these; what they show is not for this admin: secrets, or what is not used here.
import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from patients.accounts import auditing, lock_out, sessions
from patients.admin.roles import ChangesThePolicy

for model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, User):
    admin.site.unregister(model)

# What makes somebody more than they were is given by who has all rights alone.
_RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class RecordsChanges(admin.ModelAdmin):
    """What is added, changed or removed here is recorded in the audit too, in its transaction."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._recorded(request, super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._recorded(request, super().log_change(request, obj, message))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            auditing.record(request, cast(User, request.user), self._word, query=f"{obj.pk}: Removed.")
        return super().log_deletions(request, queryset)

    def _recorded(self, request: HttpRequest, entry: Any) -> Any:
        text = f"{entry.object_id}: {entry.get_change_message()}"
        auditing.record(request, cast(User, request.user), self._word, query=text)
        return entry

    @property
    def _word(self) -> str:
        return f"administer-{self.opts.model_name}"


@admin.register(User)
class PersonAdmin(RecordsChanges, ChangesThePolicy, UserAdmin):
    """A person's log-in. Their second factor is never shown, only removed."""

    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ()
    ordering = ("username",)
    actions = ("end_sessions", "unlock", "remove_second_factor")
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, *_RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Change the password; wherever else the user is logged in, that ends."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            own = request.session.session_key if str(request.user.pk) == id else None
            sessions.end_all(User.objects.get(pk=id), but=own)
        return response

    @admin.action(description="Log the selected users out everywhere", permissions=["change"])
    def end_sessions(self, request: HttpRequest, users: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in _touchable(request, users):
                sessions.end_all(user)
                self.log_change(request, user, "Logged out everywhere.")
        self.message_user(request, "They are logged out.")

    @admin.action(description="Unlock the selected users", permissions=["change"])
    def unlock(self, request: HttpRequest, users: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in _touchable(request, users):
                lock_out.unlock(user.get_username())
                self.log_change(request, user, "Unlocked.")
        self.message_user(request, "They can try to log in again.")

    @admin.action(description="Remove the second factor of the selected users", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in _touchable(request, users):
                Authenticator.objects.filter(user=user).delete()
                sessions.end_all(user)
                self.log_change(request, user, "Removed the second factor.")
        self.message_user(request, "Their passwords alone are enough now; whoever needs one sets it up anew.")


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or request.user.is_superuser


def _touchable(request: HttpRequest, users: QuerySet[User]) -> QuerySet[User]:
    return users if request.user.is_superuser else users.filter(is_superuser=False)
