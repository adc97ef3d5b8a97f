"""What `manage.py load` has loaded."""

from django.contrib import admin
from django.utils.safestring import SafeString

from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.models import LoadProgress


@admin.register(LoadProgress)
class LoadProgressAdmin(ReadOnlyAdmin):
    """The ledger by which a load that was stopped goes on."""

    list_display = ("source", "first_entry", "entries", "refused_count", "is_last", "when")

    @admin.display(description="refused")
    def refused_count(self, row: LoadProgress) -> int:
        return len(row.refused)

    @admin.display(description="loaded")
    def when(self, row: LoadProgress) -> SafeString:
        return shown_time(row.loaded)
