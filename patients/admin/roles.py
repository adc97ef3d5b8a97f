"""Roles: Django's groups, with what each grants, and the patients that are a user's own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from patients import access
from patients.access.vocabulary import GRANTABLE, RESTRICTING_LABELS, TYPE_GROUPS
from patients.fhir.definitions import RESOURCE_TYPES, definition
from patients.models import Affiliation, Grant, PatientList, PatientListEntry

_GROUPS = ", ".join(TYPE_GROUPS)


class GrantForm(forms.ModelForm):
    """A grant that means something: what the policy would not understand is refused."""

    resource_types = SimpleArrayField(
        forms.CharField(),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=f"With commas between them: types of resources, and {_GROUPS}.",
    )
    interactions = forms.MultipleChoiceField(
        choices=[(name, name) for name in GRANTABLE], widget=forms.CheckboxSelectMultiple
    )
    labels = forms.MultipleChoiceField(
        choices=[(label, label) for label in RESTRICTING_LABELS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Opened to whoever states a purpose.",
    )

    class Meta:
        model = Grant
        fields = ("resource_types", "interactions", "reach", "labels", "elements")
        widgets = {"elements": forms.Textarea(attrs={"rows": 3, "cols": 40})}

    def clean_resource_types(self) -> list[str]:
        names: list[str] = self.cleaned_data["resource_types"]
        if unknown := [name for name in names if name not in TYPE_GROUPS and name not in RESOURCE_TYPES]:
            raise ValidationError(f"R4 has no such types: {', '.join(unknown)}.")
        return names

    def clean_elements(self) -> dict[str, list[str]] | None:
        elements = self.cleaned_data["elements"]
        if not elements:
            return None
        if not isinstance(elements, dict):
            raise ValidationError('Elements are named by type: {"Patient": ["name", "birthDate"]}.')
        for resource_type, names in elements.items():
            _require_elements(resource_type, names)
        return elements


def _require_elements(resource_type: str, names: Any) -> None:
    if resource_type not in RESOURCE_TYPES:
        raise ValidationError(f"R4 has no type {resource_type}.")
    known = definition(resource_type).elements
    if not isinstance(names, list) or not all(isinstance(name, str) and name in known for name in names):
        raise ValidationError(f"The elements of {resource_type} are a list of names that R4 gives them.")


class GrantInline(admin.StackedInline):
    """What the role may do; the rows add up."""

    model = Grant
    form = GrantForm
    extra = 0


class ChangesThePolicy(admin.ModelAdmin):
    """What is saved here holds at once in this process, and within a second in all others."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        transaction.on_commit(access.forget)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(access.forget)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(access.forget)


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ChangesThePolicy, GroupAdmin):
    """A role's permissions are those of this site's pages; its grants are those to records."""

    inlines = (GrantInline,)
    list_display = ("name", "grants_shown")

    @admin.display(description="grants")
    def grants_shown(self, row: Group) -> int:
        return row.grants.count()


class PatientListEntryInline(admin.TabularInline):
    """The Patients on a list, by their ids."""

    model = PatientListEntry
    extra = 1


@admin.register(PatientList)
class PatientListAdmin(ChangesThePolicy):
    """Whose own the Patients are whom a grant's "lists" reaches."""

    inlines = (PatientListEntryInline,)
    filter_horizontal = ("users",)


@admin.register(Affiliation)
class AffiliationAdmin(ChangesThePolicy):
    """For which Organizations a user works: a grant's "organisations" reaches those whom they manage."""

    list_display = ("user", "organisation_id")
    search_fields = ("user__username", "organisation_id")
