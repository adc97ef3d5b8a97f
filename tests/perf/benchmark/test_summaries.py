import pytest

from perf.benchmark.summaries import Summary, percentile, summary


class TestSummary:
    def test_tells_milliseconds_whatever_the_order(self):
        seconds = [number / 1_000 for number in range(100, 0, -1)]

        assert summary(seconds) == Summary(samples=100, p50=50.0, p95=95.0, p99=99.0, max=100.0)

    def test_of_one_sample_is_that_sample(self):
        assert summary([0.0125]) == Summary(1, 12.5, 12.5, 12.5, 12.5)


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(1, 0.5, 1), (2, 0.5, 1), (3, 0.5, 2), (10, 0.95, 10), (20, 0.95, 19), (200, 0.99, 198), (10, 1, 10)],
)
def test_percentile_is_the_nearest_rank(count, share, expected):
    assert percentile(range(1, count + 1), share) == expected
