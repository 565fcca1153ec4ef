"""How long a run will still take: what was expected, corrected by how long it took so far."""

import time
from collections.abc import Callable


class Clock:
    """Compares expected with real seconds, and says when the time that was granted is over."""

    def __init__(
        self,
        expected: float,
        minutes: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._start = now()
        self._left = expected
        self._done = 0.0
        self._spent = 0.0
        self._granted = None if minutes is None else minutes * 60

    def finished(self, expected: float, seconds: float) -> None:
        """Note that something was expected to take so long, and did take so long."""
        self._left -= expected
        self._done += expected
        self._spent += seconds

    def skipped(self, expected: float) -> None:
        """Note that something will not be done after all."""
        self._left -= expected

    def left(self) -> float:
        """Estimate the seconds that are left."""
        pace = self._spent / self._done if self._done else 1.0
        return max(self._left, 0.0) * pace

    def is_over(self) -> bool:
        """Tell whether the granted time is used up."""
        return self._granted is not None and self._now() - self._start >= self._granted

    def text(self) -> str:
        """Say what is left, as in ``about 12 min left``."""
        seconds = self.left()
        if self._granted is not None:
            seconds = min(seconds, max(self._granted - (self._now() - self._start), 0.0))
        if seconds < 90:
            return f"about {seconds:.0f} s left"
        if seconds < 90 * 60:
            return f"about {seconds / 60:.0f} min left"
        return f"about {seconds / 3600:.1f} h left"
