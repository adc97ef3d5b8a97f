"""What `manage.py load` has loaded, so that a second run begins where the first was stopped."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from patients.models.fields import CollatedTextField


class LoadProgress(models.Model):
    """A bundle, or some hundred lines of NDJSON; written in the transaction that loaded them."""

    digest = CollatedTextField(help_text="SHA-256 of the file as it lies there, and the member's name.")
    first_entry = models.IntegerField()
    entries = models.IntegerField()
    refused = ArrayField(models.IntegerField(), help_text="Entries that a later run tries again.")
    is_last = models.BooleanField(help_text="The file holds nothing after it.")
    source = models.TextField(help_text="The file's name when it was loaded.")
    loaded = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "load_progress"
        verbose_name_plural = "load progress"
        constraints = [
            models.UniqueConstraint(fields=["digest", "first_entry"], name="load_progress_digest_and_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.source} from entry {self.first_entry}"
