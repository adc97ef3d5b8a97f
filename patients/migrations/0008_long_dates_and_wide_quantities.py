"""Indexes of the few dates and quantities that searches by an end do not find by their start."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThan


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0007_history"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="searchdate",
            index=models.Index(
                F("resource_type"),
                F("parameter"),
                F("end_at"),
                F("resource_id"),
                condition=Q(GreaterThan(F("end_at") - F("start_at"), timedelta(days=1))),
                name="search_dates_long",
            ),
        ),
        migrations.AddIndex(
            model_name="searchquantity",
            index=models.Index(
                F("resource_type"),
                F("parameter"),
                F("high"),
                F("resource_id"),
                condition=Q(low__lt=F("high")) | Q(low__isnull=True) | Q(high__isnull=True),
                name="search_quantities_wide",
            ),
        ),
    ]
