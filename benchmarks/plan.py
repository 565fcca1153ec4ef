"""What is measured: places, which are key sets of a size, and the cells of a place."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from datasets.registry import REAL
from datasets.synthetic import SYNTHETIC

OURS = ("auto", "rmi", "pgm", "radix_spline", "btree8", "btree16", "none")
RIVALS = ("numpy", "pandas", "polars", "absl", "pygm", "btrees", "sortedcontainers", "bisect")
CONTENDERS = (*OURS, *RIVALS)

# The telling sets first, so that a run that is stopped has said most.
FIRST = ("uniform", "lognormal", "osm", "gaia_source_id", "geonames_morton", "ip4_asn")
SYNTHETIC_FIRST = (*FIRST[:3], *(name for name in SYNTHETIC if name not in FIRST))
REAL_FIRST = (*FIRST[3:], *(name for name in REAL if name not in FIRST))
MANY_KEYS = ("uniform", "lognormal", "osm")  # the only sets of more than 10^7 made keys
LARGE_REAL = ("gshhg_coast", "flights_3m")  # more than 10^6 keys of their own
SMALL_SETS = (*FIRST, "books", "fb", "wiki", "poison", "geonames_id", "gaia_ra_f64")

MILLION = 10**6
T = TypeVar("T")
OWN = "own"  # what a run over someone's own keys calls its plan


class Cell(NamedTuple):
    """One thing that is timed over the keys of a place, for all contenders side by side."""

    verb: str  # "build", "single", "batch", or what another suite times
    workload: str = ""
    batch: int = 0  # queries in a call

    @property
    def label(self) -> str:
        """Name the cell, as in ``mixed by 1,000``."""
        if self.batch:
            return f"{self.workload} by {self.batch:,}"
        return f"{self.verb} {self.workload}".strip()


class Place(NamedTuple):
    """Keys: the name of a set and how many of it; None for all that a real set has."""

    keys: str
    n: int | None


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is measured, and how thoroughly."""

    name: str
    sizes: tuple[int, ...]
    sets: tuple[str, ...]
    batches: tuple[int, ...]
    main_batch: int  # the batch that every workload is asked in
    rounds: int  # the seed of their shuffled order too
    queries: int  # a round, in as many calls as that takes: the first ones find cold caches
    loop_sample: int  # the same for rivals that need one Python call each
    most_calls: int = 2_000
    minutes: float | None = None  # nothing new is started after these
    seed: int = 1
    workloads: tuple[str, ...] = ("sorted", "zipf", "hits", "misses")  # beside mixed ones
    contenders: tuple[str, ...] = CONTENDERS  # where the command line names none
    at: tuple[Place, ...] = ()  # these places, and all rounds of every cell

    def cells(self) -> tuple[Cell, ...]:
        return (
            Cell("build"),
            Cell("batch", "mixed", self.main_batch),
            Cell("single", "mixed"),
            *(Cell("batch", "mixed", size) for size in self.batches if size != self.main_batch),
            *(Cell("batch", name, self.main_batch) for name in self.workloads),
        )

    def places(self) -> Iterator[Place]:
        """List the places, small ones first."""
        if self.at:
            yield from (p for p in self.at if p.keys in self.sets and p.n in (None, *self.sizes))
            return
        for size in self.sizes:
            for name in SYNTHETIC_FIRST:
                if name in self.sets and (size <= 10 * MILLION or name in MANY_KEYS):
                    yield Place(name, size)
            if size <= MILLION:
                for name in REAL_FIRST:
                    if name in self.sets and (size < MILLION // 4 or name in LARGE_REAL):
                        yield Place(name, size)
            if size == self.sizes[min(1, len(self.sizes) - 1)]:
                yield from (Place(name, None) for name in REAL_FIRST if name in self.sets)

    def largest(self, *most: int) -> list[int]:
        """Give the largest size that is no larger than each of these."""
        found = (max((n for n in self.sizes if n <= one), default=one) for one in most)
        return list(dict.fromkeys(found))

    def pick(self, by_plan: Mapping[str, T]) -> T:
        """Pick what a suite has for this plan, else what it has for the full one."""
        return by_plan.get(self.name, by_plan["full"])

    def usual(self, sets: Iterable[str], sizes: Iterable[int | None]) -> Iterator[Place]:
        """List the places of a suite with sets and sizes of its own, or what is asked for."""
        plan = PLANS[self.name]
        for size in sizes if self.sizes == plan.sizes else self.sizes:
            for name in sets:
                if self.takes(name):
                    yield Place(name, size)

    def takes(self, name: str) -> bool:
        """Tell whether a set that no plan names is measured: unless others are asked for."""
        return self.sets == PLANS[self.name].sets or name in self.sets

    def calls_of(self, cell: Cell) -> int:
        """Say how many calls are timed together: short ones need many to be seen by a clock."""
        return max(1, min(self.most_calls, self.queries // cell.batch))

    def rounds_of(self, cell: Cell, n: int) -> int:
        """Say how many rounds a cell gets: long ones get few."""
        if self.at:
            return self.rounds
        if cell.verb == "build":
            return min(self.rounds, 3) if n <= 2 * MILLION else 1
        is_lookup = cell.verb == "single" or cell.batch > 0
        is_long = cell.batch >= 10 * MILLION if is_lookup else n >= 10 * MILLION
        return min(self.rounds, 3) if is_long else self.rounds


FULL = Plan(
    "full",
    sizes=(10**4, 10**5, MILLION, 10 * MILLION, 100 * MILLION),
    sets=(*SYNTHETIC_FIRST, *REAL_FIRST),
    batches=(1, 8, 64, 1_000, 10**5, MILLION, 10 * MILLION),
    main_batch=MILLION,
    rounds=7,
    queries=MILLION,
    loop_sample=100_000,
)
SMALL = Plan(
    "small",
    sizes=(10**4, 10**5),
    sets=SMALL_SETS,
    batches=(1, 64, 1_000, 10**5),
    main_batch=10**5,
    rounds=5,
    queries=100_000,
    loop_sample=10_000,
    most_calls=500,
    minutes=5.0,
)
TINY = Plan(  # to see that it runs
    "tiny",
    sizes=(2_000, 10_000),
    sets=("uniform", "osm"),
    batches=(1, 1_000),
    main_batch=1_000,
    rounds=2,
    queries=2_000,
    loop_sample=200,
)
TRAPS = (
    *("one_outlier", "many_outliers", "fb", "poison", "stair", "stair_equal", "equal", "two"),
    *("expgap", "runs"),
)
JUDGED = ("uniform", "lognormal", "osm", "gshhg_coast", "ip4_asn", "geonames_morton")
REQUIRED = Plan(  # what `benchmarks.required` has floors for
    "required",
    sizes=(10**5, MILLION, 8 * MILLION, 10 * MILLION, 50 * MILLION, 100 * MILLION),
    sets=JUDGED,
    batches=(1, 8, 64, 512, 4096),
    main_batch=2 * MILLION,
    rounds=7,
    queries=2 * MILLION,
    loop_sample=100_000,
    workloads=("sorted", "clustered"),
    contenders=(*OURS[:-1], "pgm8", "pgm12", "pgm14", "btree", "numpy", "take"),
    at=(
        *(Place(name, None) for name in ("geonames_morton", "ip4_asn", "gshhg_coast")),
        *(Place(name, n) for n in (10**5, MILLION, 10**7) for name in ("uniform", "lognormal")),
        *(Place("osm", n) for n in (10**7, 5 * 10**7)),
        *(Place(name, 10**8) for name in ("uniform", "lognormal")),
    ),
)
PLANS = {plan.name: plan for plan in (FULL, SMALL, TINY, REQUIRED)}


def seconds_expected(cell: Cell, n: int, plan: Plan) -> float:
    """Guess how long a cell takes, all contenders together; a run corrects it as it goes."""
    rounds = plan.rounds_of(cell, n) + 1
    if cell.verb == "build":
        return rounds * n * 2e-6 + 1.0
    if cell.verb not in ("single", "batch"):
        return rounds * n * 1e-6 + 1.0
    slow = 1.0 + n / (10 * MILLION)  # memory: the nanoseconds of a lookup grow with the keys
    if cell.verb == "single":
        return 0.3 + rounds * 0.02 * slow
    calls = plan.calls_of(cell)
    return 0.2 + rounds * (calls * 2e-4 + calls * cell.batch * 0.5e-6 * slow)
