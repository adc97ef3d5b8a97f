"""What is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

# Draws what one sample asks, and answers how to ask it: only the asking is timed.
Draw = Callable[[Random], Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question that is asked many times, each time with other values."""

    name: str
    draw: Draw
    #: The queries whose time counts; empty: all that the question runs.
    queries: frozenset[str] = frozenset()
    #: At most so many samples, where each takes long by its nature.
    most_samples: int | None = None
