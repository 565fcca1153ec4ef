"""The memtable beside RocksDB's skip list, and bare beside ``absl::btree_set`` and ``std::set``.

The program benchmarks/memtable times all verbs over one kind of keys in one process, in interleaved
rounds, by the processor time of each thread, and compares the answers; a cell is one verb of it.
"""

import functools
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks import native
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed

SOURCE = Path(__file__).resolve().parent.parent / "memtable"
SIZES = {"full": (MILLION,), "small": (100_000,), "tiny": (2_000,)}
KINDS = {"8 random bytes": "8", "16 bytes, 8 shared": "16", "40 bytes, like URLs": "40"}
OURS, SKIP_LIST = "learnedidx", "skip list"
WRITERS = (2, 4, 8, 16)
FLOORS: dict[str, dict[str, float]] = {  # how many times better than a rival
    "put, random": {SKIP_LIST: 3.5},
    "put, in order": {SKIP_LIST: 1.15},
    "put, WAL, random": {SKIP_LIST: 1.8},
    "put, WAL, in order": {SKIP_LIST: 0.9},
    "get, hits": {SKIP_LIST: 3.3},
    "get, misses": {SKIP_LIST: 3.3},
    "seek and 10 nexts": {SKIP_LIST: 1.8},
    "scan": {SKIP_LIST: 1.5},
    "scan backward": {SKIP_LIST: 6.0},
    "1 writer, 2 readers: put": {SKIP_LIST: 3.0},
    "1 writer, 2 readers: get": {SKIP_LIST: 3.0},
    **{f"{writers} writers: put": {SKIP_LIST: 1.0} for writers in WRITERS},
    **{f"{writers} writers: put, elapsed": {} for writers in WRITERS},
    "resident bytes": {SKIP_LIST: 1 / 1.03},
    "bytes of the index": {},
    "bare insert": {"absl": 1.0, "std::set": 1.0},
    "bare find": {"absl": 1.0, "std::set": 1.0},
}


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Pick a cell out of the numbers of the program, which runs once a place."""
    name, n = subject.keyset.name, len(subject.keyset.keys)
    return Timed(run(name, n, plan.rounds_of(cell, n))[cell.verb])


@functools.lru_cache(maxsize=1)
def run(name: str, n: int, rounds: int) -> Mapping[str, dict[str, list[float]]]:
    """Run the program over a kind of keys; give its numbers by verb and contender."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(build()), KINDS[name], str(n), str(rounds), str(Path(folder, "db"))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return read(done.stdout)


def read(text: str) -> Mapping[str, dict[str, list[float]]]:
    """Read the lines of the program; the memtable stands before its rivals."""
    numbers: dict[str, dict[str, list[float]]] = {}
    for line in text.splitlines():
        verb, who, number = line.rsplit("/", 2)
        numbers.setdefault(verb, {OURS: []}).setdefault(who, []).append(float(number))
    return numbers


@functools.cache
def build() -> Path:
    """Compile the program once, and give its place."""
    return native.program(SOURCE, "memtable_benchmark", "libabsl-dev librocksdb-dev")


def _load(name: str, n: int | None, seed: int) -> KeySet:
    build()  # a place without the program is left out
    return KeySet(name, np.arange(n or MILLION))  # the program makes the keys itself


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    return {rival: Bound(least) for rival, least in FLOORS[cell.verb].items()}


MEMTABLE = Suite(
    "memtable",
    "the memtable in C++ beside RocksDB's skip list",
    "ns or bytes",
    lambda plan: plan.usual([*KINDS][:1] if plan.name == "tiny" else KINDS, plan.pick(SIZES)),
    lambda plan: [*map(Cell, FLOORS)],
    measure,
    load=_load,
    bounds=_bounds,
)
