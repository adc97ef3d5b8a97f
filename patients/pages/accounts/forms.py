"""The forms with which people log in, and what they say when that fails."""

from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from patients.accounts import codes, lock_out

# As long as Django keeps names.
LONGEST_NAME = 150


class LogInForm(AuthenticationForm):
    """User name and password, with the one message that tells nobody which of them was wrong."""

    error_messages = {
        "invalid_login": _("That name and password do not match."),
        "inactive": _("This log-in is closed. Ask your site administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        self.fields["username"].label = _("User name")
        # Django gives it to the browser only, which is not whom it has to hold for.
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def get_invalid_login_error(self) -> forms.ValidationError:
        if self.request is not None and lock_out.is_locked_out(self.request):
            return forms.ValidationError(lock_out.sentence(), code="locked_out")
        return super().get_invalid_login_error()


class NewPasswordForm(PasswordChangeForm):
    """The old password once and the new one twice."""

    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": _("That is not your password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        self.fields["old_password"].label = _("Your password now")
        self.fields["new_password1"].label = _("The new password")
        self.fields["new_password1"].help_text = _("At least 12 characters; nothing that is often used.")
        self.fields["new_password2"].label = _("The new password again")
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        """Count a wrong one as a failed log-in: whoever found a session open is not to try them all."""
        request, name = context.request, self.user.get_username()
        if lock_out.is_locked(request, name):
            raise forms.ValidationError(lock_out.sentence(), code="locked_out")
        try:
            return super().clean_old_password()
        except forms.ValidationError:
            lock_out.count_failure(request, name)
            raise


class CodeForm(AuthenticateForm):
    """The code that an app shows, or one from the paper, when logging in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)

    def clean_code(self) -> str:
        return accepted(self)


class CodeAgainForm(ReauthenticateForm):
    """The same, of somebody who has logged in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)

    def clean_code(self) -> str:
        return accepted(self)


class SetUpForm(ActivateTOTPForm):
    """The first code of an app, which shows that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if not codes.is_of_secret(self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PasswordAgainForm(PasswordReauthenticateForm):
    """The password, before a log-in is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def clean_password(self) -> str:
        try:
            return super().clean_password()
        except forms.ValidationError:
            if lock_out.is_locked_out(context.request):
                raise forms.ValidationError(lock_out.sentence(), code="locked_out") from None
            raise


def accepted(form: CodeForm | CodeAgainForm) -> str:
    """Use up the code of the form.

    :raises ValidationError: if it is not good, or too many have not been.
    """
    request, name = context.request, form.user.get_username()
    if lock_out.is_locked(request, name):
        raise forms.ValidationError(lock_out.sentence(), code="locked_out")
    form.authenticator = codes.accept(form.user, form.cleaned_data["code"])
    if form.authenticator is None:
        lock_out.count_failure(request, name)
        raise get_adapter().validation_error("incorrect_code")
    return form.cleaned_data["code"]


def dress_code(form: forms.Form) -> None:
    dress(form)
    code = form.fields["code"]
    code.label = _("Code")
    code.widget.attrs |= {"inputmode": "numeric", "class": "in in-short", "maxlength": "20"}
    code.widget.attrs.pop("placeholder", None)
    code.validators.append(MaxLengthValidator(20))


def dress(form: forms.Form) -> None:
    """Give the fields the look of the site's forms."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "in"
