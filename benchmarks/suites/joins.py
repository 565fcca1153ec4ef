"""Joins of tables beside Polars, pandas and DuckDB: milliseconds of whole joins, and their peaks.

Right has the keys of a place, and left a tenth of as many queries. Each cell is timed in a process
of its own, since Polars reads how many threads it may use when it is imported; a peak is what one
join adds to the resident memory of another one. Left is sorted before a rival's join that asks for
it, on the clock. Ours takes an index that was made before, unless it is ``with its build``.
"""

import os
import time
from typing import Any

import numpy as np

from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.contenders.contender import absent_packages, load
from benchmarks.contenders.library import library
from benchmarks.memory import apart, resident
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.rounds import Action
from benchmarks.suite import Bound, Subject, Suite, Timed, time_each
from benchmarks.tables import bytes_text
from benchmarks.workloads import mixed

SIZES = {"full": (10 * MILLION,), "small": (MILLION,), "tiny": (10_000,)}
GROUPS = 1_000
LEFT, INTERVALS = 10, 100  # keys of right for a row of left, and for an interval
HELD = 2  # intervals that hold a point
ONE, ALL = "1 thread", "all cores"
# How many times the time of ours with an index the rivals' is required to be, on one thread.
FLOORS = {"sorted": {"polars": 1.0}, "shuffled": {"polars": 2.0}}
BY_FLOORS = {"polars": 1.0, "pandas": 1.0}
RANGE = ("polars", "duckdb")  # whose tables and rivals a cell needs
CELLS = tuple(
    Cell(f"asof {form}", f"{order}, {threads}")
    for threads in (ONE, ALL)
    for form in ("polars", "pandas", "polars by", "pandas by")
    for order in FLOORS
) + tuple(Cell("range", threads) for threads in (ONE, ALL))


def joins(keys: Array, seed: int, verb: str, workload: str) -> dict[str, Action]:
    """Make the joins of a cell by who does them, ours first."""
    one = ONE in workload
    if one:
        os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported
    keys = (keys >> np.uint64(1)).astype(np.int64)
    asked = mixed(keys, max(1, len(keys) // LEFT), seed)
    if verb == "range":
        return _ranges(keys, asked, 1 if one else 0)
    is_sorted = workload.startswith("sorted")
    left: dict[str, Array] = {"t": np.sort(asked) if is_sorted else asked}
    right: dict[str, Array] = {"t": keys, "v": np.arange(len(keys))}
    by = {}
    if verb.endswith("by"):
        random, by = np.random.default_rng(seed), {"by": "g"}
        for table in (left, right):
            table["g"] = random.integers(0, GROUPS, len(table["t"]))
    name = verb.split()[1]
    door = load(name)
    ours, theirs = (door.DataFrame(columns) for columns in (left, right))
    if name == "polars":
        theirs = theirs.set_sorted("t")
        ours = ours.set_sorted("t") if is_sorted else ours

    def rival() -> Any:
        if name == "pandas":
            sorted_left = ours if is_sorted else ours.sort_values("t")
            return door.merge_asof(sorted_left, theirs, on="t", **by)
        sorted_left = ours if is_sorted else ours.sort("t")
        return sorted_left.join_asof(theirs, on="t", check_sortedness=False, **by)

    lx, threads = library(), 1 if one else 0
    index = lx.LearnedIndex(theirs["t"])
    return {
        "learnedidx": lambda: lx.join_asof(
            ours, theirs, on="t", index=index, threads=threads, **by
        ),
        "with its build": lambda: lx.join_asof(ours, theirs, on="t", threads=threads, **by),
        name: rival,
    }


def _ranges(keys: Array, asked: Array, threads: int) -> dict[str, Action]:
    polars, duckdb = load("polars"), load("duckdb")
    points = polars.DataFrame({"t": asked})
    lo = keys[:: max(1, len(keys) // max(1, len(keys) // INTERVALS))]
    width = int(HELD * ((int(keys[-1]) - int(keys[0])) // len(lo)))
    intervals = polars.DataFrame({"lo": lo, "hi": lo + width, "v": np.arange(len(lo))})
    con = duckdb.connect()
    con.register("points", points.to_arrow())
    con.register("intervals", intervals.to_arrow())
    con.execute(f"set threads={threads or os.cpu_count()}")
    within = polars.col("t") >= polars.col("lo"), polars.col("t") < polars.col("hi")
    query = "select * from points join intervals on t >= lo and t < hi"
    ours = library().join_range
    return {
        "learnedidx": lambda: ours(points, intervals, on="t", lo="lo", hi="hi", threads=threads),
        "polars": lambda: points.join_where(intervals, *within),
        "duckdb": lambda: polars.from_arrow(con.sql(query).to_arrow_table()),
    }


def timed(name: str, n: str, seed: str, verb: str, workload: str, rounds: str) -> Any:
    """Time the joins of a cell, which must agree, in this process."""
    keys = keysets.from_name(name, int(n), int(seed)).keys
    made = joins(keys, int(seed), verb, workload)
    answers = {who: _answer(join()) for who, join in made.items()}
    assert len(set(answers.values())) == 1, (verb, workload, answers)
    found = time_each(made, int(rounds), clock=time.perf_counter_ns, per=MILLION)
    return {"times": found.times}


def peak(name: str, n: str, seed: str, verb: str, workload: str, who: str) -> int:
    """Give what one join adds to this process at most."""
    keys = keysets.from_name(name, int(n), int(seed)).keys
    join = joins(keys, int(seed), verb, workload)[who]
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak begins anew
    before = resident()
    kept = join()
    grown = resident("VmHWM") - before
    del kept
    return grown


def _answer(table: Any) -> tuple[int, int]:
    """Give how many rows and values a result has, and their sum, which no order changes."""
    values = np.asarray(table["v"], dtype=np.float64)
    return len(table), int(np.nansum(values))


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time a cell in a fresh process, and the peak of each of its joins on one thread in others."""
    needed = RANGE if cell.verb == "range" else (cell.verb.split()[1],)
    if missing := absent_packages(*needed):
        return Timed({}, missing)
    keys = subject.keyset
    words = (keys.name, len(keys.keys), plan.seed, cell.verb, cell.workload)
    times = apart(timed, *words, plan.rounds)["times"]
    if ONE not in cell.workload or plan.name == "tiny":
        return Timed(times)
    peaks = {f"{cell.label} · {who}": bytes_text(apart(peak, *words, who)) for who in times}
    return Timed(times, facts={"notes": peaks})


def _bounds(cell: Cell, place: Place) -> dict[str, Bound]:
    if cell.verb == "range" or ONE not in cell.workload or (place.n or 0) < MILLION:
        return {}
    floors = BY_FLOORS if cell.verb.endswith("by") else FLOORS[cell.workload.split(",")[0]]
    return {name: Bound(floor) for name, floor in floors.items()}


TABLES = Suite(
    "tables",
    "joins of tables beside Polars, pandas and DuckDB",
    "ms",
    lambda plan: plan.usual(["uniform"], plan.pick(SIZES)),
    lambda plan: CELLS,
    measure,
    bounds=_bounds,
)
