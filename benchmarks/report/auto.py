"""What auto chose, who is fastest, and every cell where the choice fails: from records."""

import collections
import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import machine, record
from benchmarks.plan import FULL
from benchmarks.report.measured import Measured
from benchmarks.report.render import render
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
from benchmarks.tables import count

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
    keys: str
    n: int

    @property
    def label(self) -> str:
        return f"{self.keys} {self.n:,}"


class Known(NamedTuple):
    """What a rule may look at in a place, and what auto chose there, on whatever processor."""

    dtype: str
    seen: Mapping[str, float | None]
    auto: str
    commit: str = "?"  # which was asked


class Cell(Measured):
    """The newest times of a cell on a processor, in nanoseconds a query, and what auto chose."""

    def __init__(self, one: record.Record, known: Known) -> None:
        super().__init__(one)
        self.known, self.auto = known, known.auto
        self.place, self.batch = Place(self.keys, self.length), self.cell.batch
        self.cpu = self.machine.get("cpu", "")
        self.limit = MOST_OF_BEST[self.batch >= LARGE_BATCH]
        self.held_out = self.keys in HELD_OUT  # the rule was not fitted to these keys

    @functools.cached_property
    def fastest(self) -> str:
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
        return not self.why()

    def why(self) -> str:
        limits = (
            (self.of_best, self.fastest, self.limit),
            (self.of_numpy, "np.searchsorted", MOST_OF_NUMPY),
        )
        said = (f"{of:.2f} of {who}, at most {most:g}" for of, who, most in limits if of > most)
        return "; ".join(said)

    def cause(self) -> str:
        """Say what kind of loss a failing cell is."""
        if self.of_best <= self.limit:
            return "what surrounds the search takes longer than NumPy's: no structure mends that"
        if self.fastest in ("pgm", "radix_spline"):
            return "a PGM or a RadixSpline is ahead, which take longer to fit than auto may"
        if {self.fastest, self.auto} == {"btree8", "btree16"}:
            return (
                "one size of node for all batches: narrow ones suit large batches, wide ones calls"
            )
        if self.fastest == "direct":
            return "a table of all values would take too much memory beside so few keys"
        if self.fastest == "rmi" and self.length < FEWEST_TO_LEARN:
            return "an RMI is ahead, which takes too long to build beside so few keys"
        return "near a border of the rule, or noise"


def read(file: Path = record.AUTO) -> list[Cell]:
    return merged(record.read(file))


def merged(lines: Iterable[record.Record]) -> list[Cell]:
    """Give the newest cells of each processor, in the order of batches, sets and sizes."""
    known: dict[Place, Known] = {}
    cells: dict[tuple[str, Place, int], record.Record] = {}
    for one in record.measured(lines):
        if one.get("suite") == "auto":
            place, machine = Place(one["set"], one["length"]), one[record.MACHINE]
            if one["verb"] == CHOOSE.verb:
                asked = one["dtype"], one["seen"], one["chose"], machine.get("commit", "?")
                known[place] = Known(*asked)
            else:
                cells[machine.get("cpu", ""), place, one["batch"]] = one
    found = [Cell(one, known[at]) for (_, at, _), one in cells.items() if at in known]
    cpus, sets = (list(dict.fromkeys(of)) for of in ((one.cpu for one in found), SETS))

    def order(one: Cell) -> tuple[int, ...]:
        at = sets.index(one.keys) if one.keys in sets else len(sets)
        return cpus.index(one.cpu), one.batch, at, one.length

    return sorted(found, key=order)


def share(cells: Sequence[Cell]) -> str:
    return f"{sum(one.holds for one in cells)} of {len(cells)}"


def missing(cells: Iterable[Cell]) -> dict[str, list[str]]:
    absent: dict[str, list[str]] = {}
    there = {(cell.place, cell.batch) for cell in cells}
    for name, asked in places(FULL):
        n = REAL_SIZES[name] if asked is None else asked
        lacking = [count(batch) for batch in BATCHES if (Place(name, n), batch) not in there]
        if lacking:
            what = "" if len(lacking) == len(BATCHES) else f", batches of {', '.join(lacking)}"
            absent.setdefault(f"{n:,} keys{what}: not measured yet", []).append(name)
    for name, n in itertools.product(SETS, SIZES):
        if reason := why_not(name, n):
            absent.setdefault(f"{n:,} keys: {reason}", []).append(name)
    return absent


def page(cells: Sequence[Cell], *, whole: bool = True) -> str:
    """Write what holds and what does not, processor by processor, and all cells of the whole."""
    by_processor = itertools.groupby(cells, lambda one: one.cpu)
    parts = {name: _part(list(part)) for name, part in by_processor}
    commits = sorted({one.known.commit for one in cells})
    fitted = {"held_out": sorted(HELD_OUT), "commits": commits}
    return render("auto.md.j2", parts=parts, whole=whole, sizes=SIZES, **fitted).rstrip() + "\n"


def _part(found: Sequence[Cell]) -> dict[str, Any]:
    of = {
        "": [one for one in found if one.keys in REGISTRY],
        " of key sets held out of the fit": [one for one in found if one.held_out],
        " of narrow keys": [one for one in found if one.keys not in REGISTRY],
    }
    failed = [one for one in found if not one.holds]
    cards = (
        f"{machine.one_line(c)} · commit {c['commit']}" for c in (one.machine for one in found)
    )
    return {
        "shares": {title: _counts(cells) for title, cells in of.items() if cells},
        "cards": sorted(set(cards)),
        "causes": collections.Counter(one.cause() for one in failed).most_common(),
        "failed": failed,
        "batches": {
            batch: _by_set([one for one in found if one.batch == batch])
            for batch in sorted({one.batch for one in found})
        },
        "missing": missing(found),
    }


def _counts(cells: Sequence[Cell]) -> tuple[str, str, str, int]:
    """Count what holds: all, large batches, small ones; and what NumPy beats."""
    large = [one for one in cells if one.batch >= LARGE_BATCH]
    small = [one for one in cells if one.batch < LARGE_BATCH]
    beaten = sum(one.of_numpy > MOST_OF_NUMPY for one in cells)
    return share(cells), share(large), share(small), beaten


def _by_set(cells: Sequence[Cell]) -> dict[str, dict[int, Cell]]:
    """Lay the cells of a batch size out: sets in rows, sizes in columns."""
    rows = {name: {one.length: one for one in cells if one.keys == name} for name in SETS}
    return {name: row for name, row in rows.items() if row}
