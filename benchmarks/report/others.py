"""Sections from other results, where they were measured: the grid of `auto`, and attacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks import record
from benchmarks.grid import records as grid_records
from benchmarks.grid.report import MOST_OF_BEST, MOST_OF_NUMPY, Verdict, verdicts
from benchmarks.machine import one_line
from benchmarks.report.render import render

SHOWN = 60
T = TypeVar("T")
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")


def auto_grid(file: Path = grid_records.FILE) -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    grid = grid_records.read(file)
    found = _most([(_same(one), one) for one in verdicts(grid)])
    if not found:
        return ""
    failed = [one for one in found if not one.holds]
    failed.sort(key=lambda one: -max(one.of_best / one.limit, one.of_numpy / MOST_OF_NUMPY))
    notes = [one_line(dict(found[0].cell.machine)), *grid.spoiled]
    most = MOST_OF_BEST[True], MOST_OF_BEST[False], MOST_OF_NUMPY
    return render("auto.html", found=found, failed=failed, shown=SHOWN, most=most, notes=notes)


def _most(found: Sequence[tuple[str, T]]) -> list[T]:
    """Keep what belongs to the machine that most belongs to: two are never mixed."""
    machines = [machine for machine, _ in found]
    most = max(machines, key=machines.count, default="")
    return [one for machine, one in found if machine == most]


def robustness(file: Path = record.KEPT) -> str:
    """Show how much slower each contender gets on keys that were made against it."""
    read = record.read(file)
    lines = _most([(one["card"], one) for one in read if "slow_down" in one])
    if not lines:
        return ""
    newest = {one["set"]: one for one in lines}
    names = list(dict.fromkeys(name for one in lines for name in one["slow_down"]))
    n, machine = lines[-1]["n"], one_line(record.machine_of(read, lines[-1]))
    return render("robustness.html", names=names, rows=newest, n=n, machine=machine)


def _same(one: Verdict) -> str:
    return " ".join(str(one.cell.machine.get(name)) for name in SAME)
