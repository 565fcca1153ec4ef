"""What a run is doing and how long it will still take, on standard error.

On a terminal with rich it is a bar, else one line a step. What is left is what was expected,
corrected by how long things took so far.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from benchmarks.contenders.contender import load, not_installed


class Progress:
    """Counts steps towards a known total; compares expected with real seconds."""

    def __init__(
        self,
        total: int,
        expected: float = 0.0,
        minutes: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.step_number = -1  # no step has started
        self._bar = _make_bar() if sys.stderr.isatty() and not not_installed("rich", "") else None
        self._task: Any = None
        self._now, self._start = now, now()
        self._expected, self._done, self._spent = expected, 0.0, 0.0
        self._granted = None if minutes is None else minutes * 60

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("starting", total=self.total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, text: str) -> None:
        """Say what starts now; what was said before is done."""
        self.step_number += 1
        if self._bar is not None:
            self._bar.update(self._task, description=text, completed=self.step_number)
        else:
            shown = min(self.step_number + 1, self.total)
            print(f"[{shown}/{self.total}] {text}", file=sys.stderr)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while something is printed to the same terminal."""
        if self._bar is not None:
            self._bar.stop()
        yield
        if self._bar is not None:
            self._bar.start()

    def finished(self, expected: float, seconds: float | None = None) -> None:
        """Note how long something took that was expected to take so long; None: it was left out."""
        self._expected -= expected
        if seconds is not None:
            self._done += expected
            self._spent += seconds

    def left(self) -> float:
        """Estimate the seconds that are left, no more than were granted."""
        pace = self._spent / self._done if self._done else 1.0
        seconds = max(self._expected, 0.0) * pace
        if self._granted is None:
            return seconds
        return min(seconds, max(self._granted - (self._now() - self._start), 0.0))

    def is_over(self) -> bool:
        """Tell whether the granted time is used up."""
        return self._granted is not None and self._now() - self._start >= self._granted

    def left_text(self) -> str:
        """Say what is left, as in ``about 12 min left``."""
        seconds = self.left()
        if seconds < 90:
            return f"about {seconds:.0f} s left"
        if seconds < 90 * 60:
            return f"about {seconds / 60:.0f} min left"
        return f"about {seconds / 3600:.1f} h left"


def _make_bar() -> Any:
    progress = load("rich.progress")
    return progress.Progress(
        progress.SpinnerColumn(),
        progress.BarColumn(bar_width=30),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.description}"),
        console=load("rich.console").Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # what is printed may go to a file, and is no part of the bar
        redirect_stderr=False,
    )
