"""The forms with which people log in, and what they say when that fails."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from patients.accounts import lock_out

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


def dress(form: forms.Form) -> None:
    """Give the fields the look of the site's forms."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "in"
