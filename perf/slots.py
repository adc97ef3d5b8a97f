"""At most so many of something at once, in one process."""

import threading
import weakref
from collections.abc import Callable


class Slot:
    """One of the places. Given back by `release`, or when nobody holds it any more."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = weakref.finalize(self, give_back)

    def release(self) -> None:
        """Give the place back; a second time nothing happens."""
        self._give_back()


class Slots:
    """The places; `most` is asked each time, so that it may be a setting."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._taken = 0
        # A finalizer may run within `take`, on the same thread.
        self._lock = threading.RLock()

    def take(self) -> Slot | None:
        """Take a place; None if none is free."""
        with self._lock:
            if self._taken >= self._most():
                return None
            self._taken += 1
        return Slot(self._release)

    def _release(self) -> None:
        with self._lock:
            self._taken -= 1
