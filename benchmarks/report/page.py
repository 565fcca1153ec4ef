"""The page: one file of HTML with its style, its script and its drawings inside."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.plan import OWN
from benchmarks.report.boards import Board
from benchmarks.report.charts import charts, fronts
from benchmarks.report.others import auto_grid, robustness
from benchmarks.report.render import render
from benchmarks.report.sections import all_cells, counted, missing, summary, where_we_lose, who_wins

# The template NAME.html writes what the function gives; a section without data is left out.
SECTIONS: dict[str, tuple[str, Callable[[Board], Any]]] = {
    "summary": ("Summary", summary),
    "losses": ("Where we lose", where_we_lose),
    "who-wins": ("Who wins where", who_wins),
    "charts": ("Time", charts),
    "pareto": ("Bytes against time", fronts),
    "auto": ("What auto chooses", lambda _: auto_grid()),
    "robustness": ("Under attack", lambda _: robustness()),
    "counts": ("Instructions and energy", counted),
    "cells": ("All cells", all_cells),
    "missing": ("Missing", missing),
    "machine": ("Machine card", lambda board: board),
    "reading": ("How to read this", lambda board: board),
}
OF_OTHERS = ("summary", "losses", "who-wins", "cells", "missing", "machine")
OF_THE_PROJECT = ("auto", "robustness")  # measured elsewhere, over keys of the project


def page(boards: Sequence[Board], here: str | None = None) -> str:
    """Write the whole page; the first board in full, each other one with its own card."""
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
