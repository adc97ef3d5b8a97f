"""What the administrators' templates show of the site."""

from typing import Any

from django import template

from patients.admin.state import DELTA_COUNTED, site_state

register = template.Library()


@register.inclusion_tag("admin/patients/state.html", takes_context=True)
def site_state_panel(context: template.Context) -> dict[str, Any]:
    """How view, delta and standby stand, with the button that orders a refresh."""
    user = context["user"]
    return {
        "state": site_state(),
        "delta_counted": DELTA_COUNTED,
        "may_refresh": user.has_perm("patients.change_summaryrefresh"),
        "csrf_token": context.get("csrf_token"),
    }
