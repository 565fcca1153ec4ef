"""Fit the constants of `model="auto"` to records: ``python -m benchmarks refit``.

Reads the cells of results/auto.jsonl and of results/measured.jsonl, tries every combination of
candidate constants on the key sets that are not held out, and prints the one of least regret, what
every constant would cost at its other values, and what the rule costs on either part of the key
sets. Copy the constants to `learnedidx/models/choose.py`; ``python -m benchmarks run auto --batches
--again --keep`` then asks auto anew.

Regret is the time of what the rule chooses over that of the fastest structure that it may choose.
The worst regret of batches of 1,000 and more counts, of all processors; of rules that are within
`NOISE` of each other there, the mean over all cells.
"""

import argparse
import itertools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import plan, record
from benchmarks.report import auto
from benchmarks.report.auto import HELD_OUT, Cell, Known, Place
from benchmarks.report.measured import Measured
from benchmarks.tables import Table

FEWEST = 64  # below, all structures search the keys themselves
FEWEST_FOR_TABLE = {1: 64, 2: 2**14}  # by bytes of a key: what a table may take of memory
MAY_CHOOSE = ("rmi", "btree8", "btree16")  # where the constants have a say
ALL_EQUAL = 0.9999  # of sampled keys, so many equal the one before
LOOKUP = plan.Cell("batch", "mixed", plan.REQUIRED.main_batch)  # of other suites
NOISE = 0.05  # a cell that is measured again differs by so much


class Rule(NamedTuple):
    """The constants of the rule; their names in choose.py are the same in capitals."""

    fewest_for_model: float  # keys: below, a tree
    misses_a_doubling: float  # share of first windows that may miss there, and for each doubling
    keys_a_stage: float  # so many times more keys for each stage beyond two
    fewest_for_narrow_nodes: float  # keys of 8 bytes: from so many on nodes of 8,
    fewest_for_wide_nodes: float  # up to so many


NEVER = 2**62
CANDIDATES: Mapping[str, Sequence[float]] = {
    "fewest_for_model": (auto.FEWEST_TO_LEARN, 2**17, 2**18, 2**19, 2**20),
    "misses_a_doubling": (1 / 128, 1 / 64, 1 / 32, 1 / 16),
    "keys_a_stage": (1, 4, 8, 16, 32, 64, 128, NEVER),
    "fewest_for_narrow_nodes": (0, 2**8, 2**11),
    "fewest_for_wide_nodes": (0, 2**17, 2**19, 2**20, 2**21, 2**22, 2**23, NEVER),
}


class Regret(NamedTuple):
    worst: float  # of batches of 1,000 and more
    lost: float  # mean of the logarithm over all cells, in nepers

    def order(self) -> tuple[int, float]:
        """Give what is smaller for the better of two rules."""
        return math.ceil((self.worst - 1) / NOISE), self.lost

    def __str__(self) -> str:
        return f"at worst {self.worst:.2f} of the best, {math.expm1(self.lost):.1%} of time lost"


def settled(n: int, dtype: str) -> str | None:
    """Name what is chosen whatever the constants are, if it is."""
    width, kind = np.dtype(dtype).itemsize, np.dtype(dtype).kind
    if n < FEWEST:
        return "none"
    if width <= 2:
        return "direct" if kind in "bui" and n >= FEWEST_FOR_TABLE[width] else "btree16"
    return None


def chosen_by(rule: Rule, n: int, known: Known) -> str:
    """Name what the rule chooses, as `choose` in choose.py does.

    That one also rejects what it could not take before it is built (`may_suit`).
    """
    if (name := settled(n, known.dtype)) is not None:
        return name
    if (known.seen["duplicates"] or 0.0) < ALL_EQUAL and suits(rule, n, known.seen):
        return "rmi"
    narrow = rule.fewest_for_narrow_nodes <= n < rule.fewest_for_wide_nodes
    return "btree8" if np.dtype(known.dtype).itemsize == 8 and narrow else "btree16"


def suits(rule: Rule, n: int, seen: Mapping[str, float | None]) -> bool:
    """Tell whether an RMI like that is the faster choice."""
    further = max(int(seen["stages"] or 0) - 1, 0)
    times = n / (rule.fewest_for_model * rule.keys_a_stage**further)
    misses = 1 - (seen["hits"] or 0.0)
    enough = times >= 1 and not seen["pieces"]
    return enough and misses <= rule.misses_a_doubling * math.log2(2 * times)


class Loss(NamedTuple):
    """The regrets of one structure in the cells of a place."""

    large: list[float]  # of batches of 1,000 and more
    logarithms: list[float]  # of all


Losses = dict[tuple[str, Place], tuple[Known, dict[str, Loss]]]  # by processor and place


def losses(cells: Iterable[Cell]) -> Losses:
    """Judge every structure at every place of every processor."""
    found: Losses = {}
    for cell in cells:
        if settled(cell.length, cell.known.dtype):
            continue
        _, of = found.setdefault((cell.cpu, cell.place), (cell.known, {}))
        may = MAY_CHOOSE if cell.length >= auto.FEWEST_TO_LEARN else MAY_CHOOSE[1:]
        names = [name for name in may if name in cell.times]
        best = str(cell.best(names))
        for name in names:
            regret = max(cell.against(name, best).median, 1.0)
            mine = of.setdefault(name, Loss([], []))
            mine.logarithms.append(math.log(regret))
            if cell.batch >= auto.LARGE_BATCH:
                mine.large.append(regret)
    return found


def part(judged: Losses, *, held_out: bool) -> Losses:
    """Take the key sets that are held out, or the others."""
    return {at: one for at, one in judged.items() if (at[1].keys in HELD_OUT) == held_out}


def with_lookups(cells: Sequence[Cell], file: Path = record.KEPT) -> list[Cell]:
    """Add the newest lookups of the other suites, over keys of which enough is known."""
    known = {one.place: one.known for one in cells}
    more = {}
    for one in map(Measured, record.measured(record.read(file))):
        at = Place(one.keys, one.length)
        if one.cell == LOOKUP and at in known:
            more[one.machine["cpu"], at] = Cell(one.record, known[at])
    return [*more.values(), *cells]


def regret(rule: Rule | None, judged: Losses) -> Regret:
    """Add up what a rule costs over all places, or without one what auto chose."""
    found = []
    for (_, place), (known, of) in judged.items():
        name = known.auto if rule is None else chosen_by(rule, place.n, known)
        if name in of:  # the lookups have not timed all
            found.append(of[name])
    worst = max((each for loss in found for each in loss.large), default=1.0)
    return Regret(worst, statistics.fmean([e for loss in found for e in loss.logarithms] or [0.0]))


def best(judged: Losses) -> Rule:
    """Find the rule that costs least; of equal ones the first."""
    rules = (Rule(*values) for values in itertools.product(*CANDIDATES.values()))
    return min(rules, key=lambda rule: regret(rule, judged).order())


def neighbours(rule: Rule, judged: Losses) -> Table:
    """Say what each constant would cost at its other values."""
    table = Table("each constant at its other values", ["constant", "value", "worst", "lost"])
    for name, value in ((name, each) for name, values in CANDIDATES.items() for each in values):
        cost = regret(rule._replace(**{name: value}), judged)
        shown = "never" if value == NEVER else f"{value:,.4g}" if value < 1 else f"{value:,}"
        table.add(name, shown, f"{cost.worst:.2f}", f"{math.expm1(cost.lost):.2%}")
    return table


def verdicts(rule: Rule, judged: Losses) -> Table:
    """Say what the rule costs each processor, over the sets it is fitted to and the others."""
    title = "time over that of the fastest that auto may choose, batches of 1,000 and more"
    table = Table(title, ["processor", "sets", "cells", "mean", "worst", "second", "worst of"])
    for processor, held_out in itertools.product(dict.fromkeys(at[0] for at in judged), (0, 1)):
        found = sorted(
            (
                (regret, place.label)
                for (at, place), (known, of) in part(judged, held_out=bool(held_out)).items()
                if at == processor and (name := chosen_by(rule, place.n, known)) in of
                for regret in of[name].large
            ),
            reverse=True,
        )
        if found:
            (first, label), (second, _) = found[0], found[min(1, len(found) - 1)]
            mean = statistics.fmean(regret for regret, _ in found)
            cells = [str(len(found)), f"{mean:.3f}", f"{first:.2f}", f"{second:.2f}", label]
            table.add(processor, "held out" if held_out else "fitted", *cells)
    return table


def show(chosen: argparse.Namespace) -> int:
    cells = auto.read(chosen.file)
    if not cells:
        raise ValueError("no cells: run python -m benchmarks run auto first")
    judged = losses(with_lookups(cells, chosen.file.with_name(record.KEPT.name)))
    fitted = part(judged, held_out=False)
    rule = best(fitted)
    print(neighbours(rule, fitted).plain())
    print(verdicts(rule, judged).plain())
    for name, value in rule._asdict().items():
        print(f"{name.upper()} = {value}")
    print(f"{regret(rule, fitted)}; what auto chose: {regret(None, fitted)}")
    return 0
