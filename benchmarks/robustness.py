"""How much slower lookups get on keys that were made against learned indexes.

``python -m benchmarks.robustness`` builds every contender over each attack and over a clean control
of as many keys, uniform ones, and times both in the same interleaved rounds: the slow-down is the
processor time on the attack / that on the control. Beside it stand counts that need no clock:
bytes, the largest certified window, the most cache lines that a lookup touches. ``--write`` writes
results/robustness.jsonl, a line for each attack, and the tables in results/robustness.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import datasets
from benchmarks import machine
from benchmarks.checks import WrongAnswerError, check
from benchmarks.contenders import Array, Contender, make, names
from benchmarks.contenders.library import library
from benchmarks.progress import Progress
from benchmarks.rounds import Ratio, ratio, time_rounds
from benchmarks.workloads import WORKLOADS

RESULTS = Path(__file__).resolve().parent / "results"
ATTACKS = (
    "poison",
    "poison_greedy",
    "outliers",
    "stair",
    "stair_fine",
    "stair_equal",
    "runs",
    "lastbit",
    "expgap",
    "fb",
    "tails",
    "osm",
)
CONTENDERS = ("rmi", "pgm", "radix_spline", "btree16", "auto", "none", "numpy", "absl", "pygm")
GROWN = ("rmi", "pgm", "radix_spline", "btree")
STEPS = 24  # in which tails are appended
LOOPED = 20_000  # queries a round for contenders of one Python call a query

CLOCK = time.thread_time_ns  # of this thread: other work on the machine counts less

Row = dict[str, Any]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.robustness", description="Slow-down by attacks."
    )
    parser.add_argument("--n", type=int, default=1_000_000, help="keys of each set")
    parser.add_argument("--queries", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=11, help="0: nothing is timed, only counted")
    parser.add_argument("--attacks", nargs="+", default=list(ATTACKS), choices=datasets.names())
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=names())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the results in results/")
    return parser.parse_args(arguments)


class Built:
    """Contenders over one key set, and the queries that they are asked."""

    def __init__(self, keys: Array, contenders: Sequence[str], queries: int, seed: int) -> None:
        self.queries = WORKLOADS["mixed"](keys, queries, seed)
        self.why_not: dict[str, str] = {}
        self.ready: dict[str, Contender] = {}
        self.asked: dict[str, tuple[Any, int]] = {}
        for name in contenders:
            contender = make(name)
            why_not = contender.missing() or contender.refuses(keys)
            if why_not:
                self.why_not[name] = why_not
                continue
            contender.build(keys)
            part = self.queries[:LOOPED] if contender.loops else self.queries
            prepared = contender.prepare(part)
            try:
                check(contender, keys, part, contender.batch(prepared))
            except WrongAnswerError as error:
                if contender.ours:
                    raise
                self.why_not[name] = f"not timed, its answers are wrong: {error}".partition(";")[0]
                continue
            self.ready[name], self.asked[name] = contender, (prepared, part.size)

    def ask(self, name: str) -> object:
        """Answer all the queries of one contender."""
        return self.ready[name].batch(self.asked[name][0])


def slow_downs(attacked: Built, control: Built, rounds: int) -> dict[str, tuple[Ratio, float]]:
    """Time attack and control of every contender; give the ratios, and ns a query on the attack."""
    both = [name for name in attacked.ready if name in control.ready]
    if rounds == 0:
        return {}
    actions = {}
    for name in both:
        actions[f"{name} attacked"] = lambda name=name: attacked.ask(name)
        actions[f"{name} control"] = lambda name=name: control.ask(name)
    taken = time_rounds(actions, rounds, clock=CLOCK)
    found = {}
    for name in both:
        mine, base = (
            [elapsed / built.asked[name][1] for elapsed in taken[f"{name} {kind}"]]
            for kind, built in (("attacked", attacked), ("control", control))
        )
        found[name] = (ratio(mine, base), statistics.median(mine))
    return found


def counts_of(contender: Contender) -> Row:
    """Count what an index of ours tells of its lookups; nothing for rivals."""
    index = getattr(contender, "index", None)
    if not contender.ours or index is None:
        return {}
    found = index.stats()
    windows = [region["window"]["worst"] for region in found["regions"]]
    return {"window": max(windows), "lines": found["cache_lines"]["total"]["worst"]}


def attack_rows(name: str, attacked: Built, control: Built, rounds: int) -> list[Row]:
    """Measure every contender on one attack."""
    times = slow_downs(attacked, control, rounds)
    rows: list[Row] = []
    for contender in [*attacked.ready, *attacked.why_not]:
        row: Row = {"attack": name, "contender": contender}
        if why_not := attacked.why_not.get(contender) or control.why_not.get(contender):
            rows.append({**row, "missing": why_not})
            continue
        if contender in times:
            spread, nanoseconds = times[contender]
            row |= {"slow_down": spread.median, "low": spread.low, "high": spread.high}
            row["ns"] = nanoseconds
        mine, base = (built.ready[contender].nbytes() for built in (attacked, control))
        row |= {"bytes": mine, "bytes_control": base}
        rows.append(row | counts_of(attacked.ready[contender]))
    return rows


def grown_rows(n: int, queries: int, rounds: int, seed: int) -> list[Row]:
    """Append tails one by one; give the time of the grown index beside that of one built anew."""
    keys = datasets.load("tails", n=n, seed=seed)
    ends = np.linspace(n - n // 2, n, STEPS + 1).astype(int)
    asked = WORKLOADS["mixed"](keys, queries, seed)
    rows = []
    for model in GROWN:
        grown = library().LearnedIndex(keys[: ends[0]], model)
        for end in ends[1:]:
            grown = grown.extended(keys[:end])
        anew = library().LearnedIndex(keys, model)
        if not np.array_equal(grown.searchsorted(asked), np.searchsorted(keys, asked)):
            raise RuntimeError(f"{model}: a grown index answers wrongly")
        actions = {
            "grown": lambda index=grown: index.searchsorted(asked),
            "anew": lambda index=anew: index.searchsorted(asked),
        }
        row: Row = {"contender": model}
        if rounds:
            taken = time_rounds(actions, rounds, clock=CLOCK)
            spread = ratio(taken["grown"], taken["anew"])
            row |= {"slow_down": spread.median, "low": spread.low, "high": spread.high}
        row |= {"bytes": grown.nbytes, "bytes_control": anew.nbytes}
        row["lines"] = grown.stats()["cache_lines"]["total"]["worst"]
        rows.append(row)
    return rows


def measure(chosen: argparse.Namespace) -> Row:
    """Measure all attacks; gives what a line of results holds."""
    rows: list[Row] = []
    with Progress(len(chosen.attacks) + 3) as progress:
        progress.step("building the control")
        clean = datasets.gen("poison", chosen.n, chosen.seed, phi=0.0)
        control = Built(clean, chosen.contenders, chosen.queries, chosen.seed)
        for name in chosen.attacks:
            progress.step(name)
            keys = datasets.load(name, n=chosen.n, seed=chosen.seed)
            attacked = Built(keys, chosen.contenders, chosen.queries, chosen.seed)
            rows += attack_rows(name, attacked, control, chosen.rounds)
        progress.step("appending tails")
        grown = grown_rows(chosen.n, chosen.queries, chosen.rounds, chosen.seed)
    asked = {"n": chosen.n, "queries": chosen.queries, "rounds": chosen.rounds}
    clean_counts = {name: counts_of(one) for name, one in control.ready.items()}
    return {
        "machine": machine.card(),
        **asked,
        "seed": chosen.seed,
        "control": clean_counts,
        "rows": rows,
        "grown": grown,
    }


def records(found: Row) -> list[Row]:
    """Lay a run out as lines of results: one for each attack, each with the machine card."""
    common = {name: found[name] for name in ("machine", "n", "queries", "rounds", "seed")}
    lines = []
    for attack in dict.fromkeys(row["attack"] for row in found["rows"]):
        rows = [row for row in found["rows"] if row["attack"] == attack]
        times = {row["contender"]: row["slow_down"] for row in rows if "slow_down" in row}
        lines.append({**common, "attack": attack, "slowdown": times, "contenders": rows})
    grown = {row["contender"]: row["slow_down"] for row in found["grown"] if "slow_down" in row}
    last = {"attack": f"tails, appended in {STEPS} steps, beside an index built anew"}
    return [*lines, {**common, **last, "slowdown": grown, "contenders": found["grown"]}]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and print the tables."""
    from benchmarks.robust_tables import page

    chosen = parse(arguments)
    try:
        found = measure(chosen)
    except KeyboardInterrupt:
        print("stopped: nothing was written", file=sys.stderr)
        return 130
    text = page(found)
    print(text)
    if chosen.write:
        lines = "".join(json.dumps(line) + "\n" for line in records(found))
        if chosen.rounds:
            (RESULTS / "robustness.jsonl").write_text(lines, encoding="utf-8")
        (RESULTS / "robustness.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
