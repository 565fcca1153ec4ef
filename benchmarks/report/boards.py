"""Records as boards of the page: one for each card, never mixed."""

import functools
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import record
from benchmarks.machine import one_line
from benchmarks.plan import OWN, PLANS, Plan
from benchmarks.report.measured import Measured

VERBS = ("build", "single", "batch")  # other ones are of no board
NOT_REACHED = "not reached yet"


class Board:
    """All that was measured on one machine with one set of versions."""

    def __init__(self, card: str, lines: Iterable[record.Record]) -> None:
        mine = [one for one in lines if one["card"] == card]
        newest = [*map(Measured, record.newest_cells(mine, card).values())]
        self.card = card
        self.machines: list[dict[str, str]] = [one["machine"] for one in mine if "machine" in one]
        self.plans = list(dict.fromkeys(one["plan"] for one in mine if "plan" in one))
        self.cells = [one for one in newest if one.cell.verb in VERBS]
        self.cells.sort(key=lambda one: (one.keys, one.length, one.cell))
        measured = {(one.keys, one.n) for one in self.cells}
        absent = {(one["set"], one["n"]): str(one["absent"]) for one in mine if "absent" in one}
        self.absent = {keys: why for keys, why in absent.items() if keys not in measured}
        self.counts = [one for one in newest if one.cell.verb == "count"]

    @property
    def caption(self) -> str:
        return one_line(self.machines[-1]) if self.machines else self.card

    @property
    def load(self) -> float | None:
        """Give the median of how many programs wanted the processor, this one among them."""
        loads = (one.record.get("load") for one in self.cells)
        known = [load for load in loads if load is not None]
        return statistics.median(known) if known else None

    @functools.cached_property
    def main_batch(self) -> int:
        """Find the batch in which every workload was asked."""
        sizes = [one.cell.batch for one in self.cells if one.cell.batch]
        return max(set(sizes), key=sizes.count, default=1)

    def not_reached(self) -> dict[tuple[str, int | None], int]:
        """Count the cells that the plans of its runs have and nobody measured yet, by keys."""
        have = {(one.keys, one.n, one.cell) for one in self.cells}
        found: dict[tuple[str, int | None], int] = {}
        for plan, places in self._planned():
            for keys, n in places:
                left = sum((keys, n, cell) not in have for cell in plan.cells())
                if left and (keys, n) not in self.absent:
                    found[keys, n] = max(left, found.get((keys, n), 0))
        return found

    def _planned(self) -> Iterator[tuple[Plan, Iterable[tuple[str, int | None]]]]:
        """Give the plans of its runs; keys of one's own have all cells of the full one."""
        for name in self.plans:
            if name in PLANS:
                yield PLANS[name], PLANS[name].places()
        if self.plans == [OWN]:
            yield PLANS["full"], {(one.keys, one.n) for one in self.cells}


def boards(lines: Iterable[record.Record], first: str | None = None) -> list[Board]:
    """Sort lines by card: this machine's card first, then the ones with most cells."""
    found = list(lines)
    made = [Board(card, found) for card in dict.fromkeys(one["card"] for one in found)]
    made = [board for board in made if board.cells]
    return sorted(made, key=lambda board: (board.card != first, -len(board.cells), board.card))


def read(files: Iterable[Path]) -> list[record.Record]:
    return [one for file in files for one in record.read(file)]
