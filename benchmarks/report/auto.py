"""What auto chose, who is fastest, and every cell where the choice fails: from records."""

import collections
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from benchmarks import machine, record
from benchmarks.plan import FULL
from benchmarks.report.measured import Measured
from benchmarks.report.render import count
from benchmarks.suites.auto import (
    BATCHES,
    CHOOSE,
    REAL_SIZES,
    REGISTRY,
    SETS,
    SIZES,
    places,
    why_not,
)

NUMPY = "numpy"
LARGE_BATCH = 1000  # queries from which the stricter limit counts
# Of the fastest structure's time: small batches, large ones.
MOST_OF_BEST = {False: 1.4, True: 1.15}
MOST_OF_NUMPY = 1.15
FEWEST_TO_LEARN = 2**16  # fewer keys: to build an RMI takes 25 checks of their order and more
# The rule is fitted to the other sets; of each kind one is fitted, another judges the fit.
HELD_OUT = {
    *("gaia_ra_f64", "flights_3m", "gshhg_coast", "geonames_morton", "seq", "books", "wiki"),
    *("poison_greedy", "two", "tails", "outliers", "runs", "stair_fine", "equal_max", "osm@uint32"),
}


class Place(NamedTuple):
    """A key set and its length."""

    keys: str
    n: int

    @property
    def label(self) -> str:
        """Name set and size, as in ``uniform 1,000``."""
        return f"{self.keys} {self.n:,}"


Where = tuple[Place, int, str]  # a place, a batch and a processor


class Cell(Measured):
    """The times of one cell, in nanoseconds a query, by structure and round."""

    def __init__(self, one: record.Record, auto: str = "") -> None:
        super().__init__(one)
        self.auto = auto  # what auto chose there
        self.place, self.batch = Place(self.keys, self.length), self.cell.batch
        # The largest share of the best structure's time that is allowed here.
        self.limit = MOST_OF_BEST[self.batch >= LARGE_BATCH]

    @property
    def where(self) -> Where:
        """Name the place, the batch and the processor: each has its newest measurement."""
        return self.place, self.batch, self.machine.get("cpu", "")

    @functools.cached_property
    def fastest(self) -> str:
        """Name the fastest of our structures."""
        return str(self.best(name for name in self.times if name != NUMPY))

    @functools.cached_property
    def of_best(self) -> float:
        """Give the time of the choice as a share of that of the fastest structure."""
        return self.against(self.auto, self.fastest).median

    @functools.cached_property
    def of_numpy(self) -> float:
        """Give it as a share of that of `np.searchsorted`."""
        return self.against(self.auto, NUMPY).median

    @property
    def holds(self) -> bool:
        """Tell whether both limits are kept."""
        return self.of_best <= self.limit and self.of_numpy <= MOST_OF_NUMPY

    @property
    def held_out(self) -> bool:
        """Tell whether the rule was not fitted to these keys."""
        return self.keys in HELD_OUT

    def why(self) -> str:
        """Say which limits are not kept."""
        said = []
        if self.of_best > self.limit:
            said.append(f"{self.of_best:.2f} of {self.fastest}, at most {self.limit:g}")
        if self.of_numpy > MOST_OF_NUMPY:
            said.append(f"{self.of_numpy:.2f} of np.searchsorted, at most {MOST_OF_NUMPY:g}")
        return "; ".join(said)


class Known(NamedTuple):
    """What a rule may look at in a place, and what auto chose there, on whatever processor."""

    dtype: str
    seen: Mapping[str, float | None]
    auto: str
    commit: str = "?"  # which was asked


class Grid(NamedTuple):
    """All cells of some records, the newest of each processor."""

    cells: dict[Where, Cell]
    places: dict[Place, Known]

    def by_processor(self) -> dict[str, Self]:
        """Part the cells: times of two processors are never compared."""
        found: dict[str, Self] = {}
        for where, cell in self.cells.items():
            found.setdefault(where[2], self._replace(cells={})).cells[where] = cell
        return found


def read(file: Path = record.AUTO) -> Grid:
    """Read a file of records."""
    return merged(record.read(file))


def merged(lines: Iterable[record.Record]) -> Grid:
    """Merge records, the oldest first; a card is described before its cells."""
    found = Grid({}, {})
    for one in record.measured(lines):
        if one.get("suite") != "auto":
            continue
        cell = Cell(one)
        if one["verb"] == CHOOSE.verb:
            commit = cell.machine.get("commit", "?")
            found.places[cell.place] = Known(one["dtype"], one["seen"], one["chose"], commit)
        else:
            found.cells[cell.where] = cell
    return found


def judged(grid: Grid) -> list[Cell]:
    """Give every cell with what auto chose, in the order of batches, sets and sizes."""
    order = {name: number for number, name in enumerate(SETS)}
    found = [
        Cell(cell.record, grid.places[cell.place].auto)
        for cell in grid.cells.values()
        if cell.place in grid.places
    ]
    found.sort(key=lambda one: (one.batch, order.get(one.keys, len(order)), one.length))
    return found


def summary(found: list[Cell]) -> Iterator[str]:
    """Count what holds: of all sets but narrow ones, of those held out of the fit, of these."""
    parts = {
        "": [one for one in found if one.keys in REGISTRY],
        " of key sets held out of the fit": [one for one in found if one.held_out],
        " of narrow keys": [one for one in found if one.keys not in REGISTRY],
    }
    for title, cells in parts.items():
        if cells:
            small = [one for one in cells if one.batch < LARGE_BATCH]
            large = [one for one in cells if one.batch >= LARGE_BATCH]
            yield (
                f"{share(cells)} cells{title} hold: {share(large)} of batches of "
                f"{LARGE_BATCH:,} and more (at most {MOST_OF_BEST[True]:g} of the best), "
                f"{share(small)} of smaller ones ({MOST_OF_BEST[False]:g}); "
                f"{sum(one.of_numpy > MOST_OF_NUMPY for one in cells)} are above "
                f"{MOST_OF_NUMPY:g} of np.searchsorted"
            )


def share(cells: Sequence[Cell]) -> str:
    """Say how many of some cells hold."""
    return f"{sum(one.holds for one in cells)} of {len(cells)}"


def cause(one: Cell) -> str:
    """Say what kind of loss a failing cell is."""
    if one.of_best <= one.limit:
        return "what surrounds the search takes longer than NumPy's: no structure mends that"
    if one.fastest in ("pgm", "radix_spline"):
        return "a PGM or a RadixSpline is ahead, which take longer to fit than auto may"
    if {one.fastest, one.auto} == {"btree8", "btree16"}:
        return "one size of node for all batches: narrow ones suit large batches, wide ones calls"
    if one.fastest == "direct":
        return "a table of all values would take too much memory beside so few keys"
    if one.fastest == "rmi" and one.length < FEWEST_TO_LEARN:
        return "an RMI is ahead, which takes too long to build beside so few keys"
    return "near a border of the rule, or noise"


def losses(grid: Grid) -> Iterator[str]:
    """Say what holds, where, and name every cell that does not hold, cause by cause."""
    found = judged(grid)
    yield from (f"- **{line}.**" for line in summary(found))
    for card in dict.fromkeys(map(_card, grid.cells.values())):
        yield f"- {card}"
    yield from ("", "### Cells that do not hold")
    causes = collections.Counter(cause(one) for one in found if not one.holds)
    for why, cells in causes.most_common():
        yield from ("", f"#### {why[0].upper()}{why[1:]}: {cells}", "")
        yield from map(_loss, (one for one in found if not one.holds and cause(one) == why))
    yield from ([] if causes else ["", "None."])


def _loss(one: Cell) -> str:
    middle = " ".join(f"{name} {one.median(name):.3g}" for name in one.times)
    batch = f"{one.place.label}, batches of {one.batch:,}"
    return f"- {batch}: {one.auto} takes {one.why()} (ns a query: {middle})"


def _card(cell: Cell) -> str:
    return f"{machine.one_line(cell.machine)} · commit {cell.machine.get('commit', '?')}"


def missing(grid: Grid) -> Iterator[str]:
    """Say which cells are not there, and why: a line for each size and reason."""
    absent: dict[str, list[str]] = {}
    there = {(cell.place, cell.batch) for cell in grid.cells.values()}
    for name, asked in places(FULL):
        n = REAL_SIZES[name] if asked is None else asked
        lacking = [count(batch) for batch in BATCHES if (Place(name, n), batch) not in there]
        if lacking:
            what = "" if len(lacking) == len(BATCHES) else f", batches of {', '.join(lacking)}"
            absent.setdefault(f"{n:,} keys{what}: not measured yet", []).append(name)
    for name, n in itertools.product(SETS, SIZES):
        if reason := why_not(name, n):
            absent.setdefault(f"{n:,} keys: {reason}", []).append(name)
    return (f"{reason}: {', '.join(names)}" for reason, names in absent.items())


def text(grid: Grid) -> str:
    """Print what holds and what does not, processor by processor."""
    parts = grid.by_processor().items()
    return "\n".join(line for name, part in parts for line in (f"## {name}", "", *losses(part), ""))


def markdown(grid: Grid) -> str:
    """Write the whole page."""
    lines = [
        "# What auto chooses, beside all it could choose",
        "",
        "Written by `python -m benchmarks report --auto --markdown`; do not edit.",
        'An entry names what `model="auto"` chose, its time as a share of that of the fastest',
        "structure of this library, and as a share of that of `np.searchsorted`: medians of",
        "interleaved rounds, half hits and half misses, shuffled, one thread. Auto is not timed",
        "twice: it is the structure that it chose. Bold entries are above a limit. The rule of",
        f"auto was fitted to other key sets than {', '.join(sorted(HELD_OUT))}.",
        f"Auto was asked at commit {', '.join(sorted({k.commit for k in grid.places.values()}))}.",
    ]
    for processor, part in grid.by_processor().items():
        lines += ["", f"## {processor}", "", *losses(part)]
        found = judged(part)
        for batch in sorted({one.batch for one in found}):
            lines += ["", f"### Batches of {batch:,}", "", *_table(found, batch)]
        lines += [
            "",
            "### Not there",
            "",
            *([f"- {line}" for line in missing(part)] or ["Nothing."]),
        ]
    return "\n".join(lines) + "\n"


def _table(found: list[Cell], batch: int) -> Iterator[str]:
    """Lay the cells of one batch size out: sets in rows, sizes in columns, own sizes last."""
    here = {one.place: one for one in found if one.batch == batch}
    yield "| keys | " + " | ".join(map(count, SIZES)) + " | all of a real set |"
    yield "| --- " * (len(SIZES) + 2) + "|"
    for name in SETS:
        mine = {place.n: one for place, one in here.items() if place.keys == name}
        if mine:
            own = [_entry(one) for n, one in mine.items() if n not in SIZES]
            entries = [_entry(mine[n]) if n in mine else "" for n in SIZES]
            yield f"| {name} | " + " | ".join([*entries, *(own or [""])]) + " |"


def _entry(one: Cell) -> str:
    entry = f"{one.auto} {one.of_best:.2f} / {one.of_numpy:.2f}"
    return entry if one.holds else f"**{entry}**"
