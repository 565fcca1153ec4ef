"""The one runner: goes through places and cells, and writes each cell as soon as it is measured."""

import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import record
from benchmarks.keysets import KeySet
from benchmarks.machine import card, identity
from benchmarks.native import NativeMissingError
from benchmarks.plan import OWN, Cell, Place, Plan, seconds_expected
from benchmarks.suite import Subject, Suite, Timed

CPP = "C++"  # what is missing where a suite cannot compile
REAL_SIZE = 500_000  # what a real set is taken for until it is loaded


class Task(NamedTuple):
    """A place and those of a suite's cells there that are still to be measured."""

    suite: Suite
    place: Place
    cells: list[Cell]


class Progress:
    """What a run is doing and how long it will still take: a line a step, on standard error.

    What is left is what was expected, corrected by how long things took so far.
    """

    def __init__(self, expected: Sequence[float], minutes: float | None = None) -> None:
        self.total, self.expected = len(expected), list(expected)  # seconds of what is left
        self.done = self.spent = 0.0
        self.end = math.inf if minutes is None else time.monotonic() + 60 * minutes

    def step(self, text: str) -> None:
        number = self.total - len(self.expected) + 1
        left = f"about {self.left() / 60:.1f} min left"
        print(f"[{number}/{self.total}] {text} · {left}", file=sys.stderr)

    def finished(self, seconds: float | None = None) -> None:
        """Note how long a step took; None: it was left out."""
        expected = self.expected.pop(0)
        if seconds is not None:
            self.done, self.spent = self.done + expected, self.spent + seconds

    def left(self) -> float:
        """Estimate the seconds that are left, no more than were granted."""
        times = self.spent / self.done if self.done else 1.0
        return min(sum(self.expected) * times, max(self.end - time.monotonic(), 0.0))

    def is_over(self) -> bool:
        return time.monotonic() >= self.end


class Run:
    """Some suites by one plan into one file."""

    def __init__(
        self,
        suites: Sequence[Suite],
        plan: Plan,
        file: Path,
        contenders: Sequence[str] | None,
        own: KeySet | None = None,
    ) -> None:
        self.suites = suites
        self.plan = plan
        self.file = file
        self.contenders = contenders
        self.own = own
        self.card = card()
        self.id = identity(self.card)
        self.measured: list[record.Record] = []
        self._digest = None if own is None else own.digest  # two files may have one name
        self._subject: tuple[object, Subject | None] = (None, None)

    def tasks(self, *, again: bool = False) -> list[Task]:
        """List what the file does not have for this card, place by place."""
        found = {} if again else record.newest_cells(record.read(self.file), self.id)
        tasks = []
        for suite in self.suites:
            for place in self._places(suite):
                cells = [
                    cell
                    for cell in suite.cells(self.plan)
                    if suite.goes_with(place, cell)
                    and not self._is_done(found.get((*place, cell)), suite, cell)
                ]
                if cells:
                    tasks.append(Task(suite, place, cells))
        order = {place: i for i, place in enumerate(dict.fromkeys(t.place for t in tasks))}
        return sorted(tasks, key=lambda task: order[task.place])  # keys are made once

    def _places(self, suite: Suite) -> Sequence[Place]:
        if self.own is None:
            return list(suite.places(self.plan))
        return [Place(self.own.name, len(self.own.keys))] if suite.takes_keys else []

    def _contenders(self, suite: Suite) -> Sequence[str]:
        asked = self.contenders if suite.takes_contenders else None
        return asked or suite.contenders or self.plan.contenders

    def _is_done(self, one: record.Record | None, suite: Suite, cell: Cell) -> bool:
        """Tell whether a cell was measured at least as thoroughly, with all that is asked for."""
        if one is None or one.get("keys") != self._digest or CPP in one["missing"]:
            return False
        asked = set(self._contenders(suite)) if suite.takes_contenders else set()
        rounds = self.plan.rounds_of(cell, int(one["length"]))
        there = {*one["times"], *one["missing"], *one.get("not_asked", ())}
        return asked <= there and int(one["rounds"]) >= rounds

    def go(self, tasks: list[Task], minutes: float | None = None) -> None:
        """Measure; stops between two cells when the minutes are over."""
        self._write_card()
        cells = [(task, cell) for task in tasks for cell in task.cells]
        progress = Progress([self._expected(*each) for each in cells], minutes)
        for task, cell in cells:
            if progress.is_over():
                return
            self._cell(task, cell, progress)

    def _expected(self, task: Task, cell: Cell) -> float:
        return seconds_expected(cell, task.place.n or REAL_SIZE, self.plan)

    def _cell(self, task: Task, cell: Cell, progress: Progress) -> None:
        subject = self._load(task.suite, task.place)
        if subject is None:
            progress.step(f"{task.place.keys}: left out")
            progress.finished()
            return
        progress.step(f"{subject.keyset.label} · {cell.label}")
        began = time.monotonic()
        try:
            timed = task.suite.measure(subject, cell, self.plan)
        except NativeMissingError as error:
            timed = Timed({}, {CPP: str(error).partition("\n")[0]})
        self._write(task, subject.keyset, cell, timed)
        progress.finished(time.monotonic() - began)

    def _load(self, suite: Suite, place: Place) -> Subject | None:
        """Load keys, unless the last task had the same."""
        contenders = self._contenders(suite)
        whose = (suite.load, place, tuple(contenders))
        if self._subject[0] != whose:
            self._subject = (None, None)  # freed before others are made
            keyset = self.own or self._keys(suite, place)
            subject = None if keyset is None else Subject(keyset, contenders)
            self._subject = (whose, subject)
        return self._subject[1]

    def _keys(self, suite: Suite, place: Place) -> KeySet | None:
        try:
            return suite.load(place.keys, place.n, self.plan.seed)
        except FileNotFoundError as error:
            absent = {"card": self.id, "set": place.keys, "n": place.n, "absent": str(error)}
            if absent not in record.read(self.file):
                record.append(absent, self.file)
            print(f"{place.keys}: left out: {error}", file=sys.stderr)
            return None

    def _write_card(self) -> None:
        plan = self.plan.name if self.own is None else OWN
        line = {"card": self.id, "plan": plan, "machine": self.card}
        cards = [one for one in record.read(self.file) if one["card"] == self.id and "plan" in one]
        if line not in cards[-1:]:
            record.append(line, self.file)

    def _write(self, task: Task, keyset: KeySet, cell: Cell, timed: Timed) -> None:
        line = {
            "card": self.id,
            "suite": task.suite.name,
            "set": task.place.keys,
            "n": task.place.n,
            "length": len(keyset.keys),
            "dtype": keyset.kind,
            **cell._asdict(),
            "unit": task.suite.unit,
            "rounds": self.plan.rounds_of(cell, len(keyset.keys)),
            "times": {
                name: [float(f"{value:.4g}") for value in values]
                for name, values in timed.times.items()
            },
            "missing": timed.missing,
            "load": _load(),
            **({} if self._digest is None else {"keys": self._digest}),
            **{name: value for name, value in timed.facts.items() if value},
        }
        record.append(line, self.file)
        self.measured.append(line)


def _load() -> float | None:
    """Say how many programs wanted the processor in the last minute, this one among them."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
