"""What a lookup costs by what can be counted, which ``lx.tune`` rests on: measured, and fitted.

The suite times models of all sizes over some key sets: of each its bytes, how often its first
window misses, how far its predictions are off. ``python -m benchmarks costs`` prints coefficients,
as learnedidx/advice/_costs.py holds them, and how far they are off, from the lines of the suite in
results/measured.jsonl.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from benchmarks.contenders.library import library
from benchmarks.plan import Cell, Plan
from benchmarks.suite import Subject, Suite, Timed
from benchmarks.suites.advised import ladder, timed

SETS = ("uniform", "lognormal", "osm", "fb", "wiki", "gshhg_coast")
SIZES = {"full": (10**4, 10**5, 10**6, 10**7), "small": (10**4, 10**5), "tiny": (10**4,)}
BATCH = 2**15
KINDS = ("RMI", "PGM", "PGM near", "RadixSpline", "BTree", "BTree8", "none")
NEAR = 16  # epsilons up to two lines of 8-byte keys, where a PGM fetches all that it may need

Row = dict[str, Any]


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Build and time all models; give what is counted of each, and its time."""
    keys = subject.keyset.keys
    made = {str(model): library().LearnedIndex(keys, model) for model in ladder(keys.size)}
    stats = {name: index.stats() for name, index in made.items()}
    facts = {
        "bytes": {name: index.nbytes for name, index in made.items()},
        "misses": {i: round(1 - one.get("first_window_hits", 1.0), 4) for i, one in stats.items()},
        "log_error": {i: round(one.get("mean_log2_error", 0.0), 3) for i, one in stats.items()},
    }
    searches = {name: index.searchsorted for name, index in made.items()}
    return Timed(timed(searches, keys, cell.batch, plan), facts=facts)


COSTS = Suite(
    "costs",
    "what lx.tune takes a lookup to cost",
    "ns/query",
    lambda plan: plan.usual(SETS[:3] if plan.name == "tiny" else SETS, plan.pick(SIZES)),
    lambda plan: [Cell("cost", "near", BATCH)],
    measure,
)


def read(file: Path = record.KEPT) -> list[Row]:
    """Give a row for each model of the newest line of each place and card."""
    lines = [one for one in record.read(file) if one.get("suite") == "costs"]
    newest = {(one["card"], record.key(one)): one for one in lines}
    return [
        {
            "kind": kind_of(model),
            "key_bytes": one["length"] * np.dtype(one["dtype"]).itemsize,
            **{name: one[name][model] for name in ("bytes", "misses", "log_error")},
            "nanoseconds": np.quantile(times, 0.25),  # of a busy machine the quieter rounds
        }
        for one in newest.values()
        for model, times in one["times"].items()
    ]


def kind_of(model: str) -> str:
    """Return which coefficients a model has: small nodes and small epsilons have their own."""
    kind, _, rest = model.partition("(")
    if kind == "PGM" and 0 < int(rest.strip("epsilon=)") or 64) <= NEAR:
        return "PGM near"
    return "BTree8" if rest == "node=8)" else kind


def terms(row: Row) -> tuple[float, ...]:
    """Return what a time is a sum of, each with a coefficient, as advice/_costs.py has it."""
    reach = float(np.log2(1 + row["key_bytes"] / 2**22))
    size = float(np.log2(1 + row["bytes"] / 2**14))
    steps = row["misses"] * row["log_error"]
    return 1.0, reach, size, row["misses"], steps, steps * reach


def fit(rows: Sequence[Row]) -> dict[str, tuple[float, ...]]:
    """Return coefficients, none below 0, with the least squares of relative errors, by kind."""
    found = {}
    for kind in KINDS:
        own = [row for row in rows if row["kind"] == kind]
        times = np.array([row["nanoseconds"] for row in own])
        table = np.array([terms(row) for row in own]) / times[:, None]
        used = np.any(table != 0, axis=0)
        while True:
            solved = np.zeros(table.shape[1])
            solved[used] = np.linalg.lstsq(table[:, used], np.ones(times.size))[0]
            if (solved >= 0).all():
                break
            used &= solved >= 0
        found[kind] = tuple(round(float(each), 3) for each in solved)
    return found


def show(_: argparse.Namespace) -> int:
    """Print the coefficients and their errors."""
    rows = read()
    found = fit(rows)
    print(*(f"    {kind!r}: {each}," for kind, each in found.items()), sep="\n")
    for kind in KINDS:
        own = [row for row in rows if row["kind"] == kind]
        off = [abs(np.dot(found[kind], terms(row)) / row["nanoseconds"] - 1) for row in own]
        print(f"{kind}: median {np.median(off):.0%}, 90 % within {np.quantile(off, 0.9):.0%}")
    return 0
