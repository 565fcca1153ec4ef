"""What was measured as lines of JSON: one a place and run, with the cells that were finished."""

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.grid.cells import Place
from benchmarks.grid.timing import NUMPY, Built
from benchmarks.rounds import Ratio, ratio

FILE = Path(__file__).resolve().parent.parent / "results" / "grid.jsonl"
# A cell need not be measured again while these are the same. Commits that change the core say so
# by measuring again (`--again`); those that change the rule alone change no structure.
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")

Record = dict[str, Any]
Where = tuple[Place, int, str]  # a place, a batch and a processor


class Cell(NamedTuple):
    """The times of one cell, in nanoseconds a query, by structure and round."""

    place: Place
    batch: int
    times: Mapping[str, list[float]]
    machine: Mapping[str, str]

    @property
    def where(self) -> Where:
        """Name the place, the batch and the processor: each has its newest measurement."""
        return self.place, self.batch, self.machine.get("cpu", "")

    def best(self) -> str:
        """Name the fastest of our structures."""
        ours = [name for name in self.times if name != NUMPY]
        return min(ours, key=lambda name: statistics.median(self.times[name]))

    def against(self, one: str, other: str) -> Ratio:
        """Compare two structures round by round."""
        return ratio(self.times[one], self.times[other])


class Known(NamedTuple):
    """What a rule may look at in a place, and what auto chose there."""

    dtype: str
    seen: Mapping[str, float | None]
    auto: str
    build_seconds: Mapping[str, float]
    nbytes: Mapping[str, int]


class Grid(NamedTuple):
    """All cells of a file, the newest of each processor, and what is wrong with its lines."""

    cells: dict[Where, Cell]
    places: dict[Place, Known]
    spoiled: list[str]

    def by_processor(self) -> dict[str, Self]:
        """Part the cells: times of two processors are never compared."""
        found: dict[str, Self] = {}
        for where, cell in self.cells.items():
            found.setdefault(where[2], self._replace(cells={})).cells[where] = cell
        return found


def record(
    place: Place,
    dtype: str,
    built: Built,
    cells: Mapping[int, Mapping[str, list[float]]],
    card: dict[str, str],
) -> Record:
    """Describe the finished cells of a place."""
    return {
        "machine": card,
        "keys": {"name": place.keys, "n": place.n, "dtype": dtype},
        "auto": built.auto,
        "seen": built.seen,
        "build_seconds": {name: _short(value) for name, value in built.build_seconds.items()},
        "bytes": built.nbytes,
        "missing": built.why_not,
        "cells": {
            str(batch): {name: [_short(value) for value in taken] for name, taken in times.items()}
            for batch, times in cells.items()
        },
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def append(found: Record, file: Path) -> None:
    """Add a line, and end one that a stop had cut short."""
    file.parent.mkdir(exist_ok=True)
    cut_short = file.exists() and file.read_bytes()[-1:] not in (b"\n", b"")
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n" * cut_short + json.dumps(found, separators=(",", ":")) + "\n")


def read(file: Path) -> Grid:
    """Read all lines, the oldest first. A spoiled line is named, not used."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found, spoiled = [], []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_parsed(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            spoiled.append(f"{file.name}, line {number}: {type(error).__name__}: {error}")
    return _merged(found, spoiled)


def merged(found: Iterable[Record]) -> Grid:
    """Merge records, the oldest first: of each cell and processor the newest counts."""
    return _merged([_parsed(one) for one in found], [])


def _merged(parsed: Iterable[tuple[Place, Known, list[Cell]]], spoiled: list[str]) -> Grid:
    grid = Grid({}, {}, spoiled)
    for place, known, cells in parsed:
        before = grid.places.get(place)
        if before is not None and not known.nbytes:  # auto was asked again, nothing was built
            seconds = {**before.build_seconds, **known.build_seconds}
            known = known._replace(nbytes=before.nbytes, build_seconds=seconds)
        grid.places[place] = known
        grid.cells.update({cell.where: cell for cell in cells})
    return grid


def _parsed(found: Record) -> tuple[Place, Known, list[Cell]]:
    place = Place(found["keys"]["name"], int(found["keys"]["n"]))
    known = Known(
        found["keys"]["dtype"],
        found["seen"],
        found["auto"],
        found["build_seconds"],
        found["bytes"],
    )
    cells = [
        Cell(place, int(batch), _checked(times), found["machine"])
        for batch, times in found["cells"].items()
    ]
    return place, known, cells


def _checked(times: Mapping[str, list[float]]) -> Mapping[str, list[float]]:
    lengths = {len(taken) for taken in times.values()}
    if NUMPY not in times or len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"times of {', '.join(times) or 'nothing'} in rounds {sorted(lengths)}")
    if not all(value > 0 for taken in times.values() for value in taken):
        raise ValueError("a time that is not above 0")
    return times


def done(grid: Grid, card: Mapping[str, str]) -> set[tuple[Place, int]]:
    """List the cells that were measured on this machine with these versions."""
    return {
        (cell.place, cell.batch)
        for cell in grid.cells.values()
        if all(cell.machine.get(field) == card.get(field) for field in SAME)
    }


def cards(cells: Iterable[Cell]) -> list[Mapping[str, str]]:
    """Name each machine, version and commit once."""
    unique = {json.dumps(dict(cell.machine), sort_keys=True): cell.machine for cell in cells}
    return list(unique.values())
