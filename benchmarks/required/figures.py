"""How a figure comes from the cells that one card has of a place."""

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.plan import Cell
from benchmarks.record import Record
from benchmarks.rounds import Ratio, ratio
from benchmarks.tables import three_digits

Cells = Mapping[Cell, Record]
Names = str | Sequence[str]
NOT_MEASURED = "not measured"
CALLS_ALLOWED = 4  # empty calls that a scalar verb may cost beside the search


class Figure(NamedTuple):
    """A ratio, and what was compared with its times in nanoseconds."""

    ratio: Ratio
    of: str


@dataclasses.dataclass(frozen=True)
class Beside:
    """How many times the time of the fastest of others the fastest of ours takes."""

    ours: Names
    others: Names
    cell: Cell
    other_cell: Cell | None = None  # where the others are, if elsewhere
    light: bool = False  # ours keep at most half of the bytes of the fastest other

    def __call__(self, cells: Cells) -> Figure | str:
        """Compare round by round, or say why that cannot be done."""
        mine, theirs = cells.get(self.cell), cells.get(self.other_cell or self.cell)
        if mine is None or theirs is None:
            return NOT_MEASURED
        other = _fastest(theirs, _listed(self.others))
        if other is None:
            return _why_not(theirs, _listed(self.others))
        ours, nbytes = _listed(self.ours), mine.get("bytes", {})
        if self.light:
            most = nbytes.get(other, 0) / 2
            ours = [name for name in ours if nbytes.get(name, math.inf) <= most]
        one = _fastest(mine, ours)
        if one is None:
            return _why_not(mine, ours) or "no model is so small"
        return _compared(
            (self._named(one, self.cell), mine["times"][one]),
            (self._named(other, self.other_cell or self.cell), theirs["times"][other]),
        )

    def _named(self, name: str, cell: Cell) -> str:
        if cell.verb != "batch":
            return name
        if self.other_cell and self.other_cell.batch != self.cell.batch:
            return f"{name} of {cell.batch}"
        return name if cell.workload == "mixed" else f"{name} {cell.workload}"


def _compared(one: tuple[str, Sequence[float]], other: tuple[str, Sequence[float]]) -> Figure:
    """Divide the times of one by those of another, round by round."""
    rounds = min(len(one[1]), len(other[1]))
    texts = (f"{name} {three_digits(statistics.median(times))}" for name, times in (one, other))
    return Figure(ratio(one[1][:rounds], other[1][:rounds]), ", ".join(texts))


def _listed(names: Names) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


def _fastest(record: Record, names: Sequence[str]) -> str | None:
    """Name the one with the smallest median among those that took part."""
    times = record["times"]
    there = [name for name in names if times.get(name)]
    return min(there, key=lambda name: statistics.median(times[name]), default=None)


def _why_not(record: Record, names: Sequence[str]) -> str:
    said = record["missing"]
    return "; ".join(said.get(name) or said.get("C++") or f"no {name} there" for name in names)


@dataclasses.dataclass(frozen=True)
class Worst:
    """The largest of some ratios."""

    each: Sequence[Beside]

    def __call__(self, cells: Cells) -> Figure | str:
        """Leave out what did not take part in cells that are all there."""
        found = [one(cells) for one in self.each]
        if NOT_MEASURED in found:
            return NOT_MEASURED
        figures = [one for one in found if isinstance(one, Figure)]
        return max(figures, key=lambda one: one.ratio.median, default=NOT_MEASURED)


@dataclasses.dataclass(frozen=True)
class BytesShare:
    """What the index of `auto` keeps beside the keys, of the bytes of the keys."""

    cell: Cell

    def __call__(self, cells: Cells) -> Figure | str:
        """Divide bytes, which need no clock."""
        one = cells.get(self.cell, {})
        if "auto" not in one.get("bytes", {}):
            return NOT_MEASURED
        share = one["bytes"]["auto"] / (one["length"] * np.dtype(one["dtype"]).itemsize)
        return Figure(Ratio(share, share, share), one.get("chose", "auto"))


@dataclasses.dataclass(frozen=True)
class Alone:
    """What one of ours takes, beside nobody: nanoseconds, or bytes a key."""

    ours: str
    cell: Cell
    in_bytes: bool = False

    def __call__(self, cells: Cells) -> Figure | str:
        """Take the times as they are, or divide bytes by keys."""
        one = cells.get(self.cell)
        if one is None:
            return NOT_MEASURED
        times = one["times"].get(self.ours)
        if not times:
            return _why_not(one, _listed(self.ours))
        if self.in_bytes:
            times = [one["bytes"][self.ours] / one["length"]]
        return Figure(Ratio(statistics.median(times), min(times), max(times)), self.ours)


@dataclasses.dataclass(frozen=True)
class BesideLatency:
    """What a call takes of what it may take; the loop around both is subtracted."""

    verb: str
    scalar: str
    cell: Cell

    def __call__(self, cells: Cells) -> Figure | str:
        """Allow the latency in C++ and four empty calls."""
        if self.cell not in cells or not cells[self.cell]["times"]:
            return _why_not(cells[self.cell], ("C++",)) if self.cell in cells else NOT_MEASURED
        times = cells[self.cell]["times"]
        loop = np.array(times[f"loop {self.scalar}"])
        calls = np.array(times[f"{self.verb} {self.scalar}"]) - loop
        # A busy loop takes longer than the call.
        empty = np.maximum(np.array(times[f"empty {self.scalar}"]) - loop, 0)
        allowed = np.array(times["rmi"]) + CALLS_ALLOWED * empty
        call, latency, least = (
            three_digits(float(np.median(each))) for each in (calls, times["rmi"], empty)
        )
        return Figure(ratio(calls, allowed), f"{call}; latency {latency}, empty call {least}")
