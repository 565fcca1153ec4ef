"""The counted B+-tree of cpp/include beside ``absl::btree_map``, in C++: maps of uint64 to uint64.

The program benchmarks/absl_map times all verbs over a key set in one process, in interleaved
rounds, and compares the answers; a cell is one verb of it. Beside what only the tree does stands
its own ``find``, beside its bulk load ``memcpy`` into new pages, and into used ones. The
percentiles of single inserts are by the clock on the wall, and hold what other processes took.
"""

import functools
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

import datasets
from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed

SOURCE = Path(__file__).resolve().parent.parent / "absl_map"
SIZES = {"full": (MILLION, 10 * MILLION), "small": (100_000,), "tiny": (2_000,)}
HARD = ("dense-plus-outliers",)
HOT = ("hot-gap", "hot-gaps-in-turn")
GAPS = 64
random = np.random.default_rng

Pair = tuple[Array, Array]  # what is loaded, and what is inserted in which order


def held_out(keys: Array, n: int) -> Pair:
    """Load n of the distinct keys and insert half as many others, at most a million, shuffled."""
    distinct = np.unique(keys)
    n = min(n, len(distinct) * 9 // 10)
    extra = min(n // 2, 10**6, len(distinct) - n)
    chosen = random(7).permutation(len(distinct))[: n + extra]
    return np.sort(distinct[chosen[:n]]), distinct[chosen[n:]]


def sequential(n: int) -> Pair:
    """Keys in ascending order, as time stamps come."""
    keys = np.arange(n + min(n // 2, 10**6), dtype=np.uint64) * np.uint64(16)
    return keys[:n], keys[n:]


def hot_gap(n: int, *, in_turn: bool = False) -> Pair:
    """64 gaps, filled from their top down, one after the other or each getting a key in turn."""
    step = np.uint64(2**20)
    loaded = np.arange(n, dtype=np.uint64) * step
    each = min(n // 2, 10**6) // GAPS
    starts = loaded[np.linspace(0, n - 2, GAPS).astype(np.int64)]
    down = np.arange(each, 0, -1, dtype=np.uint64)
    inserted = starts[:, None] + down[None, :]
    return loaded, (inserted.T if in_turn else inserted).ravel()


def dense_plus_outliers(n: int) -> Pair:
    """Runs of up to 4096 consecutive keys, exponentially far apart, and outliers near 2^64."""
    rng = random(3)
    lengths = rng.integers(1, 4097, n * 2 // 2048 + 64)
    starts = np.exp2(rng.uniform(20, 63, len(lengths))).astype(np.uint64)
    runs = [at + np.arange(n, dtype=np.uint64) for at, n in zip(starts, lengths, strict=True)]
    far = np.uint64(2**64 - 2) - rng.integers(0, 10**6, 1000).astype(np.uint64)
    return held_out(np.concatenate([*runs, far]), n)


SETS: dict[str, Callable[[int], Pair]] = {
    "uniform": lambda n: held_out(random(1).integers(0, 2**62, n * 2, dtype=np.uint64), n),
    "lognormal": lambda n: held_out((random(2).lognormal(0, 2, n * 2) * 1e12).astype("u8"), n),
    "sequential": sequential,
    "hot-gap": hot_gap,
    "hot-gaps-in-turn": lambda n: hot_gap(n, in_turn=True),
    "dense-plus-outliers": dense_plus_outliers,
    "gshhg_coast": lambda n: held_out(datasets.load("gshhg_coast"), n),
}


class Floor(NamedTuple):
    """How many times better than a rival the tree should be; less on hard or on hot keys."""

    usual: float | None = None
    hard: float | None = None
    hot: float | None = None
    rival: str = "absl"


FLOORS = {
    "find": Floor(2.0, hard=1.6),
    "lower_bound": Floor(2.5, hard=2.2),
    "scan of 100": Floor(3.0),
    "insert": Floor(1.3, hard=1.2, hot=0.8),
    "erase": Floor(1.2, hard=1.1),
    "bulk load": Floor(5.0),
    "bulk load, used pages": Floor(rival="memcpy"),
    "sorted batch": Floor(15.0, hot=0.8),
    "find_many": Floor(rival="find"),
    "rank": Floor(1 / 1.05, rival="find"),
    "select": Floor(1 / 0.7, rival="find"),
    "insert, median": Floor(),
    "insert, 99.9 %": Floor(1.0),
    "insert, 99.99 %": Floor(1 / 2),
    "insert, slowest": Floor(),
    "bytes, loaded": Floor(1 / 1.1),
    "bytes, after inserts": Floor(1 / 1.3),
}
OTHER = {"sorted batch": "insert", "bulk load, used pages": "bulk load"}  # what the rest is of


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Pick a cell out of the numbers of the program, which runs once a place."""
    name, n = subject.keyset.name, len(subject.keyset.keys)
    return Timed(pick(run(name, n, plan.rounds_of(cell, n)), cell.verb))


def pick(found: Mapping[str, list[float]], verb: str) -> dict[str, list[float]]:
    """Give the numbers of a verb, the tree before its rivals."""
    there: dict[str, list[float]] = {}
    for who in ("tree", "absl", "memcpy"):
        for name in (f"{verb}/{who}", f"{OTHER.get(verb)}/{who}"):
            if name in found:
                there.setdefault(who, found[name])
    return there | ({"find": found["find/tree"]} if FLOORS[verb].rival == "find" else {})


@functools.lru_cache(maxsize=1)
def run(name: str, n: int, rounds: int) -> Mapping[str, list[float]]:
    """Run the program over a key set; give its numbers by verb/contender."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, "loaded"), Path(folder, "inserted")]
        for keys, file in zip(SETS[name](n), files, strict=True):
            keys.astype("<u8").tofile(file)
        command = [str(build()), *map(str, files), str(rounds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    numbers: dict[str, list[float]] = {}
    for line in done.stdout.splitlines():
        what, _, number = line.rpartition("/")
        numbers.setdefault(what, []).append(float(number))
    return numbers


@functools.cache
def build() -> Path:
    """Compile the program once, and give its place."""
    return native.program(SOURCE, "absl_map", "libabsl-dev")


def _load(name: str, n: int | None, seed: int) -> KeySet:
    build()  # a place without the program is left out
    return KeySet(name, SETS[name](n or MILLION)[0])


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    floor = FLOORS[cell.verb]
    special = floor.hard if place.keys in HARD else floor.hot if place.keys in HOT else None
    least = floor.usual if special is None else special
    return {} if least is None else {floor.rival: Bound(least)}


TREE = Suite(
    "tree",
    "the sorted tree in C++ beside absl::btree_map",
    "ns or bytes",
    lambda plan: plan.usual(["uniform", *HOT] if plan.name == "tiny" else SETS, plan.pick(SIZES)),
    lambda plan: [*map(Cell, FLOORS)],
    measure,
    load=_load,
    bounds=_bounds,
)
