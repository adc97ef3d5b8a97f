"""Column types of PostgreSQL that Django does not name."""

from typing import Any

from django.db import models


class TransactionIdField(models.Field):
    """`xid8`: the id of a transaction that never wraps around, as text in Python."""

    description = "transaction id"

    def db_type(self, connection: object) -> str:
        return "xid8"


class CollatedTextField(models.TextField):
    """Text in code point order (`COLLATE "C"`), whatever the database's own collation is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "db_collation": "C"})

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_collation"]
        return name, path, list(args), dict(kwargs)


class NumericField(models.Field):
    """`numeric` of any precision: Decimal in Python."""

    description = "number with all its digits"

    def db_type(self, connection: object) -> str:
        return "numeric"
