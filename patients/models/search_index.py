"""What resources of all types are found by (docs/architecture.md#search-rows).

Every row is written by `fhir_write`, in the transaction that writes the resource, or by `fhir_reindex`.
None has a foreign key in the database: the function has the resource's row locked, and a check of each
row would cost more than the row. A `value_hash` tells rows of a parameter apart that no btree could hold
whole.
"""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Left
from django.db.models.lookups import GreaterThan, IsNull, LessThan

from patients.models.fields import CollatedTextField, NumericField
from patients.models.resource import FhirResource
from patients.models.search import INDEXED_CHARACTERS


def _resource() -> models.ForeignKey:
    return models.ForeignKey(
        FhirResource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class SearchResource(models.Model):
    """A live resource, with all its keys (patients/fhir/search_keys.py)."""

    resource = models.OneToOneField(
        FhirResource,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="+",
    )
    resource_type = CollatedTextField()
    date = models.DateTimeField(help_text="Orders the lists; NO_DATE where the resource tells none.")
    last_updated = models.DateTimeField()
    keys = ArrayField(models.UUIDField())

    class Meta:
        db_table = "search_resources"
        indexes = [
            models.Index(
                F("resource_type"),
                F("date").desc(),
                F("resource_id").desc(),
                name="search_resources_by_date",
            ),
            models.Index(
                F("resource_type"), F("last_updated"), F("resource_id"), name="search_resources_updated"
            ),
        ]


class SearchListEntry(models.Model):
    """A resource in the ordered list of a key."""

    # Walked from its end it is the order of searches: newest first.
    pk = models.CompositePrimaryKey("key", "date", "resource_id")
    key = models.UUIDField()
    date = models.DateTimeField()
    resource = _resource()

    class Meta:
        db_table = "search_list"
        verbose_name_plural = "search list entries"


class SearchReference(models.Model):
    """A reference to a resource, or to a URL; what chains, `_has` and `_include` follow."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "target_type", "target_id")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    target_type = CollatedTextField(help_text="Empty: the target is a URL.")
    target_id = CollatedTextField()

    class Meta:
        db_table = "search_references"
        indexes = [
            models.Index(
                F("target_type"),
                F("target_id"),
                F("resource_type"),
                F("parameter"),
                F("resource_id"),
                name="search_references_target",
            ),
        ]


class SearchDate(models.Model):
    """A date as the time from its first moment to the first one after it."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "start_at", "end_at")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()

    class Meta:
        db_table = "search_dates"
        indexes = [
            models.Index(
                F("resource_type"),
                F("parameter"),
                F("start_at"),
                F("resource_id"),
                name="search_dates_start",
            ),
            # The few that last: a search by the end knows of all others about when they begin.
            models.Index(
                F("resource_type"),
                F("parameter"),
                F("end_at"),
                F("resource_id"),
                condition=Q(GreaterThan(F("end_at") - F("start_at"), timedelta(days=1))),
                name="search_dates_long",
            ),
        ]


class SearchQuantity(models.Model):
    """A quantity, or a number, from `low` to `high`; null where it has no bound."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "value_hash")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    value_hash = models.BigIntegerField()
    low = NumericField(null=True)
    high = NumericField(null=True)
    system = CollatedTextField()
    code = CollatedTextField()
    unit = CollatedTextField()

    class Meta:
        db_table = "search_quantities"
        indexes = [
            models.Index(
                F("resource_type"), F("parameter"), F("low"), F("resource_id"), name="search_quantities_low"
            ),
            # The few whose ends are not the same: all others are found by their low end alone.
            models.Index(
                F("resource_type"),
                F("parameter"),
                F("high"),
                F("resource_id"),
                condition=Q(low__lt=F("high")) | Q(low__isnull=True) | Q(high__isnull=True),
                name="search_quantities_wide",
            ),
        ]


class SearchUri(models.Model):
    """A URI as it is written; one that is looked for as a whole is found by its key."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "value_hash")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    value_hash = models.BigIntegerField()
    value = CollatedTextField()

    class Meta:
        db_table = "search_uris"
        indexes = [
            models.Index(
                F("resource_type"),
                F("parameter"),
                Left("value", INDEXED_CHARACTERS),
                F("resource_id"),
                name="search_uris_value",
            ),
        ]


class SearchText(models.Model):
    """Folded text for `:text`, `_text` and `_content`, or a part of it if it is long."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "value_hash")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    value_hash = models.BigIntegerField()
    document = SearchVectorField()

    class Meta:
        db_table = "search_texts"
        # Whoever fills the list of what is pending empties it, and searches read all of it: kept short (kB).
        indexes = [GinIndex(F("document"), gin_pending_list_limit=256, name="search_texts_document")]


def _component(template: str, output: models.Field) -> Func:
    return Func(F("components"), template=template, output_field=output)


_COMBINED = Q(parameter="combo-code-value-quantity")
_CODE = _component(f'left(%(expressions)s->0->>1, {INDEXED_CHARACTERS}) COLLATE "C"', CollatedTextField())
_LOW = _component("(%(expressions)s->1->>0)::numeric", NumericField())
_HIGH = _component("(%(expressions)s->1->>1)::numeric", NumericField())
_IS_WIDE = Q(LessThan(_LOW, _HIGH)) | Q(IsNull(_LOW, True)) | Q(IsNull(_HIGH, True))


class SearchComposite(models.Model):
    """Values of one element that a composite parameter looks for together."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "value_hash")
    resource = _resource()
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    value_hash = models.BigIntegerField()
    components = models.JSONField(help_text="For each component a row as its own table would have it.")

    class Meta:
        db_table = "search_composites"
        # Code and quantity of an element; those that are of an Observation itself or of a component are among
        # these. The few whose ends are not the same are found by the other end, as in search_quantities.
        indexes = [
            models.Index(
                _CODE,
                _LOW,
                F("resource_id"),
                condition=_COMBINED,
                name="search_composites_low",
            ),
            models.Index(
                _CODE,
                _HIGH,
                F("resource_id"),
                condition=_COMBINED & _IS_WIDE,
                name="search_composites_wide",
            ),
        ]


class SearchCode(models.Model):
    """What a key of a code and its system stands for: what is sorted by codes looks it up.

    No index is unique, since who writes a new code would wait for whoever else does; a key may come twice.
    None is ever taken away. Tokens of `search_tokens` are not here.
    """

    key = models.UUIDField()
    parameter = CollatedTextField()
    system = CollatedTextField()
    code = CollatedTextField(help_text="Folded.")

    class Meta:
        db_table = "search_codes"
        indexes = [models.Index(F("key"), name="search_codes_key")]


class SearchIndexState(models.Model):
    """Whether all resources of a type are indexed by this version's search parameters."""

    resource_type = CollatedTextField(primary_key=True)
    definitions = models.TextField(help_text="Digest of the definitions that rows are written by.")
    is_complete = models.BooleanField()
    last_resource_id = CollatedTextField(
        db_default="", help_text="Up to this FHIR id `manage.py reindex` has come."
    )

    class Meta:
        db_table = "search_index_state"
        verbose_name_plural = "search index state"

    def __str__(self) -> str:
        return self.resource_type
