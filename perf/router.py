"""Where the ORM goes: to the primary. Reads that may go to the standby name their principal, and go
through `perf.database.fetch`; sessions, users and tokens are always read on the primary, since a
standby a moment behind would let a revoked right be used.
"""

from typing import Any


class PrimaryRouter:
    """Keeps the ORM and the migrations on `default`."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: type, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: object, second: object, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
