"""Contenders and a clock that behave as a test tells them to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import record
from benchmarks.contenders import Array, Contender


def times(**middle: float) -> dict[str, list[float]]:
    """Give three rounds around each median."""
    return {name: [value * part for part in (0.9, 1.0, 1.1)] for name, value in middle.items()}


def auto_lines(
    name: str, n: int, auto: str, seen: Any = None, card: str = "a", **cell: float
) -> list[record.Record]:
    """Make the records of a place: its card, what auto chose, and batches of 1000."""
    seen = seen or {"hits": 1.0, "duplicates": 0.0, "stages": 1, "pieces": 0}
    keys = {"suite": "auto", "set": name, "n": n, "length": n, "dtype": "uint64", "missing": {}}
    found = [
        {"card": card, "machine": {"cpu": card, "numpy": "2", "commit": "c"}},
        {"card": card, **keys, "verb": "choose", "times": {}, "chose": auto, "seen": seen},
    ]
    batch = {"card": card, **keys, "verb": "auto", "workload": "mixed", "batch": 1000}
    return [*found, {**batch, "times": times(**cell)}] if cell else found


def cell(name: str, n: int, batch: int) -> record.Record:
    """Make the record of a cell of the suite `auto`, without times."""
    keys = {"suite": "auto", "set": name, "n": n, "length": n}
    return {**keys, "verb": "auto", "workload": "mixed", "batch": batch}


class Right(Contender):
    """Answers as NumPy does."""

    name = "numpy"  # a name that `make` knows, so that a warm-up build finds something
    label = "right"

    def build(self, keys: Array) -> None:
        self.keys = keys
        self.scalar = keys.searchsorted

    def batch(self, prepared: Any) -> Any:
        return np.searchsorted(self.keys, prepared)

    def nbytes(self) -> int | None:
        return 1_600_000


class OneOff(Right):
    """Answers one too many, once."""

    label = "one off"

    def build(self, keys: Array) -> None:
        super().build(keys)
        self.scalar = lambda query: int(keys.searchsorted(query)) + 1

    def batch(self, prepared: Any) -> Any:
        answers = np.searchsorted(self.keys, prepared)
        answers[-1] += 1
        return answers


class Raising(Right):
    """Raises where it is told to."""

    label = "raising"
    where = ""

    def build(self, keys: Array) -> None:
        super().build(keys)
        if self.where == "build":
            raise KeyError("lost")
        if self.where == "scalar":
            del self.scalar

    def prepare(self, queries: Array) -> Any:
        if self.where == "prepare":
            raise KeyError("lost")
        return queries

    def batch(self, prepared: Any) -> Any:
        if self.where == "batch":
            raise KeyError("lost")
        return None if self.where == "answer" else super().batch(prepared)


class NeedsArguments(Right):
    """Cannot be made from its name alone."""

    name = "needy"

    def __init__(self, arguments: int) -> None:
        self.arguments = arguments


class Nameless(Contender):
    """Has no name."""

    def build(self, keys: Array) -> None:
        """Build nothing."""

    def batch(self, prepared: Any) -> Any:
        return prepared


class Absent(Right):
    """Is not installed."""

    label = "absent"

    def missing(self) -> str | None:
        return "not installed: pip install absent"


class Clock:
    """Time that passes only when an action says so."""

    def __init__(self) -> None:
        self.now = 0
        self.log: list[str] = []

    def __call__(self) -> int:
        return self.now

    def action(self, name: str, *durations: int) -> Callable[[], None]:
        """Make an action that takes the next of these durations each time it is called."""
        remaining = list(durations)

        def act() -> None:
            self.log.append(name)
            self.now += remaining.pop(0)

        return act
