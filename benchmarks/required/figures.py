"""How a figure comes from the cells that one card has of a place."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.plan import Cell
from benchmarks.report.measured import Measured
from benchmarks.rounds import Ratio, ratio
from benchmarks.tables import three_digits

Cells = Mapping[Cell, Measured]
Names = str | Sequence[str]
NOT_MEASURED = "not measured"
CALLS_ALLOWED = 4  # empty calls that a scalar verb may cost beside the search


class Figure(NamedTuple):
    """A ratio, and what was compared with its times in nanoseconds."""

    ratio: Ratio
    of: str


Find = Callable[[Cells], Figure | str]  # the figure in the cells of a place, or why there is none


def beside(
    ours: Names, others: Names, cell: Cell, other_cell: Cell | None = None, *, light: bool = False
) -> Find:
    """Find how many times the time of the fastest of others the fastest of ours takes.

    Light ones keep at most half of the bytes of the fastest other; the others may be elsewhere.
    """
    where = other_cell or cell

    def find(cells: Cells) -> Figure | str:
        mine, theirs = cells.get(cell), cells.get(where)
        if mine is None or theirs is None:
            return NOT_MEASURED
        other = theirs.best(_listed(others))
        if other is None:
            return _why_not(theirs, _listed(others))
        some = _listed(ours)
        if light:
            most = mine.nbytes.get(other, 0) / 2
            some = [name for name in some if mine.nbytes.get(name, math.inf) <= most]
        one = mine.best(some)
        if one is None:
            return _why_not(mine, some) or "no model is so small"
        texts = (
            f"{_named(one, cell, where)} {three_digits(mine.middle(one))}",
            f"{_named(other, where, cell)} {three_digits(theirs.middle(other))}",
        )
        times = mine.times[one], theirs.times[other]
        rounds = min(map(len, times))
        return Figure(ratio(times[0][:rounds], times[1][:rounds]), ", ".join(texts))

    return find


def either(first: Find, other: Find) -> Find:
    """Find the first figure, or the other one in cells that have no first."""

    def find(cells: Cells) -> Figure | str:
        found = first(cells)
        return found if isinstance(found, Figure) else other(cells)

    return find


def _named(name: str, cell: Cell, other: Cell) -> str:
    if cell.verb != "batch":
        return name
    if cell.batch != other.batch:
        return f"{name} of {cell.batch}"
    return name if cell.workload == "mixed" else f"{name} {cell.workload}"


def _listed(names: Names) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


def _why_not(one: Measured, names: Sequence[str]) -> str:
    said = one.missing
    return "; ".join(said.get(name) or said.get("C++") or f"no {name} there" for name in names)


def worst(each: Sequence[Find]) -> Find:
    """Find the largest of some ratios; what took no part in cells that are there is left out."""

    def find(cells: Cells) -> Figure | str:
        found = [one(cells) for one in each]
        figures = [one for one in found if isinstance(one, Figure)]
        if NOT_MEASURED in found or not figures:
            return NOT_MEASURED
        return max(figures, key=lambda one: one.ratio.median)

    return find


def bytes_share(cell: Cell) -> Find:
    """Find what the index of `auto` keeps beside the keys, of the bytes of the keys."""

    def find(cells: Cells) -> Figure | str:
        one = cells.get(cell)
        if one is None or "auto" not in one.nbytes:
            return NOT_MEASURED
        share = one.nbytes["auto"] / (one.length * np.dtype(one.record["dtype"]).itemsize)
        return Figure(Ratio(share, share, share), one.record.get("chose", "auto"))

    return find


def alone(ours: str, cell: Cell, *, in_bytes: bool = False) -> Find:
    """Find what one of ours takes, beside nobody: nanoseconds, or bytes a key."""

    def find(cells: Cells) -> Figure | str:
        one = cells.get(cell)
        if one is None:
            return NOT_MEASURED
        times = one.times.get(ours)
        if not times:
            return _why_not(one, (ours,))
        if in_bytes:
            times = [one.nbytes[ours] / one.length]
        return Figure(Ratio(statistics.median(times), min(times), max(times)), ours)

    return find


def beside_latency(verb: str, scalar: str, cell: Cell) -> Find:
    """Find what a call takes of the latency in C++ and four empty calls; no loop counts."""

    def find(cells: Cells) -> Figure | str:
        if cell not in cells or not cells[cell].times:
            return _why_not(cells[cell], ("C++",)) if cell in cells else NOT_MEASURED
        times = {name: np.array(each) for name, each in cells[cell].times.items()}
        loop = times[f"loop {scalar}"]
        calls = times[f"{verb} {scalar}"] - loop
        # A busy loop takes longer than the call.
        empty = np.maximum(times[f"empty {scalar}"] - loop, 0)
        call, latency, least = (
            three_digits(float(np.median(each))) for each in (calls, times["rmi"], empty)
        )
        figure = ratio(calls, times["rmi"] + CALLS_ALLOWED * empty)
        return Figure(figure, f"{call}; latency {latency}, empty call {least}")

    return find
