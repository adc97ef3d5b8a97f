"""What searches look up: values extracted at write time, kept by `fhir_write` in the same transaction.

Values are folded in Python (patients/fhir/values/strings.py), never in SQL. Indexed are the first
128 characters, since an index row is bounded and a name is not; the whole value is compared as well.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Left

from patients.models.fields import CollatedTextField
from patients.models.resource import FhirResource

INDEXED_CHARACTERS = 128
NO_DATE = "0001-01-02T00:00:00Z"


class SearchString(models.Model):
    """One string by which a resource is found: a family name, a city."""

    pk = models.CompositePrimaryKey("resource_id", "parameter", "exact_hash")
    resource = models.ForeignKey(
        FhirResource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    value = CollatedTextField(help_text="Folded: without case, accents and width.")
    exact_hash = models.BigIntegerField(help_text="64-bit hash of the string as recorded, for :exact.")

    class Meta:
        db_table = "search_strings"
        indexes = [
            models.Index(
                F("resource_type"),
                F("parameter"),
                Left("value", INDEXED_CHARACTERS),
                F("resource_id"),
                F("exact_hash"),
                name="search_strings_value",
            ),
            GinIndex(OpClass(F("value"), name="gin_trgm_ops"), name="search_strings_trgm"),
        ]


class SearchToken(models.Model):
    """One token by which a resource is found: an identifier, a phone number."""

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(
        FhirResource, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    resource_type = CollatedTextField()
    parameter = CollatedTextField()
    system = CollatedTextField()
    value = CollatedTextField(help_text="Folded.")

    class Meta:
        db_table = "search_tokens"
        indexes = [
            models.Index(
                F("resource_type"),
                F("parameter"),
                Left("value", INDEXED_CHARACTERS),
                F("resource_id"),
                name="search_tokens_value",
            ),
        ]


class CompartmentMember(models.Model):
    """A resource in the compartment of a Patient, with the date that orders it in a chart."""

    pk = models.CompositePrimaryKey("resource_id", "patient_id")
    resource = models.ForeignKey(
        FhirResource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    patient_id = CollatedTextField(help_text="The Patient's FHIR id; it need not be here yet.")
    resource_type = CollatedTextField()
    date = models.DateTimeField(help_text="NO_DATE where the resource tells none.")

    class Meta:
        db_table = "patient_compartment"
        indexes = [
            models.Index(
                F("patient_id"),
                F("resource_type"),
                F("date").desc(),
                F("resource_id").desc(),
                name="patient_compartment_by_date",
            ),
        ]
