"""What a lookup costs by what can be counted: the measurements that ``lx.tune`` rests on.

``python -m benchmarks.costs --write`` measures many models over some key sets and keeps a line for
each in results/costs.jsonl; ``--fit`` prints the coefficients of those lines, as
learnedidx/advice/_costs.py holds them.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
from benchmarks import machine
from benchmarks.contenders import Array
from benchmarks.keysets import from_name
from benchmarks.rounds import time_rounds

FILE = Path(__file__).resolve().parent / "results" / "costs.jsonl"
SETS = ("uniform", "lognormal", "osm", "fb", "wiki", "gshhg_coast")
SIZES = (10**4, 10**5, 10**6, 10**7)
BATCH, ROUNDS, SEED = 2**15, 9, 1
EPSILONS = {"PGM": (8, 16, 32, 64, 256, 2048, 2**14), "RadixSpline": (16, 32, 128, 512)}
LEAVES = (4, 16, 32, 64, 256, 1024, 4096)  # keys for each leaf of an RMI
KINDS = ("RMI", "PGM", "PGM near", "RadixSpline", "BTree", "BTree8", "none")
NEAR = 16  # epsilons up to two lines of 8-byte keys, where a PGM fetches all that it may need

Row = dict[str, Any]


def models(n: int) -> Iterator[Any]:
    """Make every model that is measured over n keys."""
    yield "none"
    yield from (lx.BTree(16), lx.BTree(8))
    yield from (lx.RMI(n_leaves=max(n // keys, 1)) for keys in LEAVES)
    yield from (lx.PGM(epsilon) for epsilon in EPSILONS["PGM"])
    yield from (lx.RadixSpline(epsilon) for epsilon in EPSILONS["RadixSpline"])


def batches(keys: Array) -> list[Array]:
    """Draw shuffled queries: half are keys, half lie between two of them."""
    random = np.random.default_rng(SEED)
    at = random.integers(0, keys.size - 1, (ROUNDS + 1, BATCH))
    between = keys[at] + (keys[at + 1] - keys[at]) // 2
    return list(np.where(random.random(at.shape) < 0.5, keys[at], between))


def measure(name: str, keys: Array) -> Iterator[Row]:
    """Build and time all models over some keys; give what is counted of each, and its time."""
    made = {str(model): lx.LearnedIndex(keys, model) for model in models(keys.size)}
    asked = batches(keys)
    turns = {which: iter(asked) for which in made}

    def action(which: str) -> Any:
        return lambda: made[which].searchsorted(next(turns[which]))

    # Of this thread alone: what else the machine does is not the matter.
    clock = time.thread_time_ns
    times = time_rounds({which: action(which) for which in made}, ROUNDS, clock=clock)
    for which, index in made.items():
        stats = index.stats()
        yield {
            "set": name,
            "n": keys.size,
            "kind": kind_of(which),
            "model": which,
            "key_bytes": keys.nbytes,
            "bytes": index.nbytes,
            "misses": round(1 - stats.get("first_window_hits", 1.0), 4),
            "log_error": round(stats.get("mean_log2_error", 0.0), 3),
            "nanoseconds": round(statistics.quantiles(times[which], n=4)[0] / BATCH, 2),
        }


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


def fit(rows: list[Row]) -> dict[str, tuple[float, ...]]:
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


def errors(rows: list[Row], found: dict[str, tuple[float, ...]]) -> str:
    """Say how far the coefficients are off."""
    said = []
    for kind in KINDS:
        own = [row for row in rows if row["kind"] == kind]
        off = [abs(np.dot(found[kind], terms(row)) / row["nanoseconds"] - 1) for row in own]
        said.append(f"{kind}: median {np.median(off):.0%}, 90 % within {np.quantile(off, 0.9):.0%}")
    return "\n".join(said)


def read(file: Path = FILE) -> list[Row]:
    """Read the measured lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def run(names: list[str], sizes: list[int]) -> list[Row]:
    """Measure key sets, one after the other."""
    rows = []
    card = machine.card()
    for name in names:
        for n in sizes:
            keys = from_name(name, n).keys
            print(f"{name}, {keys.size:,} keys", file=sys.stderr)
            rows += [{"machine": card, **row} for row in measure(name, keys)]
    return rows


def main() -> None:
    """Measure, or fit what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--write", action="store_true", help="add lines to the file")
    parser.add_argument("--fit", action="store_true", help="print coefficients, measure nothing")
    chosen = parser.parse_args()
    if chosen.fit:
        rows = read()
        found = fit(rows)
        print(*(f"    {kind!r}: {each}," for kind, each in found.items()), sep="\n")
        print(errors(rows, found))
        return
    rows = run(chosen.sets, chosen.sizes)
    if chosen.write:
        with FILE.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    for row in rows:
        print(f"{row['set']:12} {row['n']:>9} {row['model']:24} {row['nanoseconds']:8.1f}")


if __name__ == "__main__":
    main()
