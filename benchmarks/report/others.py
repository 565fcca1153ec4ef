"""Sections from other results, where they were measured: what `auto` chose, and attacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks import record
from benchmarks.machine import one_line
from benchmarks.report import auto
from benchmarks.report.auto import MOST_OF_BEST, MOST_OF_NUMPY, share
from benchmarks.report.render import render

SHOWN = 60
T = TypeVar("T")
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")


def auto_grid(file: Path = record.AUTO) -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    judged = auto.judged(auto.read(file))
    found = _most([(_same(one), one) for one in judged])
    if not found:
        return ""
    failed = [one for one in found if not one.holds]
    failed.sort(key=lambda one: -max(one.of_best / one.limit, one.of_numpy / MOST_OF_NUMPY))
    notes = [one_line(found[0].machine)]
    most = MOST_OF_BEST[True], MOST_OF_BEST[False], MOST_OF_NUMPY
    held_out = share([one for one in found if one.held_out])
    return render(
        "auto.html",
        found=found,
        failed=failed,
        shown=SHOWN,
        most=most,
        notes=notes,
        held_out=held_out,
    )


def _most(found: Sequence[tuple[str, T]]) -> list[T]:
    """Keep what belongs to the machine that most belongs to: two are never mixed."""
    machines = [machine for machine, _ in found]
    most = max(machines, key=machines.count, default="")
    return [one for machine, one in found if machine == most]


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
