"""Containers of C++ beside those of others: a program for each, in benchmarks/native.

A program times all verbs over one kind of keys in one process, in interleaved rounds, by the
processor time of each thread, and compares the answers; a cell is one verb of it. In the suite
``tree``, beside what only the tree does stands its own ``find``, beside its bulk load ``memcpy``
into new pages, and into used ones. The percentiles of single inserts are by the clock on the wall,
and hold what other processes took.
"""

import functools
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

import datasets
from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed

GAPS = 64
OURS = ("tree", "learnedidx")
SIZES = {"tree": (MILLION, 10 * MILLION), "memtable": (MILLION,)}
random = np.random.default_rng
Pair = tuple[Array, Array]  # what is loaded, and what is inserted in which order
Numbers = dict[str, dict[str, list[float]]]  # of a program, by verb and contender


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
    loaded = np.arange(n, dtype=np.uint64) * np.uint64(2**20)
    each = min(n // 2, 10**6) // GAPS
    starts = loaded[np.linspace(0, n - 2, GAPS).astype(np.int64)]
    inserted = starts[:, None] + np.arange(each, 0, -1, dtype=np.uint64)[None, :]
    return loaded, (inserted.T if in_turn else inserted).ravel()


def dense_plus_outliers(n: int) -> Pair:
    """Runs of up to 4096 consecutive keys, exponentially far apart, and outliers near 2^64."""
    rng = random(3)
    lengths = rng.integers(1, 4097, n * 2 // 2048 + 64)
    starts = np.exp2(rng.uniform(20, 63, len(lengths))).astype(np.uint64)
    runs = [at + np.arange(n, dtype=np.uint64) for at, n in zip(starts, lengths, strict=True)]
    far = np.uint64(2**64 - 2) - rng.integers(0, 10**6, 1000).astype(np.uint64)
    return held_out(np.concatenate([*runs, far]), n)


MAPS: dict[str, Callable[[int], Pair]] = {
    "uniform": lambda n: held_out(random(1).integers(0, 2**62, n * 2, dtype=np.uint64), n),
    "lognormal": lambda n: held_out((random(2).lognormal(0, 2, n * 2) * 1e12).astype("u8"), n),
    "sequential": sequential,
    "hot-gap": hot_gap,
    "hot-gaps-in-turn": lambda n: hot_gap(n, in_turn=True),
    "dense-plus-outliers": dense_plus_outliers,
    "gshhg_coast": lambda n: held_out(datasets.load("gshhg_coast"), n),
}
KINDS = {"8 random bytes": "8", "16 bytes, 8 shared": "16", "40 bytes, like URLs": "40"}

# How many times better than a rival each verb is required to be; less over some keys.
Floors = Mapping[str, Mapping[str, float]]
TREE_FLOORS: Floors = {
    "find": {"absl": 2.0},
    "lower_bound": {"absl": 2.5},
    "scan of 100": {"absl": 3.0},
    "insert": {"absl": 1.3},
    "erase": {"absl": 1.2},
    "bulk load": {"absl": 5.0},
    "bulk load, used pages": {},
    "sorted batch": {"absl": 15.0},
    "find_many": {},
    "rank": {"find": 1 / 1.05},
    "select": {"find": 1 / 0.7},
    "insert, median": {},
    "insert, 99.9 %": {"absl": 1.0},
    "insert, 99.99 %": {"absl": 1 / 2},
    "insert, slowest": {},
    "bytes, loaded": {"absl": 1 / 1.1},
    "bytes, after inserts": {"absl": 1 / 1.3},
}
HOT = {"insert": 0.8, "sorted batch": 0.8}
LESS: Floors = {
    "dense-plus-outliers": {"find": 1.6, "lower_bound": 2.2, "insert": 1.2, "erase": 1.1},
    "hot-gap": HOT,
    "hot-gaps-in-turn": HOT,
}
OTHER = {"sorted batch": "insert", "bulk load, used pages": "bulk load"}  # what the rest is of
OF_THE_TREE = ("find_many", "rank", "select")  # which absl has not
WRITERS = (2, 4, 8, 16)
MEMTABLE_FLOORS: Floors = {
    "put, random": {"skip list": 3.5},
    "put, in order": {"skip list": 1.15},
    "put, WAL, random": {"skip list": 1.8},
    "put, WAL, in order": {"skip list": 0.9},
    "get, hits": {"skip list": 3.3},
    "get, misses": {"skip list": 3.3},
    "seek and 10 nexts": {"skip list": 1.8},
    "scan": {"skip list": 1.5},
    "scan backward": {"skip list": 6.0},
    "1 writer, 2 readers: put": {"skip list": 3.0},
    "1 writer, 2 readers: get": {"skip list": 3.0},
    **{f"{writers} writers: put": {"skip list": 1.0} for writers in WRITERS},
    **{f"{writers} writers: put, elapsed": {} for writers in WRITERS},
    "resident bytes": {"skip list": 1 / 1.03},
    "bytes of the index": {},
    "bare insert": {"absl": 1.0, "std::set": 1.0},
    "bare find": {"absl": 1.0, "std::set": 1.0},
}


def words(keys: str, n: int, folder: Path) -> list[str]:
    """Give the words by which a program knows its keys: it makes some kinds, and reads others."""
    if keys in KINDS:
        return [KINDS[keys], str(n)]
    files = [folder / "loaded", folder / "inserted"]
    for some, file in zip(MAPS[keys](n), files, strict=True):
        some.astype("<u8").tofile(file)
    return [*map(str, files)]


def read(text: str) -> Numbers:
    """Read the lines of a program; what is ours stands before its rivals."""
    numbers: Numbers = {}
    for line in text.splitlines():
        verb, who, number = line.rsplit("/", 2)
        numbers.setdefault(verb, {}).setdefault(who, []).append(float(number))
    return {
        verb: dict(sorted(of.items(), key=lambda one: one[0] not in OURS))
        for verb, of in numbers.items()
    }


def beside(numbers: Numbers, verb: str) -> dict[str, list[float]]:
    """Give the numbers of a verb, and those of another where rivals have none of its name."""
    find = {"find": numbers["find"]["tree"]} if verb in OF_THE_TREE else {}
    return {**numbers.get(OTHER.get(verb, ""), {}), **numbers[verb], **find}


@functools.lru_cache(maxsize=1)
def run(name: str, keys: str, n: int, rounds: int) -> Numbers:
    packages = ("absl_btree", "rocksdb") if name == "memtable" else ("absl_btree",)
    program = native.program(native.HERE / f"{name}.cpp", (*native.CORE, "-pthread"), packages)
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), *words(keys, n, Path(folder)), str(rounds), f"{folder}/db"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return read(done.stdout)


def _load(keys: str, n: int | None, seed: int) -> KeySet:
    return KeySet(keys, MAPS[keys](n or MILLION)[0] if keys in MAPS else np.arange(n or MILLION))


def _suite(name: str, about: str, floors: Floors, sets: Sequence[str], few: Sequence[str]) -> Suite:
    """Declare the suite of a program; few sets are those that show that it runs."""
    sizes = {"full": SIZES[name], "small": (100_000,), "tiny": (2_000,)}

    def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
        keys, rounds = subject.keyset, subject.rounds(cell, plan)
        return Timed(beside(run(name, keys.name, len(keys.keys), rounds), cell.verb))

    def bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
        less = LESS.get(place.keys, {})
        return {who: Bound(less.get(cell.verb, least)) for who, least in floors[cell.verb].items()}

    return Suite(
        name,
        about,
        "ns or bytes",
        lambda plan: plan.usual(few if plan.name == "tiny" else sets, plan.pick(sizes)),
        lambda plan: [*map(Cell, floors)],
        measure,
        load=_load,
        bounds=bounds,
    )


TREE = _suite(
    "tree",
    "the sorted tree in C++ beside absl::btree_map",
    TREE_FLOORS,
    [*MAPS],
    ["uniform", "hot-gap", "hot-gaps-in-turn"],
)
MEMTABLE = _suite(
    "memtable",
    "the memtable in C++ beside RocksDB's skip list",
    MEMTABLE_FLOORS,
    [*KINDS],
    [*KINDS][:1],
)
