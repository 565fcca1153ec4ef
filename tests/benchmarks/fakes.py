"""Contenders and a clock that behave as a test tells them to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from benchmarks.contenders import Array, Contender


def times(**middle: float) -> dict[str, list[float]]:
    """Give three rounds around each median."""
    return {name: [value * part for part in (0.9, 1.0, 1.1)] for name, value in middle.items()}


def line(
    keys: str = "uniform",
    n: int = 1_000,
    verb: str = "batch",
    batch: int = 100,
    card: str = "one",
    **more: Any,
) -> record.Record:
    """Make the record of a cell, without times unless there are some."""
    at = {"set": keys, "n": n, "length": n, "dtype": "uint64", "rounds": 2}
    what = {"verb": verb, "workload": "" if verb == "build" else "mixed"}
    batch = batch if verb == "batch" else 0
    return {"card": card, **at, **what, "batch": batch, "times": {}, "missing": {}, **more}


def write(file: Path, *lines: record.Record) -> Path:
    """Append records to a file."""
    for one in lines:
        record.append(one, file)
    return file


def cell(name: str, n: int, batch: int) -> record.Record:
    """Make the record of a cell of the suite `auto`, without times."""
    return line(name, n, "auto") | {"suite": "auto", "batch": batch}


def auto_lines(
    name: str, n: int, auto: str, seen: Any = None, card: str = "a", **taken: float
) -> list[record.Record]:
    """Make the records of a place: its card, what auto chose, and batches of 1000."""
    seen = seen or {"hits": 1.0, "duplicates": 0.0, "stages": 1, "pieces": 0}
    found = [
        {"card": card, "machine": {"cpu": card, "numpy": "2", "commit": "c"}},
        cell(name, n, 0) | {"card": card, "verb": "choose", "chose": auto, "seen": seen},
    ]
    return [*found, cell(name, n, 1000) | {"card": card, "times": times(**taken)}][
        : 2 + bool(taken)
    ]


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
