"""Records as boards of the page, one for each card, never mixed; and what its sections show.

That is what was won and lost, every cell, and what is missing.
"""

import functools
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.machine import one_line
from benchmarks.plan import CONTENDERS, OWN, PLANS, RIVALS, Cell, Plan
from benchmarks.report.measured import NAMES, Measured
from benchmarks.suites.contended import SORTEDNESS_CHECK
from benchmarks.tables import count

VERBS = ("build", "single", "batch")  # other ones are of no board
NOT_REACHED = "not reached yet"
CLEAR = 1.05  # below this many times slower two are called equal: rounds differ by as much

# Groups of cells that people ask about.
KINDS: dict[str, Callable[[Cell], bool]] = {
    "shuffled batches of 1,000 and more": lambda c: c.workload == "mixed" and c.batch >= 1_000,
    "batches of fewer than 1,000": lambda c: 0 < c.batch < 1_000,
    "sorted batches": lambda c: c.workload == "sorted",
    "Zipf batches": lambda c: c.workload == "zipf",
    "hits alone": lambda c: c.workload == "hits",
    "misses alone": lambda c: c.workload == "misses",
    "single calls from Python": lambda c: c.verb == "single",
    "building": lambda c: c.verb == "build",
}


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


def summary(board: Board) -> dict[str, Any]:
    rivalled = [one for one in board.cells if one.auto_to_rival()]
    cores = board.machines[-1].get("cores", "") if board.machines else ""
    is_busy = cores.isdigit() and (board.load or 0) > int(cores)
    return {
        "cells": board.cells,
        "margin": CLEAR - 1,
        "lost": len(losses(board)),
        "rivalled": len(rivalled),
        "busy": (board.load, cores) if is_busy else None,
        "kinds": [_kind_row(title, of) for title, of in _by_kind(rivalled) if of],
        "standings": standings(board.cells),
    }


def _by_kind(cells: Sequence[Measured]) -> list[tuple[str, list[Measured]]]:
    return [(title, [one for one in cells if of(one.cell)]) for title, of in KINDS.items()]


def standings(cells: Sequence[Measured]) -> list[tuple[str, int, int, float, float]]:
    """Rank all over all lookups: cells, wins, and how many times the fastest's time."""
    found: dict[str, list[float]] = {}
    for one in cells:
        fastest = one.best(CONTENDERS[1:])
        for who in CONTENDERS if fastest and one.cell.verb != "build" else ():
            if one.times.get(who):
                found.setdefault(who, []).append(one.against(who, fastest or who).median)
    rows = [
        (who, len(of), sum(one <= 1 for one in of), statistics.median(of), max(of))
        for who, of in found.items()
    ]
    return sorted(rows, key=lambda row: row[3])


def _kind_row(title: str, cells: Sequence[Measured]) -> tuple[Any, ...]:
    """Give what was found in a kind: cells, shares won by ours and by auto, speeds of rivals."""
    best = [found.median for one in cells if (found := one.ours_to_rival())]
    auto = [found.median for one in cells if (found := one.auto_to_rival())]
    numpy = [
        1 / one.against(ours, "numpy").median
        for one in cells
        if one.cell.verb != "build" and (ours := one.ours()) and one.times.get("numpy")
    ]
    won = [sum(ratio < 1 for ratio in of) / len(of) for of in (best, auto)]
    speed = statistics.median(numpy) if numpy else None
    return title, len(cells), *won, speed, 1 / statistics.median(auto), 1 / max(auto)


def losses(board: Board) -> list[Measured]:
    """List the cells in which what the library chooses is clearly slower than a rival."""
    found = [(one.auto_to_rival(), one) for one in board.cells]
    lost = [(ratio.median, one) for ratio, one in found if ratio and ratio.median > CLEAR]
    return [one for _, one in sorted(lost, key=lambda pair: -pair[0])]


def where_we_lose(board: Board) -> dict[str, Any] | None:
    """Sort every cell that is lost: by kind with the winners, and the worst first."""
    lost = losses(board)
    of_all = dict(_by_kind([one for one in board.cells if one.auto_to_rival()]))
    kinds = [
        (title, len(of), len(of_all[title]), Counter(c.best(RIVALS) for c in of).most_common())
        for title, of in _by_kind(lost)
        if of
    ]
    lookups = [one for one in lost if one.cell.verb != "build"]
    builds = [one for one in lost if one.cell.verb == "build"]
    return {"kinds": kinds, "lookups": lookups, "builds": builds} if lost else None


# A title, heads of columns, and a line for each key set; None was not measured.
Map = tuple[str, list[str], dict[str, list[Measured | None]]]


def who_wins(board: Board) -> list[Map]:
    """Lay fields out; of two sizes in one field the larger is shown."""
    main = board.main_batch
    cells = sorted(board.cells, key=lambda one: one.length)
    mixed = [one for one in cells if one.cell.workload == "mixed" and one.ours_to_rival()]
    by_n = {(one.keys, len(str(one.length)) - 1): one for one in mixed if one.cell.batch == main}
    by_batch = {(one.keys, one.cell.batch): one for one in mixed}  # 0 is a single call
    title = f"Keys by number of keys: shuffled batches of {count(main)}"
    maps = [
        _map(title, by_n, lambda decade: f"{count(10**decade)} …"),
        _map(
            "Keys by batch size, at their largest number of keys",
            by_batch,
            lambda size: count(size) if size else "one call",
        ),
    ]
    return [made for made in maps if made[2]]


def _map(title: str, found: dict[tuple[str, int], Measured], head: Callable[[int], str]) -> Map:
    columns = sorted({at for _, at in found})
    lines = {keys: [found.get((keys, at)) for at in columns] for keys, _ in sorted(found)}
    return title, [head(at) for at in columns], lines


ONLY_IN_CELLS = "measured, and shown among all cells alone: the rest compares the usual contenders"


def all_cells(board: Board) -> tuple[list[str], list[Measured]]:
    """Give every cell, and who takes part in any."""
    there = {who for one in board.cells for who in one.times}
    return [*(who for who in CONTENDERS if who in there), *_brought(board)], board.cells


def _brought(board: Board) -> list[str]:
    """Name the contenders that are in no chart: someone's own ones, and those asked for by name."""
    there = dict.fromkeys(who for one in board.cells for who in one.times)
    return [who for who in there if who not in CONTENDERS and who != SORTEDNESS_CHECK]


def missing(board: Board) -> list[tuple[str, str, list[str]]]:
    """Group what is missing by its reason: what, why, and where."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in board.cells:
        where = f"{one.keys} {count(one.length)}, {one.cell.label}"
        for name, why in one.missing.items():
            found[NAMES.get(name, name), _general(why)].append(where)
    for (keys, n), why in board.absent.items():
        found[f"{keys} {count(n) if n else 'whole'}", why].append("all of it")
    for (keys, n), left in board.not_reached().items():
        found[f"{keys} {count(n) if n else 'whole'}", NOT_REACHED].append(f"{left} cells")
    for who in _brought(board):
        found[NAMES.get(who, who), ONLY_IN_CELLS].append("summary, losses, who wins, charts")
    return [*((what, why, where) for (what, why), where in found.items()), *_unplanned(board)]


def _unplanned(board: Board) -> Iterator[tuple[str, str, list[str]]]:
    """Name what only the full plan measures, if nobody asked for that yet."""
    if "full" in board.plans or OWN in board.plans:
        return
    have = {one.cell for one in board.cells}
    large = [count(n) for n in PLANS["full"].sizes if n > max(one.length for one in board.cells)]
    batches = [count(one.batch) for one in PLANS["full"].cells() if one not in have and one.batch]
    why = f"{NOT_REACHED}: only the small plan was run here, make bench goes on"
    yield "sets of " + ", ".join(large) + " keys", why, ["all of it"]
    yield "batches of " + ", ".join(dict.fromkeys(batches)), why, ["all sets"]


def _general(why: str) -> str:
    """Leave out what differs from cell to cell, so that equal reasons stand together."""
    return why.partition(" answers are wrong")[0].rpartition(": ")[0] if "are wrong" in why else why
