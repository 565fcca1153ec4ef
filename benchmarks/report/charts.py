"""Log-log charts: time by number of keys, by batch size, and bytes against time, laid out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.plan import CONTENDERS, SYNTHETIC_FIRST
from benchmarks.report.boards import Board
from benchmarks.report.measured import BUILDLESS, Measured
from benchmarks.tables import count

# Without btree8, which runs beside btree16, and others that would hide what people compare.
LEFT_OUT = ("btree8", "none", "btrees", "sortedcontainers", "bisect")
DRAWN = tuple(who for who in CONTENDERS if who not in LEFT_OUT)
# The axes, in pixels of the template; names stand to their right.
LEFT, RIGHT, TOP, BOTTOM = 44, 264, 10, 250
LABEL_GAP = 15.0  # between the names of two lines
NO_BYTES = 30  # at the left edge, for what keeps nothing: a logarithm knows no zero
DIGIT = 6.6  # how wide a letter of a tick is, at most

Point = tuple[float, float]
Lines = dict[str, list[Point]]  # of contenders
Pair = tuple[str, str]  # the names of both axes
Chart = dict[str, Any]


class Scale(NamedTuple):
    """A logarithmic axis: from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = math.log(self.high / self.low) or 1.0
        return self.start + (self.end - self.start) * math.log(value / self.low) / span

    def ticks(self) -> list[tuple[float, str]]:
        """Place powers of ten, or ones, twos and fives if those are few; none touches another."""
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        each = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        each = [value for value in each if self.low * 0.999 <= value <= self.high * 1.001]
        tens = [value for value in each if f"{value:e}"[0] == "1"]
        kept: list[tuple[float, str]] = []
        for value in tens if len(tens) >= 3 else each:
            at, text = round(self(value), 1), count(value)
            if not kept or abs(at - kept[-1][0]) > DIGIT * (len(text) + len(kept[-1][1])) / 2:
                kept.append((at, text))
        return kept


def scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Lay an axis around values, with a little room at both ends."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low / 2, high * 2
    room = (high / low) ** 0.04
    return Scale(low / room, high * room, start, end)


def chart(title: str, labels: Pair, lines: Lines, front: Sequence[str] = ()) -> Chart:
    """Lay out a line, or a point, for each contender, in pixels from the upper left corner."""
    points = [point for line in lines.values() for point in line]
    some = [px for px, _ in points if px > 0]
    zero = len(some) < len(points)
    x = scale(some or [1.0], LEFT + NO_BYTES * zero, RIGHT)
    y = scale([py for _, py in points], BOTTOM, TOP)

    def at(point: Point) -> Point:
        return (round(x(point[0]), 1) if point[0] > 0 else LEFT + 4.0), round(y(point[1]), 1)

    marks = {who: [(*at(point), *point) for point in line] for who, line in lines.items()}
    return {
        "title": title,
        "labels": labels,
        "x_ticks": [(LEFT + 4.0, "0")] * zero + x.ticks(),
        "y_ticks": y.ticks(),
        "marks": marks,
        "names": spread({who: dots[-1][1] for who, dots in marks.items()}),
        "front": front,
    }


def spread(
    wanted: Mapping[str, float], least: float = TOP, most: float = BOTTOM, gap: float = LABEL_GAP
) -> dict[str, float]:
    """Move labels apart until none covers another, each as near its line as that allows."""
    order = sorted(wanted, key=lambda name: wanted[name])
    placed: dict[str, float] = {}
    floor, ceiling = least, most
    for name in order:
        placed[name] = max(wanted[name], floor)
        floor = placed[name] + gap
    for name in reversed(order):
        placed[name] = round(min(placed[name], ceiling), 1)
        ceiling = placed[name] - gap
    return placed


def charts(board: Board) -> list[tuple[str, list[Chart]]]:
    """Draw time, the telling sets first; a kind without charts is left out."""
    mixed = [one for one in board.cells if one.cell.workload == "mixed" and one.cell.batch]
    main = [one for one in mixed if one.cell.batch == board.main_batch]
    largest = {one.keys: one.length for one in sorted(mixed, key=lambda one: one.length)}
    largest_of = [one for one in mixed if one.length == largest[one.keys]]
    builds = [one for one in board.cells if one.cell.verb == "build"]
    made = (
        ("By number of keys", _drawn(main, f"shuffled batches of {count(board.main_batch)}")),
        ("By batch size", _drawn(largest_of, "shuffled batches")),
        ("Building, by number of keys", _drawn(builds, "building")),
    )
    return [(title, drawn) for title, drawn in made if drawn]


def _drawn(cells: Sequence[Measured], what: str) -> list[Chart]:
    """Draw a chart for each key set, by what differs: the number of keys, else the batch."""
    drawn = []
    builds = what == "building"
    for keys, of in by_keys(cells).items():
        fixed = of[0].length if len({one.length for one in of}) == 1 else 0
        lines: Lines = {}
        for one in of:
            for who in DRAWN:
                value = None if builds and who in BUILDLESS else one.median(who)
                if value is not None:
                    at = float(one.cell.batch if fixed else one.length)
                    lines.setdefault(who, []).append((at, value))
        if any(len(line) > 1 for line in lines.values()):
            title = f"{keys}, {count(fixed)} keys: {what}" if fixed else f"{keys}: {what}"
            labels = (
                "queries in a batch" if fixed else "keys",
                f"ns a {'key' if builds else 'query'}",
            )
            drawn.append(chart(title, labels, lines))
    return drawn


def by_keys(cells: Iterable[Measured]) -> dict[str, list[Measured]]:
    """Sort cells by their keys, the telling sets first."""
    found: dict[str, list[Measured]] = {keys: [] for keys in SYNTHETIC_FIRST[:3]}
    for one in cells:
        found.setdefault(one.keys, []).append(one)
    return {keys: of for keys, of in found.items() if of}


def fronts(board: Board) -> dict[str, Any] | None:
    """Draw bytes against time, and give the bytes themselves."""
    batch = board.main_batch
    known = sorted(board.cells, key=lambda one: len(one.nbytes))  # the cell with most comes last
    places = {(one.keys, one.length): one for one in known if one.nbytes}
    drawn = []
    for keys, of in by_keys(c for c in board.cells if c.cell[1:] == ("mixed", batch)).items():
        one = max(of, key=lambda one: one.length)
        points = {
            who: (size / one.length, value)
            for who, size in places.get((keys, one.length), one).nbytes.items()
            if (value := one.median(who)) is not None
        }
        if len(points) > 1:
            title = f"{keys}, {count(one.length)} keys: shuffled batches of {count(batch)}"
            lines = {who: [point] for who, point in points.items()}
            drawn.append(chart(title, ("bytes a key", "ns a query"), lines, front(points)))
    cells = [places[at] for at in sorted(places)]
    shown = [who for who in CONTENDERS if any(who in one.nbytes for one in cells)]
    return {"drawn": drawn, "shown": shown, "cells": cells} if cells else None


def front(points: Mapping[str, Point]) -> list[str]:
    """Name what no other beats in both bytes and time, from few bytes to many."""
    kept: list[str] = []
    for name in sorted(points, key=lambda name: points[name]):
        if not kept or points[name][1] < points[kept[-1]][1]:
            kept.append(name)
    return kept
