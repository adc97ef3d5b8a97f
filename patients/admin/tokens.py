"""Bearer tokens of the API: made here and shown once; revoked, never given back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from patients.models import ApiToken
from patients.tokens import make_token

LONGEST_DAYS = 366


class TokenForm(forms.Form):
    """Whose token it is to be, what for and for how long."""

    user = forms.Field()
    label = forms.CharField(max_length=200, help_text="What it is for.")
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=30,
        help_text=f"How long it is good for, 1 to {LONGEST_DAYS}.",
    )

    def __init__(self, *args: Any, maker: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = get_user_model().objects.filter(is_active=True).order_by("username")
        # A token is its user's rights: only who has all rights may hand out another's.
        allowed = users if maker.is_superuser else users.filter(pk=maker.pk)
        self.fields["user"] = forms.ModelChoiceField(queryset=allowed, initial=maker)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Only a token's digest is kept, so that no page can show it a second time."""

    list_display = ("user", "label", "created", "expires", "state")
    list_select_related = ("user",)
    ordering = ("-id",)
    search_fields = ("user__username", "label")
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = ("user", "label", "created", "expires", "is_revoked")
    actions = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        fixed = ("user", "label", "created", "expires")
        return (*fixed, "is_revoked") if obj and obj.is_revoked else fixed

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        # A revoked token stays, so that the audit's rows can be told whose it was.
        return False

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens.filter(is_revoked=False):
            token.is_revoked = True
            token.save(update_fields=["is_revoked"])
            self.log_change(request, token, "Revoked.")
        self.message_user(request, "The tokens are revoked: from now on they open nothing.")

    @method_decorator(never_cache)
    @sensitive_variables("token")
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a token and show it in this one answer; it goes into no message, session or log."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TokenForm(request.POST or None, maker=request.user)
        token = ""
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            token = make_token(asked["user"], label=asked["label"], days=asked["days"])
            made = ApiToken.objects.filter(user=asked["user"]).latest("id")
            self.log_addition(request, made, "Made a token.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Make a token" if not token else "The new token",
            "form": form,
            "token": token,
        }
        return TemplateResponse(request, "admin/patients/apitoken/make.html", context)

    @admin.display(description="state")
    def state(self, row: ApiToken) -> SafeString:
        word, look = (
            ("revoked", "bad")
            if row.is_revoked
            else ("expired", "warn")
            if row.expires <= timezone.now()
            else ("good", "ok")
        )
        return format_html('<span class="state state-{}">{}</span>', look, word)
