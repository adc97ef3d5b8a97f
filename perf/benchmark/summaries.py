"""Samples summed up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the times of one case; milliseconds."""

    samples: int
    p50: float
    p95: float
    p99: float
    max: float


def summary(seconds: Sequence[float]) -> Summary:
    """Sum up at least one sample."""
    in_order = sorted(seconds)
    p50, p95, p99, longest = (round(1_000 * percentile(in_order, share), 3) for share in (0.5, 0.95, 0.99, 1))
    return Summary(len(in_order), p50, p95, p99, longest)


def percentile(in_order: Sequence[float], share: float) -> float:
    """The smallest sample that so great a share of the samples does not exceed (nearest rank)."""
    return in_order[max(0, math.ceil(share * len(in_order)) - 1)]
