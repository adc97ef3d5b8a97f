"""Who looks, and the audit row that looking leaves."""

from collections.abc import Iterable

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from patients import access
from patients.access import Actor, actor_for
from patients.interactions.door import opened


def actor_of(request: HttpRequest) -> Actor:
    """The administrator behind a request.

    :raises NotAuthenticated: if nobody has logged in.
    """
    return actor_for(
        request.user,
        channel="session",
        request_id=getattr(request, "request_id", ""),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def seen_rows(request: HttpRequest, queryset: QuerySet, *, column: str = "id") -> QuerySet:
    """Leave out the rows of resources that the administrator may not see; `column` has their row ids."""
    row_id = f'"{queryset.model._meta.db_table}"."{column}"'
    seen = access.sight(actor_of(request)).of_any(row_id)
    # Made of constants; its values are parameters.
    return queryset.filter(RawSQL(seen.sql, seen.params, output_field=BooleanField()))  # noqa: S611


def record_list(request: HttpRequest, *, resource_type: str, patients: Iterable[str]) -> None:
    """Leave the audit row of a list that shows what is recorded of these Patients.

    :raises Forbidden: if the administrator may not search that type.
    """
    with opened(actor_of(request), "search", resource_type, query=request.get_full_path()) as entry:
        entry.patients = sorted(set(patients))


def record_row(request: HttpRequest, *, patient_id: str, version_id: int) -> None:
    """Leave the audit row of a page that shows what is recorded of one Patient.

    :raises Forbidden: if the administrator may not read Patients.
    """
    with opened(actor_of(request), "read", "Patient", id=patient_id, version_id=version_id) as entry:
        entry.patients = [patient_id]
