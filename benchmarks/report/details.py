"""Everything in full: the table of all cells, their bytes, and what is missing and why."""

from collections import defaultdict
from collections.abc import Iterator

from benchmarks.plan import CONTENDERS, OWN, PLANS
from benchmarks.report.boards import NOT_REACHED, Board
from benchmarks.report.measured import Measured
from benchmarks.report.names import NAMES
from benchmarks.report.render import count
from benchmarks.suites.contended import SORTEDNESS_CHECK

ONLY_IN_CELLS = "measured, and shown among all cells alone: the rest compares the usual contenders"


def all_cells(board: Board) -> tuple[list[str], list[Measured]]:
    """Give every cell, and who takes part in any."""
    there = {who for one in board.cells for who in one.times}
    return [*(who for who in CONTENDERS if who in there), *_brought(board)], board.cells


def _brought(board: Board) -> list[str]:
    """Name the contenders that are in no chart: someone's own ones, and those asked for by name."""
    there = dict.fromkeys(who for one in board.cells for who in one.times)
    return [who for who in there if who not in CONTENDERS and who != SORTEDNESS_CHECK]


def counted(board: Board) -> Board | None:
    """Give the board if instructions, misses or energy were counted on it."""
    return board if board.counts or any(one.energy for one in board.cells) else None


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
