"""Fit the constants of `model="auto"` to the grid: ``python -m benchmarks.grid.refit``.

Reads results/grid.jsonl, tries every combination of candidate constants, and prints those with the
fewest cells above a limit (of these, the least time lost over all cells), what every constant would
cost at its other values, and the cells that no constants mend. Copy them to
`learnedidx/models/choose.py`; `python -m benchmarks.grid --choices` then asks auto anew.
"""

import argparse
import itertools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.grid import records, report
from benchmarks.grid.cells import Place
from benchmarks.grid.records import Grid, Known
from benchmarks.tables import Table

FEWEST = 64  # below, all structures search the keys themselves
FEWEST_FOR_TABLE = {1: 64, 2: 2**14}  # by bytes of a key: what a table may take of memory
NEVER = 2**62


class Rule(NamedTuple):
    """The constants of the rule; their names in choose.py are the same in capitals."""

    fewest_for_model: int  # keys: below, a tree
    enough_hits: float  # share of first windows that hold the answer
    fewest_for_stages: int  # keys: below, a tree where the RMI has more stages than two
    fewest_for_pieces: int  # keys: below, a tree where the root has pieces
    fewest_for_narrow_nodes: int  # keys of 8 bytes: from so many on nodes of 8,
    fewest_for_wide_nodes: int  # up to so many


CANDIDATES: Mapping[str, Sequence[float]] = {
    "fewest_for_model": (2**15, 2**17, 2**18, 2**19, 2**20),
    "enough_hits": (0.5, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97),
    "fewest_for_stages": (0, 2**18, 2**20, 2**22, NEVER),
    "fewest_for_pieces": (0, 2**20, 2**22, NEVER),
    "fewest_for_narrow_nodes": (0, 2**8, 2**11),
    "fewest_for_wide_nodes": (0, 2**17, 2**19, 2**20, 2**21, 2**22, NEVER),
}


class Regret(NamedTuple):
    """How a rule does over the grid; the smaller, the better."""

    failing: int  # cells above a limit
    lost: float  # mean of the logarithm of the time against that of the best, in nepers

    def __str__(self) -> str:
        return f"{self.failing} cells above a limit, {math.expm1(self.lost):.1%} of time lost"


def chosen_by(rule: Rule, n: int, known: Known) -> str:
    """Name what the rule chooses, as `choose` in choose.py does."""
    width = np.dtype(known.dtype).itemsize
    if n < FEWEST:
        return "none"
    if np.dtype(known.dtype).kind in "bui" and n >= FEWEST_FOR_TABLE.get(width, NEVER):
        return "direct"
    if n >= rule.fewest_for_model and suits(rule, n, known.seen):
        return "rmi"
    narrow = rule.fewest_for_narrow_nodes <= n < rule.fewest_for_wide_nodes
    return "btree8" if width == 8 and narrow else "btree16"


def suits(rule: Rule, n: int, seen: Mapping[str, float | None]) -> bool:
    """Tell whether an RMI like that is the faster choice."""
    return (
        (seen["hits"] or 0.0) >= rule.enough_hits
        and ((seen["stages"] or 0) <= 1 or n >= rule.fewest_for_stages)
        and (not seen["pieces"] or n >= rule.fewest_for_pieces)
    )


Losses = dict[Place, tuple[Known, dict[str, Regret], int]]


def losses(grid: Grid) -> Losses:
    """Judge every structure at every place: cells above a limit, time lost, and their number."""
    found: Losses = {}
    for cell in grid.cells.values():
        known, of, count = found.get(cell.place, (grid.places[cell.place], {}, 0))
        for name in cell.times:
            one = report.verdict(cell, name)
            before = of.get(name, Regret(0, 0.0))
            lost = math.log(max(one.of_best, 1.0))
            of[name] = Regret(before.failing + (not one.holds), before.lost + lost)
        found[cell.place] = known, of, count + 1
    return found


def regret(rule: Rule, judged: Losses) -> Regret:
    """Add up what a rule costs over all places."""
    failing, lost, cells = 0, 0.0, 0
    for place, (known, of, count) in judged.items():
        one = of[chosen_by(rule, place.n, known)]
        failing, lost, cells = failing + one.failing, lost + one.lost, cells + count
    return Regret(failing, lost / max(cells, 1))


def best(judged: Losses) -> Rule:
    """Find the rule that costs least; of equal ones the first."""
    rules = (Rule(*map(_number, values)) for values in itertools.product(*CANDIDATES.values()))
    return min(rules, key=lambda rule: regret(rule, judged))


def _number(value: float) -> Any:
    return value


def neighbours(rule: Rule, judged: Losses) -> Table:
    """Say what each constant would cost at its other values."""
    table = Table("each constant at its other values", ["constant", "value", "failing", "lost"])
    changed: dict[str, Any]
    for name, values in CANDIDATES.items():
        for value in values:
            changed = {name: value}
            cost = regret(rule._replace(**changed), judged)
            here = getattr(rule, name) == value
            shown = "never" if value == NEVER else f"{value:,}"
            table.add(name, shown, str(cost.failing), f"{math.expm1(cost.lost):.2%}", ours=here)
    return table


def beyond(rule: Rule, grid: Grid) -> Iterator[str]:
    """Name the cells where this rule fails."""
    chosen = {
        place: known._replace(auto=chosen_by(rule, place.n, known))
        for place, known in grid.places.items()
    }
    yield from report.failing(report.verdicts(grid._replace(places=chosen)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the file, fit, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid.refit", description=__doc__)
    parser.add_argument("--file", type=Path, default=records.FILE, help="where cells are kept")
    grid = records.read(parser.parse_args(arguments).file)
    for line in grid.spoiled:
        print(f"left out: {line}", file=sys.stderr)
    if not grid.cells:
        print("error: no cells: run python -m benchmarks.grid --write first", file=sys.stderr)
        return 2
    judged = losses(grid)
    rule = best(judged)
    print("".join(f"{line}\n" for line in beyond(rule, grid)))
    print(neighbours(rule, judged).plain())
    for name, value in rule._asdict().items():
        print(f"{name.upper()} = {value}")
    cells = len(grid.cells)
    print(f"{regret(rule, judged)} of {cells}; what auto chose: {regret_of_auto(judged)}")
    return 0


def regret_of_auto(judged: Losses) -> Regret:
    """Add up what the recorded choices of auto cost."""
    costs = [(of[known.auto], count) for known, of, count in judged.values()]
    cells = sum(count for _, count in costs)
    lost = sum(one.lost for one, _ in costs) / max(cells, 1)
    return Regret(sum(one.failing for one, _ in costs), lost)


if __name__ == "__main__":
    raise SystemExit(main())
