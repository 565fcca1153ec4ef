"""What the sections of the page show: what was won and lost, every cell, and what is missing."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.plan import CONTENDERS, OWN, PLANS, RIVALS, Cell
from benchmarks.report.boards import NOT_REACHED, Board
from benchmarks.report.measured import NAMES, Measured
from benchmarks.report.render import count
from benchmarks.suites.contended import SORTEDNESS_CHECK

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
