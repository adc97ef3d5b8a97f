"""How many requests each may make in a time, counted over all processes.

A request is counted in its process, which takes microseconds; every tenth of a second a thread settles what
was counted with Redis, for all keys in one round trip, and learns what other processes counted. So no
request waits for Redis, and a limit may be passed by what arrives everywhere within that tenth. Where a few
too many matter (`is_exact`), Redis counts each at once. Without Redis each process goes on by itself, by
`quota_alone`.

Counts are of fixed windows; of the window before, what would still be within a sliding one counts too.
"""

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

SETTLED_EVERY_SECONDS = 0.1
_ASKED_AGAIN_AFTER_SECONDS = 1.0
_REDIS_TIMEOUT_SECONDS = 0.1
# What a waited-for share of a window may miss by arithmetic.
_ROUNDING = 1e-6
# Beyond this the oldest are forgotten, so that memory is bounded however many addresses ask.
MOST_KEYS = 20_000

# Counts one more if there is room, and tells what this window and the one before it have.
_COUNT_EXACTLY = """
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
if before * tonumber(ARGV[2]) + now + 1 <= tonumber(ARGV[1]) then
    now = redis.call('INCR', KEYS[1])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    return {1, now, before}
end
return {0, now, before}
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """So many in a window; `quota_alone` in one process while Redis does not answer."""

    name: str
    quota: int
    window_seconds: int = 60
    quota_alone: int = 0
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more is within the policy, how many still are, and when there is room again."""

    policy: Policy
    is_allowed: bool
    remaining: int
    reset_seconds: int


@dataclass(slots=True)
class _Count:
    """Of one key in one window: what all had at the last settling, and what this process had since."""

    settled: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        return self.settled + self.pending


class _Key(NamedTuple):
    name: str
    window_seconds: int
    who: str
    number: int

    @property
    def previous(self) -> "_Key":
        return self._replace(number=self.number - 1)

    @property
    def in_redis(self) -> str:
        return f"rate:{self.name}:{self.window_seconds}:{self.number}:{self.who}"


class Limiter:
    """The counts of one process."""

    def __init__(self, client: redis.Redis, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[_Key, _Count] = {}
        self._changed = threading.Event()
        self._settler: threading.Thread | None = None
        self._count_exactly = client.register_script(_COUNT_EXACTLY)
        # Until when Redis is not asked again; it is known to be away meanwhile.
        self._away_until = 0.0

    def count(self, policy: Policy, who: str) -> Verdict:
        """Count one more, if it is within the policy."""
        if policy.is_exact and not self._is_away():
            verdict = self._counted_by_redis(policy, who)
            if verdict is not None:
                return verdict
        with self._lock:
            key, elapsed = self._window(policy, who)
            verdict = self._verdict(policy, key, elapsed)
            if verdict.is_allowed:
                self._counts[key].pending += 1
        if not self._changed.is_set():
            self._start()
            self._changed.set()
        return verdict

    def peek(self, policy: Policy, who: str) -> Verdict:
        """Tell whether one more would be within the policy, as far as this process knows."""
        with self._lock:
            return self._verdict(policy, *self._window(policy, who))

    def settle(self) -> None:
        """Tell Redis what was counted here, and learn what was counted elsewhere."""
        with self._lock:
            told = [(key, count.pending) for key, count in self._counts.items() if count.pending]
        if not told or self._is_away():
            return
        try:
            answers = self._tell(told)
        except (redis.RedisError, OSError) as error:
            self._note_away(error)
            return
        self._note_back()
        with self._lock:
            for (key, pending), total, before in zip(told, answers[::3], answers[2::3], strict=True):
                self._learn(key, pending, total=total, before=int(before or 0))

    def _tell(self, told: list[tuple[_Key, int]]) -> list[Any]:
        with self._client.pipeline(transaction=False) as pipeline:
            for key, pending in told:
                pipeline.incrby(key.in_redis, pending)
                pipeline.expire(key.in_redis, _lifetime(key.window_seconds))
                pipeline.get(key.previous.in_redis)
            return list(pipeline.execute())

    def _learn(self, key: _Key, pending: int, *, total: int, before: int) -> None:
        # A Redis that was emptied knows less than we do.
        if count := self._counts.get(key):
            count.pending -= pending
            count.settled = max(count.settled + pending, total)
        if count := self._counts.get(key.previous):
            count.settled = max(count.settled, before)

    def _counted_by_redis(self, policy: Policy, who: str) -> Verdict | None:
        with self._lock:
            key, elapsed = self._window(policy, who)
        arguments = [policy.quota, 1 - elapsed, _lifetime(policy.window_seconds)]
        try:
            counted, total, before = self._count_exactly(
                keys=[key.in_redis, key.previous.in_redis], args=arguments
            )
        except (redis.RedisError, OSError) as error:
            self._note_away(error)
            return None
        self._note_back()
        with self._lock:
            self._learn(key, 0, total=total, before=before)
        return _verdict(policy, policy.quota, total - counted, before, elapsed)

    def _window(self, policy: Policy, who: str) -> tuple[_Key, float]:
        """The key of this window, whose count is there from now on, and which share of it is over."""
        number, elapsed = divmod(self._clock() / policy.window_seconds, 1)
        key = _Key(policy.name, policy.window_seconds, who, int(number))
        if key not in self._counts:
            self._make_room(key)
            self._counts[key] = _Count()
            self._counts.setdefault(key.previous, _Count())
        return key, elapsed

    def _make_room(self, newest: _Key) -> None:
        if len(self._counts) < MOST_KEYS:
            return
        over = [
            key
            for key in self._counts
            if (key.number + 2) * key.window_seconds <= newest.number * newest.window_seconds
        ]
        for key in over or list(self._counts)[: MOST_KEYS // 10]:
            del self._counts[key]

    def _verdict(self, policy: Policy, key: _Key, elapsed: float) -> Verdict:
        quota = policy.quota_alone if policy.quota_alone and self._is_away() else policy.quota
        before = self._counts.get(key.previous)
        return _verdict(policy, quota, self._counts[key].total, before.total if before else 0, elapsed)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_away(self, error: Exception) -> None:
        if not self._away_until:
            logger.warning("rate limits: counted in each process; Redis: %s", type(error).__name__)
        self._away_until = time.monotonic() + _ASKED_AGAIN_AFTER_SECONDS

    def _note_back(self) -> None:
        if self._away_until:
            logger.info("rate limits: counted by Redis again")
        self._away_until = 0.0

    def _start(self) -> None:
        with self._lock:
            if self._settler is None or not self._settler.is_alive():
                self._settler = threading.Thread(target=self._run, name="rate limits", daemon=True)
                self._settler.start()

    def _run(self) -> None:
        while True:
            self._changed.wait()
            time.sleep(SETTLED_EVERY_SECONDS)
            # First, so that what is counted from here on is told the next time.
            self._changed.clear()
            self.settle()


def count(name: str, who: str) -> Verdict:
    """Count one more of `who` under one of the site's policies."""
    return _limiter(os.getpid()).count(_policy(name), who)


def peek(name: str, who: str) -> Verdict:
    """Tell whether one more of `who` would be within it."""
    return _limiter(os.getpid()).peek(_policy(name), who)


def _policy(name: str) -> Policy:
    return Policy(name, **settings.RATE_POLICIES[name])


@lru_cache(maxsize=1)
def _limiter(_: int) -> Limiter:
    """This process's; a forked one has neither its parent's thread nor its connection."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Limiter(client)


def _verdict(policy: Policy, quota: int, now: int, before: int, elapsed: float) -> Verdict:
    """Of one more, where so many were counted in this window and the one before."""
    used = before * (1 - elapsed) + now
    if used + 1 <= quota + _ROUNDING:
        rest = (1 - elapsed) * policy.window_seconds
        return Verdict(policy, True, max(0, int(quota - used - 1)), max(1, math.ceil(rest)))
    wait = _windows_to_wait(quota, now, before, elapsed) * policy.window_seconds
    return Verdict(policy, False, 0, max(1, math.ceil(wait)))


def _windows_to_wait(quota: int, now: int, before: int, elapsed: float) -> float:
    """How long until one more is within the quota again, if nobody asks meanwhile."""
    if now < quota:
        return max(0.0, 1 - (quota - 1 - now) / before - elapsed)
    return (1 - elapsed) + max(0.0, 1 - (quota - 1) / now)


def _lifetime(window_seconds: int) -> int:
    return 2 * window_seconds + 1
