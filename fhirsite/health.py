"""Whether the site lives, and whether it can serve (docs/operations.md#health).

`/livez` asks nothing but this process: who restarts what fails it must not be led by a database that is away.
`/readyz` tells of each part. Only without the primary nothing can be served; without the standby the primary
answers everything, and without the cache each answer is made anew.
"""

from typing import Any

import django.db
import psycopg
import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_redis import get_redis_connection

from perf import database, replica

_PRIMARY = database.Query("health", "SELECT pg_is_in_recovery()")
_HEADERS = {"Cache-Control": "no-store"}


@login_not_required
def livez(_: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8", headers=_HEADERS)


@login_not_required
def readyz(_: HttpRequest) -> JsonResponse:
    parts = {"primary": _primary(), "standby": _standby(), "cache": _cache()}
    is_ready = parts["primary"]["is_well"]
    answer = {"is_ready": is_ready, "parts": parts}
    return JsonResponse(answer, status=200 if is_ready else 503, headers=_HEADERS)


def _primary() -> dict[str, Any]:
    try:
        is_standby = database.fetch_primary(_PRIMARY)[0][0]
    except (psycopg.Error, django.db.Error):
        return {"is_well": False, "note": "It does not answer; nothing can be served."}
    if is_standby:
        return {"is_well": False, "note": "It is a standby; nothing can be written."}
    return {"is_well": True}


def _standby() -> dict[str, Any]:
    if not settings.REPLICA_ENABLED:
        return {"is_well": False, "note": "It is turned off; the primary answers all reads."}
    monitor = replica.monitor()
    if not monitor.is_well:
        return {"is_well": False, "note": "It is not read from; the primary answers all reads."}
    return {"is_well": True, "lag_seconds": round(monitor.lag_seconds or 0.0, 3)}


def _cache() -> dict[str, Any]:
    try:
        get_redis_connection("default").ping()
    except (redis.RedisError, OSError):
        return {"is_well": False, "note": "It does not answer; each answer is made anew."}
    return {"is_well": True}
