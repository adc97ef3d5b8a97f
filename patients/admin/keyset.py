"""Lists that page by key: neither COUNT(*) nor OFFSET ever meets a big table.

A page is the rows after (or before) a key, read along the index that orders them, and one row more
that tells whether there is another page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

AFTER = "after"
BEFORE = "before"
_SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class PageKey:
    """One or two fields that order a list totally, in one direction, as an index does."""

    fields: tuple[str, ...]
    is_descending: bool = True

    def order(self, *, is_reversed: bool = False) -> list[str]:
        sign = "-" if self.is_descending != is_reversed else ""
        return [f"{sign}{field}" for field in self.fields]

    def beyond(self, values: list[Any], *, is_reversed: bool = False) -> Q:
        """The rows that come after the values (before them if reversed)."""
        operator = "lt" if self.is_descending != is_reversed else "gt"
        *leading, last = [
            Q(**{f"{field}__{operator}": value}) for field, value in zip(self.fields, values, strict=True)
        ]
        if not leading:
            return last
        # The first condition alone is what the index is entered with.
        return Q(**{f"{self.fields[0]}__{operator}e": values[0]}) & (leading[0] | last)

    def write(self, row: Model) -> str:
        values = (getattr(row, field) for field in self.fields)
        return _SEPARATOR.join(
            value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values
        )

    def read(self, text: str, model: type[Model]) -> list[Any]:
        """:raises IncorrectLookupParameters: if `write` did not write the text."""
        parts = text.split(_SEPARATOR)
        if len(parts) != len(self.fields) or "\x00" in text:
            raise IncorrectLookupParameters
        try:
            return [
                cast(Field, model._meta.get_field(field)).to_python(part)
                for field, part in zip(self.fields, parts, strict=True)
            ]
        except ValidationError as error:
            raise IncorrectLookupParameters from error


class UncountedPaginator(Paginator):
    """What the change list asks for and this one never uses: knows no total."""

    count = 0
    num_pages = 1


class KeysetChangeList(ChangeList):
    """The change list of a `PagedByKey`."""

    model_admin: "PagedByKey"
    next_page: str | None = None
    previous_page: str | None = None
    after: str | None = None
    before: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        # Out of the parameters: a new search or filter begins with its first page.
        for name in (AFTER, BEFORE):
            setattr(self, name, self.params.pop(name, None))
            self.filter_params.pop(name, None)
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        key = self.model_admin.page_key(request)
        is_reversed = self.before is not None
        cursor = self.before if is_reversed else self.after
        rows = self.queryset.order_by(*key.order(is_reversed=is_reversed))
        if cursor is not None:
            rows = rows.filter(key.beyond(key.read(cursor, self.model), is_reversed=is_reversed))
        read = list(rows[: self.list_per_page + 1])
        shown, has_more = read[: self.list_per_page], len(read) > self.list_per_page
        if is_reversed:
            shown.reverse()
        if shown and (has_more or is_reversed):
            self.next_page = self.get_query_string({AFTER: key.write(shown[-1])})
        if shown and (has_more if is_reversed else cursor is not None):
            self.previous_page = self.get_query_string({BEFORE: key.write(shown[0])})
        self.model_admin.prepare_page(request, shown)
        self.result_list = shown
        self.result_count = self.full_result_count = len(shown)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all, self.multi_page = False, has_more
        self.paginator = UncountedPaginator([], self.list_per_page)

    @property
    def first_page(self) -> str | None:
        return self.get_query_string() if self.after or self.before else None


class PagedByKey(admin.ModelAdmin):
    """A ModelAdmin whose list is in the order of an index."""

    key = PageKey(("id",))

    def page_key(self, request: HttpRequest) -> PageKey:
        """What orders the list: fields of an index."""
        return self.key

    def prepare_page(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """See the rows of a page before they are shown."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList
