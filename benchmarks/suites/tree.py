"""The counted B+-tree of cpp/include beside ``absl::btree_map``, in C++: maps of uint64 to uint64.

The program benchmarks/absl_map times all verbs over a key set in one process, in interleaved
rounds, and compares the answers; a cell is one verb of it. Beside what only the tree does stands
its own ``find``, beside its bulk load ``memcpy`` into new pages and again into the same. The
percentiles of single inserts are by the clock on the wall, and hold what other processes took.
"""

import functools
import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.absl_map.keys import SETS
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed

SOURCE = Path(__file__).resolve().parent.parent / "absl_map"
SIZES = {"full": (MILLION, 10 * MILLION), "small": (100_000,), "tiny": (2_000,)}
HARD = "dense-plus-outliers"
HOT = ("hot-gap", "hot-gaps-in-turn")

Numbers = dict[str, list[float]]


class Floor(NamedTuple):
    """How many times faster than a rival the tree should be; less on hard or on hot keys."""

    usual: float | None = None
    hard: float | None = None
    hot: float | None = None
    rival: str = "absl"

    def of(self, keys: str) -> float | None:
        """Give the floor over some keys."""
        special = self.hard if keys == HARD else self.hot if keys in HOT else None
        return self.usual if special is None else special


FLOORS = {
    "find": Floor(2.0, hard=1.6),
    "lower_bound": Floor(2.5, hard=2.2),
    "scan of 100": Floor(3.0),
    "insert": Floor(1.3, hard=1.2, hot=0.8),
    "erase": Floor(1.2, hard=1.1),
    "bulk load": Floor(5.0),
    "sorted batch": Floor(15.0, hot=0.8),
    "find_many": Floor(rival="find"),
    "rank": Floor(1 / 1.05, rival="find"),
    "select": Floor(1 / 0.7, rival="find"),
    "insert, median": Floor(),
    "insert, 99.9th percentile": Floor(1.0),
    "insert, 99.99th percentile": Floor(0.5),
    "insert, slowest": Floor(),
}
BYTES = Cell("bytes")
MOST_BYTES = {"loaded": 1.1, "after inserts": 1.3}  # times absl's


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Pick a cell out of the numbers of the program, which runs once a place."""
    keyset = subject.keyset
    n = len(keyset.keys)
    return pick(run(keyset.name, n, plan.rounds_of(cell, n)), cell)


def pick(found: Numbers, cell: Cell) -> Timed:
    """Give the numbers of a cell, the tree before its rivals."""
    if cell == BYTES:
        nbytes = {
            f"{who}, {when}": found[f"bytes, {when}/{who}"][0]
            for when in MOST_BYTES
            for who in ("tree", "absl")
        }
        most = {
            f"tree, {when}": round(times * nbytes[f"absl, {when}"], 2)
            for when, times in MOST_BYTES.items()
        }
        return Timed({}, facts={"bytes_a_key": nbytes, "required_bytes": most})
    names = {who: f"{cell.verb}/{who}" for who in ("tree", "absl", "memcpy", "memcpy again")}
    if FLOORS[cell.verb].rival == "find":
        names["find"] = "find/tree"
    if cell.verb == "sorted batch":
        names["absl"] = "insert/absl"  # which has no batches
    return Timed({who: found[name] for who, name in names.items() if name in found})


@functools.lru_cache(maxsize=1)
def run(name: str, n: int, rounds: int) -> Numbers:
    """Run the program over a key set."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, "loaded"), Path(folder, "inserted")]
        for keys, file in zip(SETS[name](n), files, strict=True):
            keys.astype("<u8").tofile(file)
        command = [str(build()), *map(str, files), str(rounds)]
        done = subprocess.run(command, check=True, capture_output=True)
    numbers: Numbers = json.loads(done.stdout)
    return numbers


@functools.cache
def build() -> Path:
    """Compile the program, if anything changed, and give its place."""
    made = SOURCE / "build"
    configure, compile_ = ["-S", str(SOURCE), "-B", str(made)], ["--build", str(made), "--parallel"]
    for command in (["cmake", *configure], ["cmake", *compile_]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            needs = "needs a C++ compiler and Abseil: apt-get install libabsl-dev"
            raise FileNotFoundError(f"{done.stdout}\n{done.stderr}\n{needs}")
    return made / "absl_map"


def _load(name: str, n: int | None, seed: int) -> KeySet:
    build()  # a place without the program is left out
    return KeySet(name, SETS[name](n or MILLION)[0])


def _places(plan: Plan) -> Iterable[Place]:
    return plan.usual([*SETS] if plan.name != "tiny" else ["uniform", "hot-gap"], SIZES[plan.name])


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    floor = FLOORS[cell.verb]
    least = floor.of(place.keys)
    return {} if least is None else {floor.rival: Bound(least)}


TREE = Suite(
    "tree",
    "the sorted tree in C++ beside absl::btree_map",
    "ns",
    _places,
    lambda plan: [*map(Cell, FLOORS), BYTES],
    measure,
    load=_load,
    bounds=_bounds,
)
