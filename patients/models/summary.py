"""Patient search: `patient_summary`, always fresh (docs/architecture.md#patient-search).

Three relations of the same columns: `patient_index` is the truth, kept by `fhir_write`;
`patient_summary` is the materialised view that projects it; `patient_summary_delta` holds the rows
written since the view was last refreshed. A search reads the view's rows that have no delta row,
and the delta's rows.
"""

from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Left
from django_pgviews import view as pgviews

from patients.models.fields import CollatedTextField, TransactionIdField
from patients.models.search import INDEXED_CHARACTERS

NO_BIRTH_DATE = "9999-12-31"


class PatientColumns(models.Model):
    """What a search of patients looks at and shows; see `patients.fhir.extraction.PatientColumns`."""

    id = models.BigIntegerField(primary_key=True)
    patient_id = CollatedTextField()
    version_id = models.IntegerField()
    last_updated = models.DateTimeField()
    family_name = CollatedTextField()
    given_name = CollatedTextField()
    family_folded = CollatedTextField()
    given_folded = CollatedTextField()
    birth_date = models.TextField(null=True, help_text="As recorded: a year, a month or a day.")
    birth_start = models.DateField(null=True)
    birth_end = models.DateField(null=True)
    birth_sort = models.DateField(help_text="birth_start, or NO_BIRTH_DATE: an index orders every row.")
    gender = models.TextField(null=True)
    active = models.BooleanField(null=True)
    deceased = models.BooleanField()
    deceased_at = models.TextField(null=True)
    replaced_by = models.TextField(null=True)
    names = models.JSONField()
    identifiers = models.JSONField()
    telecoms = models.JSONField()
    addresses = models.JSONField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Patient/{self.patient_id}"


def _search_indexes(relation: str, *, last: tuple[str, ...]) -> list[models.Index]:
    """The orders in which rows are walked; view and delta have the same."""
    orders = {
        "name": ("family_folded", "given_folded"),
        "given": ("given_folded", "family_folded"),
        "birth": ("birth_sort",),
        "updated": ("last_updated",),
    }
    return [
        models.Index(fields=(*fields, *last), name=f"{relation}_{order}") for order, fields in orders.items()
    ]


class PatientIndex(PatientColumns):
    """One row for each Patient that is not deleted: what the view is refreshed from."""

    class Meta:
        db_table = "patient_index"
        verbose_name_plural = "patient index"
        indexes = [models.Index(fields=["family_folded", "given_folded", "id"], name="patient_index_name")]


class PatientSummaryDelta(PatientColumns):
    """The patients written since the view's snapshot; `gone` marks the deleted."""

    gone = models.BooleanField()
    xact = TransactionIdField(db_default=Func(function="pg_current_xact_id"))

    class Meta:
        db_table = "patient_summary_delta"
        verbose_name_plural = "patient summary delta"
        indexes = [
            # Without the id: an empty delta would make any index that has one look as good as the primary
            # key's for finding a row, and a prepared plan would keep to it while the delta grows.
            *_search_indexes("patient_delta", last=()),
            models.Index(fields=["patient_id"], name="patient_delta_patient_id"),
        ]


COLUMNS: tuple[str, ...] = tuple(field.attname for field in PatientIndex._meta.concrete_fields)


class PatientSummary(PatientColumns, pgviews.ReadOnlyMaterializedView):
    """The view; refreshed by `patients.models.summary_refresh.refresh` only."""

    concurrent_index = "id"
    sql = f"SELECT {', '.join(COLUMNS)} FROM patient_index"

    class Meta:
        db_table = "patient_summary"
        verbose_name_plural = "patient summary"
        managed = False
        indexes = [
            *_search_indexes("patient_summary", last=("id",)),
            models.Index(fields=["patient_id"], name="patient_summary_patient_id"),
            models.Index(
                Left("family_name", INDEXED_CHARACTERS),
                Left("given_name", INDEXED_CHARACTERS),
                name="patient_summary_names",
            ),
        ]


class SummaryRefresh(models.Model):
    """What one tick of the beat, or one order of an operator, did to the view."""

    started = models.DateTimeField()
    verdict = models.TextField(
        choices=[(word, word) for word in ("refreshed", "unchanged", "spaced", "busy", "failed")]
    )
    trigger = models.TextField(choices=[(word, word) for word in ("beat", "command", "admin")])
    duration_seconds = models.FloatField()
    delta_rows = models.BigIntegerField(help_text="Rows of the delta before the refresh.")
    pruned_rows = models.BigIntegerField(default=0)
    wal_bytes = models.BigIntegerField(default=0, help_text="Written by the whole server meanwhile.")
    detail = models.TextField(default="", blank=True)

    class Meta:
        db_table = "patient_summary_refreshes"
        verbose_name_plural = "summary refreshes"
        indexes = [models.Index(F("started").desc(), name="summary_refreshes_started")]

    def __str__(self) -> str:
        return f"{self.started:%Y-%m-%d %H:%M:%S} {self.verdict}"
