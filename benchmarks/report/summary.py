"""The top of the page: what was found in a few lines, and where the library loses."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.plan import CONTENDERS, RIVALS, Cell
from benchmarks.report.boards import Board
from benchmarks.report.measured import Measured

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


def summary(board: Board) -> dict[str, Any]:
    """Count what was won and lost."""
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
