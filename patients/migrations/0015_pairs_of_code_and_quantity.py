"""Indexes of the codes and quantities that elements of Observations combine."""

from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.lookups import IsNull, LessThan

from patients.models.fields import CollatedTextField, NumericField


def _component(template: str, output: models.Field) -> Func:
    return Func(F("components"), template=template, output_field=output)


_COMBINED = Q(parameter="combo-code-value-quantity")
_CODE = _component('left(%(expressions)s->0->>1, 128) COLLATE "C"', CollatedTextField())
_LOW = _component("(%(expressions)s->1->>0)::numeric", NumericField())
_HIGH = _component("(%(expressions)s->1->>1)::numeric", NumericField())
_IS_WIDE = Q(LessThan(_LOW, _HIGH)) | Q(IsNull(_LOW, True)) | Q(IsNull(_HIGH, True))


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0014_search_codes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="searchcomposite",
            index=models.Index(
                _CODE,
                _LOW,
                F("resource_id"),
                condition=_COMBINED,
                name="search_composites_low",
            ),
        ),
        migrations.AddIndex(
            model_name="searchcomposite",
            index=models.Index(
                _CODE,
                _HIGH,
                F("resource_id"),
                condition=_COMBINED & _IS_WIDE,
                name="search_composites_wide",
            ),
        ),
    ]
