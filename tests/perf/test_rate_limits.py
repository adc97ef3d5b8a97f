"""Limits by several processes together, and by each alone when nobody counts for all."""

import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from perf import rate_limits
from perf.rate_limits import Limiter, Policy

TEN = Policy("test", 10, window_seconds=60)
EXACT = Policy("exact", 10, window_seconds=60, quota_alone=3, is_exact=True)


@dataclass
class Clock:
    now: float = 60_000_000.0  # a window begins

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def who() -> str:
    return uuid.uuid4().hex


def client(url: str | None = None) -> redis.Redis:
    return redis.Redis.from_url(
        url or settings.REDIS_URL, socket_timeout=0.1, socket_connect_timeout=0.1, retry=Retry(NoBackoff(), 0)
    )


def limiter(clock: Clock, url: str | None = None) -> Limiter:
    """As of a process of its own; it settles when the test says so, and by itself."""
    return Limiter(client(url), clock=clock)


def allowed(limiter: Limiter, policy: Policy, who: str, times: int) -> int:
    return sum(limiter.count(policy, who).is_allowed for _ in range(times))


@pytest.fixture
def silent() -> Iterator[tuple[str, socket.socket]]:
    """A server that is there and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0", listening


class TestOneProcess:
    def test_allows_the_quota_and_no_more(self, clock, who):
        assert allowed(limiter(clock), TEN, who, 25) == 10

    def test_tells_what_is_left_and_until_when(self, clock, who):
        one = limiter(clock)

        first = one.count(TEN, who)
        clock.now += 20.5
        second = one.count(TEN, who)

        assert (first.remaining, first.reset_seconds) == (9, 60)
        assert (second.remaining, second.reset_seconds) == (8, 40)

    def test_counts_each_by_itself(self, clock, who):
        one = limiter(clock)

        assert allowed(one, TEN, who, 20) == 10
        assert allowed(one, TEN, f"other-{who}", 20) == 10
        assert allowed(one, Policy("other", 10), who, 20) == 10

    def test_slides_from_one_window_into_the_next(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 10)

        clock.now += 60
        at_its_beginning = allowed(one, TEN, who, 20)
        clock.now += 30
        in_its_middle = allowed(one, TEN, who, 20)

        assert (at_its_beginning, in_its_middle) == (0, 5)

    def test_forgets_what_is_two_windows_old(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 10)
        clock.now += 120

        assert allowed(one, TEN, who, 20) == 10

    def test_counts_what_several_threads_ask(self, clock, who):
        one, found = limiter(clock), []
        hundred = Policy("threads", 100)
        threads = [
            threading.Thread(target=lambda: found.append(allowed(one, hundred, who, 50))) for _ in range(8)
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(found) == 100

    def test_looks_without_counting(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 9)

        assert [one.peek(TEN, who).is_allowed for _ in range(3)] == [True] * 3
        one.count(TEN, who)
        assert not one.peek(TEN, who).is_allowed

    def test_keeps_so_many_keys_only(self, clock, monkeypatch):
        monkeypatch.setattr(rate_limits, "MOST_KEYS", 100)
        one = limiter(clock)

        for number in range(1_000):
            one.count(TEN, str(number))

        assert len(one._counts) <= 101

    @given(
        quota=st.integers(1, 20),
        asked=st.lists(st.tuples(st.floats(0, 90), st.integers(1, 30)), min_size=1, max_size=8),
    )
    def test_says_truly_when_there_is_room_again(self, quota, asked):
        clock, policy = Clock(), Policy("wait", quota)
        one = limiter(clock)
        one._start = lambda: None  # nothing to settle
        for pause, times in asked:
            clock.now += pause
            allowed(one, policy, "x", times)

        verdict = one.peek(policy, "x")
        while verdict.is_allowed:
            verdict = one.count(policy, "x")
        clock.now += verdict.reset_seconds

        assert one.peek(policy, "x").is_allowed
        if verdict.reset_seconds > 1:
            clock.now -= 1.001
            assert not one.peek(policy, "x").is_allowed


class TestSeveralProcesses:
    def test_know_of_each_other_when_they_have_settled(self, clock, who):
        one, another = limiter(clock), limiter(clock)
        allowed(one, TEN, who, 6)
        one.settle()

        another.count(TEN, who)
        another.settle()

        assert allowed(another, TEN, who, 20) == 3

    def test_know_of_the_window_before(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 10)
        one.settle()
        clock.now += 60

        another = limiter(clock)
        another.count(TEN, who)
        another.settle()

        assert not another.peek(TEN, who).is_allowed

    def test_settle_by_themselves(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 4)
        told = threading.Event()

        def look() -> None:
            while client().get(f"rate:test:60:{60_000_000 // 60}:{who}") != b"4":
                told.wait(0.01)
            told.set()

        threading.Thread(target=look, daemon=True).start()

        assert told.wait(30)

    def test_never_allow_more_where_each_one_counts(self, clock, who):
        several = [limiter(clock) for _ in range(4)]
        found = []
        threads = [
            threading.Thread(target=lambda one=one: found.append(allowed(one, EXACT, who, 10)))
            for one in several
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(found) == 10
        assert allowed(limiter(clock), EXACT, who, 5) == 0

    def test_leave_nothing_in_redis_for_good(self, clock, who):
        one = limiter(clock)
        one.count(TEN, who)
        one.settle()
        one.count(EXACT, who)

        for name in ("test", "exact"):
            assert 60 < client().ttl(f"rate:{name}:60:{60_000_000 // 60}:{who}") <= 121


class TestWithoutRedis:
    def test_each_process_counts_by_itself(self, clock, who):
        one = limiter(clock, "unix:///nowhere")

        assert allowed(one, TEN, who, 25) == 10
        one.settle()
        assert allowed(one, TEN, who, 25) == 0

    def test_attempts_are_fewer(self, clock, who):
        assert allowed(limiter(clock, "unix:///nowhere"), EXACT, who, 25) == 3

    def test_that_does_not_answer_attempts_are_fewer_too(self, clock, who, silent):
        assert allowed(limiter(clock, silent[0]), EXACT, who, 25) == 3

    def test_that_does_not_answer_no_request_waits(self, clock, who, silent):
        url, listening = silent
        one = limiter(clock, url)
        one._start = lambda: None  # the thread that would ask
        listening.setblocking(False)

        assert allowed(one, TEN, who, 25) == 10
        with pytest.raises(BlockingIOError):
            listening.accept()

    def test_that_was_emptied_nothing_known_is_forgotten(self, clock, who):
        one = limiter(clock)
        allowed(one, TEN, who, 6)
        one.settle()
        client().delete(f"rate:test:60:{60_000_000 // 60}:{who}")

        one.count(TEN, who)
        one.settle()

        assert allowed(one, TEN, who, 20) == 3

    def test_what_was_counted_is_told_when_it_is_back(self, clock, who):
        one = limiter(clock, "unix:///nowhere")
        allowed(one, TEN, who, 6)
        one.settle()
        one._client, one._away_until = client(), 0.0

        one.settle()

        assert client().get(f"rate:test:60:{60_000_000 // 60}:{who}") == b"6"
