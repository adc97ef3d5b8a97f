"""How the site stands, in a few figures that cost next to nothing to read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from patients.models import SummaryRefresh
from perf import replica
from perf.database import Query, fetch_primary

DELTA_COUNTED = 10_000

_POPULATED = Query(
    "summary view populated",
    "SELECT relispopulated FROM pg_class WHERE oid = to_regclass('public.patient_summary')",
)
_DELTA_ROWS = Query(
    "delta rows, capped",
    "SELECT count(*) FROM (SELECT 1 FROM patient_summary_delta LIMIT %s) counted",
)


@dataclass(frozen=True, slots=True)
class SiteState:
    """What the administrators' home shows."""

    version: str
    is_view_populated: bool
    view_as_of: datetime | None
    delta_rows: int
    last_refresh: SummaryRefresh | None
    is_replica_enabled: bool
    is_replica_well: bool
    replica_lag_seconds: float | None

    @property
    def view_age(self) -> timedelta | None:
        return timezone.now() - self.view_as_of if self.view_as_of else None

    @property
    def is_delta_larger_than_counted(self) -> bool:
        return self.delta_rows > DELTA_COUNTED


def site_state() -> SiteState:
    ticks = SummaryRefresh.objects.order_by("-started", "-id")
    refreshed = ticks.filter(verdict="refreshed").first()
    monitor = replica.monitor()
    return SiteState(
        version=settings.VERSION,
        is_view_populated=is_view_populated(),
        view_as_of=refreshed.started if refreshed else None,
        delta_rows=fetch_primary(_DELTA_ROWS, (DELTA_COUNTED + 1,))[0][0],
        last_refresh=ticks.first(),
        is_replica_enabled=settings.REPLICA_ENABLED,
        is_replica_well=monitor.is_well,
        replica_lag_seconds=monitor.lag_seconds,
    )


def is_view_populated() -> bool:
    rows = fetch_primary(_POPULATED)
    return bool(rows and rows[0][0])
