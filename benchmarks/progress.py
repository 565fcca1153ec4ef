"""What a run is doing and how long it will still take: a line a step, on standard error.

What is left is what was expected, corrected by how long things took so far.
"""

import sys
import time
from collections.abc import Callable


class Progress:
    """Counts steps towards a known total; compares expected with real seconds."""

    def __init__(
        self,
        total: int,
        expected: float = 0.0,
        minutes: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total, self.steps = total, 0
        self._now, self._start = now, now()
        self._expected, self._done, self._spent = expected, 0.0, 0.0
        self._granted = None if minutes is None else minutes * 60

    def step(self, text: str) -> None:
        self.steps += 1
        print(f"[{min(self.steps, self.total)}/{self.total}] {text}", file=sys.stderr)

    def finished(self, expected: float, seconds: float | None = None) -> None:
        """Note how long something took that was expected to take so long; None: it was left out."""
        self._expected -= expected
        if seconds is not None:
            self._done += expected
            self._spent += seconds

    def left(self) -> float:
        """Estimate the seconds that are left, no more than were granted."""
        seconds = max(self._expected, 0.0) * (self._spent / self._done if self._done else 1.0)
        if self._granted is None:
            return seconds
        return min(seconds, max(self._granted - (self._now() - self._start), 0.0))

    def is_over(self) -> bool:
        return self._granted is not None and self._now() - self._start >= self._granted

    def left_text(self) -> str:
        """Say what is left, as in ``about 12 min left``."""
        seconds = self.left()
        units = ((90, 1, "s"), (90 * 60, 60, "min"), (float("inf"), 3600, "h"))
        unit = next(one for one in units if seconds < one[0])
        digits = 1 if unit[2] == "h" else 0
        return f"about {seconds / unit[1]:.{digits}f} {unit[2]} left"
