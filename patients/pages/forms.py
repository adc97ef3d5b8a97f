"""The forms of the pages: what they take, and what they say of what they cannot take."""

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

LONGEST_QUERY = 200
# As much of a parameter's name as a sentence repeats.
LONGEST_NAME = 60


class SearchForm(forms.Form):
    """The one box in which patients are searched, and the place in the results to go on from."""

    q = forms.CharField(
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={
            "max_length": _("Type at most %(limit_value)d letters, one or two words are enough.")
        },
    )
    cursor = forms.CharField(required=False)
    reading = forms.IntegerField(required=False, min_value=0, max_value=9)

    def clean(self) -> dict[str, Any]:
        """Refuse a parameter that the page does not know: it would seem to have been searched for."""
        unknown = next((name for name in self.data if name not in self.fields), None)
        if unknown is not None:
            raise forms.ValidationError(
                _("This page does not know the parameter “%(name)s” in its address. Use the box instead."),
                params={"name": Truncator(unknown).chars(LONGEST_NAME)},
            )
        return self.cleaned_data

    @property
    def first_error(self) -> str:
        return next((str(errors[0]) for errors in self.errors.values()), "")
