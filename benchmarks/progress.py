"""What a run is doing, on standard error: a bar on a terminal with rich, else one line a step."""

import contextlib
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from benchmarks.contenders.contender import load, not_installed


class Progress:
    """Counts steps towards a known total and shows the present one."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = -1  # no step has started
        self._bar = _make_bar() if sys.stderr.isatty() and not not_installed("rich", "") else None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("starting", total=self.total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, text: str) -> None:
        """Say what starts now; what was said before is done."""
        self.done += 1
        if self._bar is not None:
            self._bar.update(self._task, description=text, completed=self.done)
        else:
            print(f"[{min(self.done + 1, self.total)}/{self.total}] {text}", file=sys.stderr)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while something is printed to the same terminal."""
        if self._bar is not None:
            self._bar.stop()
        yield
        if self._bar is not None:
            self._bar.start()


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
