"""Keys that were made to mislead learned indexes: each contender on them and on uniform keys.

A place is such a set of n keys. Every contender is built over it and over a control, as many
uniform keys, and both are timed in the same rounds: ``slow_down`` holds the median, the lowest and
the highest of time on the attack / time on the control. Beside the times stand counts that need no
clock: bytes, the largest certified window, the most cache lines that the lookup of a key touches.
"""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import datasets
from benchmarks import record
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.record import Record
from benchmarks.rounds import ratio
from benchmarks.suite import Subject, Suite, Timed, time_each
from benchmarks.suites.contended import actions
from benchmarks.tables import Table, nanoseconds_text

STEPS = 24  # in which tails are appended
APPENDED = f"tails, appended in {STEPS} steps, beside an index built anew"
MADE = ("poison", "poison_greedy", "outliers", "stair", "stair_fine", "stair_equal", "runs")
ATTACKS = (*MADE, "lastbit", "expgap", "fb", "tails", "osm", APPENDED)
CONTENDERS = ("rmi", "pgm", "radix_spline", "btree16", "auto", "none", "numpy", "absl", "pygm")
GROWN = ("rmi", "pgm", "radix_spline", "btree")
SIZES = {"full": MILLION, "small": 100_000, "tiny": 2_000}
QUERIES = 200_000


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    keys = subject.keyset.keys
    missing: dict[str, str] = {}
    if subject.keyset.name == APPENDED:
        missing = {name: "is not extended here" for name in subject.contenders if name not in GROWN}
        subject, control = appended(subject.keyset), Subject(subject.keyset, GROWN)
    else:
        control = uniform(len(keys), tuple(subject.contenders), plan.seed)
    missing |= control.reasons | subject.reasons
    asked, once = cell._replace(verb="batch"), dataclasses.replace(plan, queries=cell.batch)
    attacked, usual = (actions(one, asked, once, missing) for one in (subject, control))
    both = [name for name in attacked if name in usual]
    acts = {name: attacked[name] for name in both}
    acts |= {f"{name} control": usual[name] for name in both}
    taken = time_each(acts, subject.rounds(cell, plan)).times
    slow_down = {name: ratio(taken[name], taken[f"{name} control"]) for name in both}
    facts = counts(subject) | {"slow_down": slow_down, "control": counts(control)}
    return Timed({name: taken[name] for name in both}, missing, facts)


@functools.lru_cache(maxsize=1)
def uniform(n: int, contenders: tuple[str, ...], seed: int) -> Subject:
    """Give the control: as many keys without any poison."""
    return Subject(KeySet("uniform", datasets.gen("poison", n, seed, phi=0.0)), contenders)


def appended(keyset: KeySet) -> Subject:
    """Append half of the keys step by step to indexes over the other half."""
    keys, subject = keyset.keys, Subject(keyset, GROWN)
    ends = np.linspace(len(keys) - len(keys) // 2, len(keys), STEPS + 1).astype(int)
    for entry in subject.present:
        contender: Any = entry.contender
        contender.build(keys[: ends[0]])
        for end in ends[1:]:
            contender.index = contender.index.extended(keys[:end])
        contender.scalar = contender.index.searchsorted
    return subject


def counts(subject: Subject) -> dict[str, dict[str, int]]:
    """Count what needs no clock: windows and lines of indexes of ours, bytes of all that can."""
    found: dict[str, dict[str, int]] = {"bytes": subject.counted, "window": {}, "lines": {}}
    for entry in subject.present:
        index: Any = getattr(entry.contender, "index", None)
        if entry.contender.ours and index is not None:
            stats = index.stats()
            windows = [region["window"]["worst"] for region in stats["regions"]]
            found["window"][entry.name] = int(max(windows))
            found["lines"][entry.name] = int(stats["cache_lines"]["total"]["worst"])
    return found


def numbers(one: Record) -> dict[str, dict[str, str]]:
    """Give what tables show of an attack: titles, contenders, numbers."""
    base, nbytes = one["control"].get("bytes", {}), one["bytes"]
    of_base = {
        i: f"{nbytes[i] / n:.2f}" if n else "–" for i, n in base.items() if i in one["lines"]
    }
    times = {i: nanoseconds_text(time) for i, time in record.medians(one).items()}
    slow_down = {i: f"{spread[0]:.2f}" for i, spread in one["slow_down"].items()}
    return {
        "time on the attack / on uniform keys": slow_down,
        "nanoseconds a query on the attack": times,
        "bytes on the attack / on uniform keys": of_base,
        "largest certified window": {i: f"{keys:,}" for i, keys in one.get("window", {}).items()},
        "most cache lines of a lookup": {i: str(lines) for i, lines in one["lines"].items()},
    }


def tables(lines: Sequence[Record]) -> list[Table]:
    """Lay out all attacks of a size under each other, a table for each number; and what grew."""
    made = []
    for n in dict.fromkeys(one["length"] for one in lines):
        here = {one["set"]: one for one in lines if one["length"] == n}
        grown = here.pop(APPENDED, None)
        if here:
            made += _attacks(f"robustness · {n:,} keys", here)
        if grown is not None:
            made.append(_grown(f"robustness · {n:,} keys", grown))
    batch = f"{lines[-1]['batch']:,} queries in a call, half of them hits; 1.00 is no slow-down"
    made[-1].notes.append(batch)
    return made


def _attacks(size: str, lines: Mapping[str, Record]) -> list[Table]:
    made = []
    control = {"control": {}, "times": {}, "slow_down": {}, **next(iter(lines.values()))["control"]}
    found = {keys: numbers(one) for keys, one in {"uniform": control, **lines}.items()}
    for title in found["uniform"]:
        rows = {keys: each[title] for keys, each in found.items() if each[title]}
        names = dict.fromkeys(name for each in rows.values() for name in each)
        made.append(Table(f"{size} · {title}", ["keys", *names]))
        for keys, each in rows.items():
            made[-1].add(keys, *(each.get(name, "–") for name in names))
    missing = [f"{i}: {why}" for one in lines.values() for i, why in one["missing"].items()]
    made[0].notes += dict.fromkeys(note.partition(";")[0] for note in missing)
    return made


def _grown(size: str, one: Record) -> Table:
    columns = ["model", "time", "(low–high)", "bytes", "most lines"]
    table = Table(f"{size} · extended {STEPS} times / built anew", columns)
    _, _, ratios, _, most = numbers(one).values()
    for name, (median, low, high) in one["slow_down"].items():
        table.add(name, f"{median:.2f}", f"{low:.2f}–{high:.2f}", ratios[name], most[name])
    return table


def _load(name: str, n: int | None, seed: int) -> KeySet:
    return KeySet(name, datasets.load("tails" if name == APPENDED else name, n=n, seed=seed))


ROBUSTNESS = Suite(
    "robustness",
    "keys made to mislead, beside uniform ones",
    "ns/query",
    lambda plan: plan.usual(ATTACKS, [plan.pick(SIZES)]),
    lambda plan: [Cell("attack", "mixed", min(plan.queries, QUERIES))],
    measure,
    takes_contenders=True,
    takes_keys=True,
    contenders=CONTENDERS,
    load=_load,
    tables=tables,
)
