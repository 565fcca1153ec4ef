"""The grid as text: what auto chose, who is fastest, and every cell where the choice fails."""

import collections
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks import machine
from benchmarks.grid.cells import (
    BATCHES,
    FEWEST_TO_LEARN,
    REGISTRY,
    SETS,
    SIZES,
    Place,
    places,
    why_not,
)
from benchmarks.grid.records import Cell, Grid, cards
from benchmarks.grid.timing import NUMPY
from benchmarks.tables import size_text

LARGE_BATCH = 1000  # queries from which the stricter limit counts
MOST_OF_BEST = {
    False: 1.4,
    True: 1.15,
}  # of the fastest structure's time: small batches, large ones
MOST_OF_NUMPY = 1.15


class Verdict(NamedTuple):
    """What auto chose in one cell, beside the best of all structures and beside NumPy."""

    cell: Cell
    auto: str
    best: str
    of_best: float
    of_numpy: float

    @property
    def limit(self) -> float:
        """Give the largest share of the best structure's time that is allowed here."""
        return MOST_OF_BEST[self.cell.batch >= LARGE_BATCH]

    @property
    def holds(self) -> bool:
        """Tell whether both limits are kept."""
        return self.of_best <= self.limit and self.of_numpy <= MOST_OF_NUMPY

    def why(self) -> str:
        """Say which limits are not kept."""
        said = []
        if self.of_best > self.limit:
            said.append(f"{self.of_best:.2f} of {self.best}, at most {self.limit:g}")
        if self.of_numpy > MOST_OF_NUMPY:
            said.append(f"{self.of_numpy:.2f} of np.searchsorted, at most {MOST_OF_NUMPY:g}")
        return "; ".join(said)


def verdict(cell: Cell, auto: str) -> Verdict:
    """Judge one cell for one choice."""
    best = cell.best()
    return Verdict(
        cell, auto, best, cell.against(auto, best).median, cell.against(auto, NUMPY).median
    )


def verdicts(grid: Grid) -> list[Verdict]:
    """Judge every cell, in the order of sets, sizes and batches."""
    order = {name: number for number, name in enumerate(SETS)}
    ordered = sorted(
        grid.cells.values(),
        key=lambda cell: (cell.batch, order.get(cell.place.keys, len(order)), cell.place.n),
    )
    return [verdict(cell, grid.places[cell.place].auto) for cell in ordered]


def summary(found: list[Verdict]) -> Iterator[str]:
    """Count what holds: of the registry's sets, then of the narrow ones."""
    for title, registry in (("", True), (" of narrow keys", False)):
        judged = [one for one in found if (one.cell.place.keys in REGISTRY) == registry]
        if judged:
            small = [one for one in judged if one.cell.batch < LARGE_BATCH]
            large = [one for one in judged if one.cell.batch >= LARGE_BATCH]
            yield (
                f"{_share(judged)} cells{title} hold: {_share(large)} of batches of "
                f"{LARGE_BATCH:,} and more (at most {MOST_OF_BEST[True]:g} of the best), "
                f"{_share(small)} of smaller ones ({MOST_OF_BEST[False]:g}); "
                f"{sum(one.of_numpy > MOST_OF_NUMPY for one in judged)} are above "
                f"{MOST_OF_NUMPY:g} of np.searchsorted"
            )


def _share(judged: list[Verdict]) -> str:
    return f"{sum(one.holds for one in judged)} of {len(judged)}"


def failing(found: list[Verdict]) -> Iterator[str]:
    """Name every cell that does not hold, and why."""
    for one in found:
        if not one.holds:
            middle = " ".join(
                f"{name} {sorted(taken)[len(taken) // 2]:.3g}"
                for name, taken in one.cell.times.items()
            )
            yield (
                f"{one.cell.place.label}, batches of {one.cell.batch:,}: {one.auto} takes "
                f"{one.why()} (ns a query: {middle})"
            )


def cause(one: Verdict) -> str:
    """Say what kind of loss a failing cell is."""
    if one.of_best <= one.limit:
        return "what surrounds the search takes longer than NumPy's: no structure mends that"
    if one.best in ("pgm", "radix_spline"):
        return "a PGM or a RadixSpline is ahead, which take longer to fit than auto may"
    if {one.best, one.auto} == {"btree8", "btree16"}:
        return "one size of node for all batches: narrow ones suit large batches, wide ones calls"
    if one.best == "direct":
        return "a table of all values would take too much memory beside so few keys"
    if one.best == "rmi" and one.cell.place.n < FEWEST_TO_LEARN:
        return "an RMI is ahead, which takes too long to build beside so few keys"
    return "near a border of the rule, or noise"


def failing_by_cause(found: list[Verdict]) -> Iterator[str]:
    """Name every cell that does not hold, in groups: why auto does not take the best there."""
    causes = collections.Counter(cause(one) for one in found if not one.holds)
    for text, count in causes.most_common():
        yield from ("", f"#### {text[0].upper()}{text[1:]}: {count}", "")
        yield from (f"- {line}" for line in failing([one for one in found if cause(one) == text]))


def missing(grid: Grid) -> Iterator[str]:
    """Say which cells of the grid are not there, and why: a line for each reason and size."""
    absent: dict[str, list[str]] = {}
    there = {(cell.place, cell.batch) for cell in grid.cells.values()}
    for place in places(SETS, SIZES):
        lacking = [size_text(b) for b in BATCHES if (place, b) not in there]
        if lacking:
            what = "" if len(lacking) == len(BATCHES) else f" batches {', '.join(lacking)}"
            absent.setdefault(f"{place.n:,} keys: not measured yet", []).append(place.keys + what)
    for name in SETS:
        for n in SIZES:
            if reason := why_not(Place(name, n)):
                absent.setdefault(f"{n:,} keys: {reason}", []).append(name)
    for reason, names in absent.items():
        yield f"{reason}: {', '.join(names)}"


def text(grid: Grid) -> str:
    """Print what holds and what does not, processor by processor."""
    lines = list(grid.spoiled)
    for part in grid.by_processor().values():
        found = verdicts(part)
        lines += [*failing(found), *summary(found), *map(_card, cards(part.cells.values()))]
    return "".join(f"{line}\n" for line in lines)


def _card(card: object) -> str:
    assert isinstance(card, dict)
    return f"{machine.one_line(card)} · commit {card.get('commit', '?')}"


def markdown(grid: Grid) -> str:
    """Write the whole page."""
    parts = grid.by_processor()
    lines = [
        "# What auto chooses, beside all it could choose",
        "",
        "Written by `python -m benchmarks.grid --markdown` from `grid.jsonl`; do not edit.",
        'An entry names what `model="auto"` chose, its time as a share of that of the fastest',
        "structure of this library, and as a share of that of `np.searchsorted`: medians of",
        "interleaved rounds, half hits and half misses, shuffled, one thread. Auto is not timed",
        "twice: it is the structure that it chose. Bold entries are above a limit.",
        *(["", *(f"- spoiled: {line}" for line in grid.spoiled)] if grid.spoiled else []),
    ]
    for processor, part in parts.items():
        lines += ["", f"## {processor}", "", *_of_processor(part)]
    return "\n".join(lines) + "\n"


def _of_processor(grid: Grid) -> Iterator[str]:
    """Write the part of the page that one processor has."""
    found = verdicts(grid)
    yield from (f"- **{line}.**" for line in summary(found))
    yield from (f"- {_card(card)}" for card in cards(grid.cells.values()))
    yield from ("", "### Cells that do not hold")
    yield from failing_by_cause(found) if any(not one.holds for one in found) else ("", "None.")
    for batch in sorted({one.cell.batch for one in found}):
        yield from ("", f"### Batches of {batch:,}", "", *_table(found, batch))
    yield from ("", "### Not there", "", *([f"- {line}" for line in missing(grid)] or ["Nothing."]))


def _table(found: list[Verdict], batch: int) -> Iterator[str]:
    """Lay the cells of one batch size out: sets in rows, sizes in columns, own sizes last."""
    here = {one.cell.place: one for one in found if one.cell.batch == batch}
    yield "| keys | " + " | ".join(size_text(n) for n in SIZES) + " | all of a real set |"
    yield "| --- " * (len(SIZES) + 2) + "|"
    for name in SETS:
        mine = {place.n: one for place, one in here.items() if place.keys == name}
        if mine:
            own = [_entry(one) for n, one in mine.items() if n not in SIZES]
            entries = [_entry(mine[n]) if n in mine else "" for n in SIZES]
            yield f"| {name} | " + " | ".join([*entries, *(own or [""])]) + " |"


def _entry(one: Verdict) -> str:
    entry = f"{one.auto} {one.of_best:.2f} / {one.of_numpy:.2f}"
    return entry if one.holds else f"**{entry}**"
