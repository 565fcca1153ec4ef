"""Goes through the blocks of a plan and writes every cell as soon as it is measured."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import keysets
from benchmarks.keysets import KeySet
from benchmarks.leaderboard import counts, records
from benchmarks.leaderboard.card import card, identity
from benchmarks.leaderboard.clock import Clock
from benchmarks.leaderboard.measured import Timed, enter_all, measure
from benchmarks.leaderboard.plan import OWN, Block, Cell, Plan, seconds_expected
from benchmarks.progress import Progress
from benchmarks.session import Entry

REAL_SIZE = 500_000  # what a real set is taken for until it is loaded


class Task(NamedTuple):
    """A block and those of its cells that are still to be measured."""

    block: Block
    cells: list[Cell]


class Run:
    """One run of a plan into one file."""

    def __init__(
        self, plan: Plan, file: Path, contenders: Sequence[str], own: KeySet | None
    ) -> None:
        self.plan = plan
        self.file = file
        self.contenders = contenders
        self.own = own
        self.card = card()
        self.id = identity(self.card)

    def tasks(self) -> list[Task]:
        """List what the file does not have for this card."""
        found = records.newest_cells(records.read(self.file), self.id)
        blocks = self.plan.blocks() if self.own is None else [self._own_block(self.own)]
        tasks = []
        for block in blocks:
            cells = [cell for cell in self.plan.cells() if not self._is_done(found, block, cell)]
            if cells:
                tasks.append(Task(block, cells))
        return tasks

    def _is_done(
        self, found: dict[tuple[str, int | None, Cell], records.Record], block: Block, cell: Cell
    ) -> bool:
        one = found.get((block.keys, block.n, cell))
        if one is None:
            return False
        asked = set(self.contenders) <= {*one["times"], *one["missing"]}
        rounds = self.plan.rounds_of(cell, int(one["length"]))
        return asked and records.is_done(found, block, cell, rounds)

    @staticmethod
    def _own_block(own: KeySet) -> Block:
        return Block(own.name, len(own.keys))

    def go(self, tasks: list[Task], minutes: float | None = None) -> None:
        """Measure; stops between two cells when the minutes are over."""
        self._write_card()
        expected = sum(self._expected(task.block, cell) for task in tasks for cell in task.cells)
        clock = Clock(expected, minutes)
        with Progress(sum(len(task.cells) for task in tasks)) as progress:
            for task in tasks:
                if clock.is_over():
                    return
                self._block(task, clock, progress)

    def _block(self, task: Task, clock: Clock, progress: Progress) -> None:
        keyset = self._load(task.block)
        if keyset is None:
            for cell in task.cells:
                clock.skipped(self._expected(task.block, cell))
                progress.step(f"{task.block.keys}: left out")
            return
        entries: list[Entry] | None = None
        for cell in task.cells:
            if clock.is_over():
                return
            progress.step(f"{keyset.label} · {cell.label} · {clock.text()}")
            began = time.monotonic()
            if entries is None:
                entries = enter_all(self.contenders, keyset, lambda _: None)
            timed = measure(entries, keyset, cell, self.plan)
            self._write(task.block, keyset, cell, timed)
            clock.finished(self._expected(task.block, cell), time.monotonic() - began)

    def _load(self, block: Block) -> KeySet | None:
        if self.own is not None:
            return self.own
        try:
            return keysets.from_name(block.keys, block.n, self.plan.seed)
        except FileNotFoundError as error:
            absent = {"card": self.id, "set": block.keys, "n": block.n, "absent": str(error)}
            if absent not in records.read(self.file):
                records.append(absent, self.file)
            print(f"{block.keys}: left out: {error}", file=sys.stderr)
            return None

    def _expected(self, block: Block, cell: Cell) -> float:
        return seconds_expected(cell, block.n or REAL_SIZE, self.plan)

    def count(self) -> None:
        """Count instructions of those that the file has no counts of, contender by contender."""
        how = counts.meter()
        if how is None:
            raise ValueError("--counts: neither perf counts here nor is valgrind: install it")
        self._write_card()
        done = {
            (one["set"], one["contender"])
            for one in records.read(self.file)
            if one["card"] == self.id and "counts" in one
        }
        left = [(s, c) for s in counts.SETS for c in counts.COUNTED if (s, c) not in done]
        with Progress(len(left)) as progress:
            for name, contender in left:
                keyset = keysets.from_name(name, counts.SIZE, self.plan.seed)
                progress.step(f"{keyset.label} · {contender} by {how}")
                found = counts.count(contender, keyset, how)
                if isinstance(found, dict):
                    found = {event: round(value, 1) for event, value in found.items()}
                record = {"card": self.id, "set": name, "n": counts.SIZE, "contender": contender}
                records.append({**record, "by": how, "counts": found}, self.file)

    def _write_card(self) -> None:
        plan = self.plan.name if self.own is None else OWN
        line = {"card": self.id, "plan": plan, "machine": self.card}
        if line not in records.read(self.file):
            records.append(line, self.file)

    def _write(self, block: Block, keyset: KeySet, cell: Cell, timed: Timed) -> None:
        times = {
            name: [float(f"{value:.4g}") for value in values]
            for name, values in timed.times.items()
        }
        extra = {name: value for name, value in timed.extra.items() if value}
        record = {
            "card": self.id,
            "set": block.keys,
            "n": block.n,
            "length": len(keyset.keys),
            "dtype": str(keyset.keys.dtype),
            "verb": cell.verb,
            "workload": cell.workload,
            "batch": cell.batch,
            "rounds": self.plan.rounds_of(cell, len(keyset.keys)),
            "times": times,
            "missing": timed.missing,
            "load": _load(),
            **extra,
        }
        records.append(record, self.file)


def _load() -> float | None:
    """Say how many programs wanted the processor in the last minute, this one among them."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
