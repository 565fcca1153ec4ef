"""The page: one file of HTML with its style, its script and its drawings inside."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import record
from benchmarks.machine import one_line
from benchmarks.plan import OWN
from benchmarks.report import auto
from benchmarks.report.auto import MOST_OF_BEST, MOST_OF_NUMPY, share
from benchmarks.report.boards import Board, all_cells, missing, summary, where_we_lose, who_wins
from benchmarks.report.charts import charts, fronts
from benchmarks.report.render import render

SHOWN = 60
T = TypeVar("T")
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")


def auto_grid(file: Path = record.AUTO) -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    found = _most([(_same(one), one) for one in auto.read(file)])
    if not found:
        return ""
    failed = [one for one in found if not one.holds]
    failed.sort(key=lambda one: -max(one.of_best / one.limit, one.of_numpy / MOST_OF_NUMPY))
    said = {
        "notes": [one_line(found[0].machine)],
        "most": (MOST_OF_BEST[True], MOST_OF_BEST[False], MOST_OF_NUMPY),
        "held_out": share([one for one in found if one.held_out]),
    }
    return render("auto.html", found=found, failed=failed, shown=SHOWN, **said)


def _most(found: Sequence[tuple[str, T]]) -> list[T]:
    """Keep what belongs to the machine that most belongs to: two are never mixed."""
    most = Counter(machine for machine, _ in found).most_common(1)
    return [one for machine, one in found if machine == most[0][0]]


def robustness(file: Path = record.KEPT) -> str:
    """Show how much slower each contender gets on keys that were made against it."""
    read = record.measured(record.read(file))
    lines = _most([(one["card"], one) for one in read if "slow_down" in one])
    if not lines:
        return ""
    newest = {one["set"]: one for one in lines}
    names = list(dict.fromkeys(name for one in lines for name in one["slow_down"]))
    n, machine = lines[-1]["n"], one_line(lines[-1][record.MACHINE])
    return render("robustness.html", names=names, rows=newest, n=n, machine=machine)


def _same(one: auto.Cell) -> str:
    return " ".join(str(one.machine.get(name)) for name in SAME)


# The template NAME.html writes what the function gives; a section without data is left out.
SECTIONS: dict[str, tuple[str, Callable[[Board], Any]]] = {
    "summary": ("Summary", summary),
    "losses": ("Where we lose", where_we_lose),
    "who-wins": ("Who wins where", who_wins),
    "charts": ("Time", charts),
    "pareto": ("Bytes against time", fronts),
    "auto": ("What auto chooses", lambda _: auto_grid()),
    "robustness": ("Under attack", lambda _: robustness()),
    "counts": ("Instructions", lambda board: board if board.counts else None),
    "cells": ("All cells", all_cells),
    "missing": ("Missing", missing),
    "machine": ("Machine card", lambda board: board),
    "reading": ("How to read this", lambda board: board),
}
OF_OTHERS = ("summary", "losses", "who-wins", "cells", "missing", "machine")
OF_THE_PROJECT = ("auto", "robustness")  # measured elsewhere, over keys of the project


def page(boards: Sequence[Board], here: str | None = None) -> str:
    own = bool(boards) and all(board.plans == [OWN] for board in boards)
    names = [name for name in SECTIONS if not own or name not in OF_THE_PROJECT]
    mine = sections(boards[0], names) if boards else []
    others = [(board, sections(board, OF_OTHERS)) for board in boards[1:]]
    main = boards[0] if boards else None
    return render("page.html", board=main, sections=mine, others=others, own=own, here=here)


def sections(board: Board, names: Iterable[str]) -> list[tuple[str, str, Any]]:
    """Name the sections of a board that have something to show, with their titles and data."""
    found = [(name, SECTIONS[name][0], SECTIONS[name][1](board)) for name in names]
    return [one for one in found if one[2]]
