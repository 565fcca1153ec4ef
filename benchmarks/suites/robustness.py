"""Keys that were made to mislead learned indexes: each contender on them and on uniform keys.

A place is such a set of n keys. Every contender is built over it and over a control, as many
uniform keys, and both are timed in the same rounds: ``slow_down`` holds the median, the lowest and
the highest of time on the attack / time on the control. Beside the times stand counts that need no
clock: bytes, the largest certified window, the most cache lines that the lookup of a key touches.
"""

import functools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

import datasets
from benchmarks.checks import WrongAnswerError, check
from benchmarks.contenders import Array
from benchmarks.keysets import KeySet
from benchmarks.machine import CLOCK
from benchmarks.plan import MILLION, Cell, Place, Plan, seconds_expected
from benchmarks.record import Record
from benchmarks.rounds import Action, ratio, time_rounds
from benchmarks.suite import Subject, Suite, Timed
from benchmarks.suites.contended import leave_out
from benchmarks.tables import Table, nanoseconds_text
from benchmarks.workloads import WORKLOADS

STEPS = 24  # in which tails are appended
APPENDED = f"tails, appended in {STEPS} steps, beside an index built anew"
MADE = ("poison", "poison_greedy", "outliers", "stair", "stair_fine", "stair_equal", "runs")
ATTACKS = (*MADE, "lastbit", "expgap", "fb", "tails", "osm", APPENDED)
CONTENDERS = ("rmi", "pgm", "radix_spline", "btree16", "auto", "none", "numpy", "absl", "pygm")
GROWN = ("rmi", "pgm", "radix_spline", "btree")
SIZES = {"full": MILLION, "small": 100_000, "tiny": 2_000}
QUERIES = 200_000


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time attack and control of every contender, and count."""
    keys = subject.keyset.keys
    missing: dict[str, str] = {}
    if subject.keyset.name == APPENDED:
        missing = {name: "is not extended here" for name in subject.contenders if name not in GROWN}
        subject, control = appended(subject.keyset), Subject(subject.keyset, GROWN)
    else:
        control = uniform(len(keys), tuple(subject.contenders), plan.seed)
    missing |= control.reasons | subject.reasons
    attacked, usual = (actions_of(one, cell, plan, missing) for one in (subject, control))
    both = [name for name in attacked if name in usual]
    actions = {name: attacked[name][0] for name in both}
    actions |= {f"{name} control": usual[name][0] for name in both}
    taken = time_rounds(actions, plan.rounds_of(cell, len(keys)), clock=CLOCK)
    slow_down = {name: ratio(taken[name], taken[f"{name} control"]) for name in both}
    times = {name: [each / attacked[name][1] for each in taken[name]] for name in both}
    facts = counts(subject) | {"slow_down": slow_down, "control": counts(control)}
    return Timed(times, missing, facts)


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
    return subject


def actions_of(
    subject: Subject, cell: Cell, plan: Plan, missing: dict[str, str]
) -> dict[str, tuple[Action, int]]:
    """Check the answers of every contender; of those that are right give a call and its queries."""
    keys = subject.keyset.keys
    queries: Array = WORKLOADS[cell.workload](keys, cell.batch, plan.seed)
    found: dict[str, tuple[Action, int]] = {}
    for entry in subject.present:
        part = queries[: plan.loop_sample] if entry.contender.loops else queries
        prepared = entry.contender.prepare(part)
        try:
            check(entry.contender, keys, part, entry.contender.batch(prepared))
        except WrongAnswerError as error:
            leave_out(entry, error, missing)
            continue
        found[entry.name] = functools.partial(entry.contender.batch, prepared), len(part)
    return found


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


def _slower(one: Record) -> dict[str, float]:
    return {name: spread[0] for name, spread in one["slow_down"].items()}


def _nanoseconds(one: Record) -> dict[str, float]:
    return {name: statistics.median(rounds) for name, rounds in one["times"].items()}


def _bytes(one: Record) -> dict[str, float]:
    there = one["control"]["bytes"]
    return {name: count / there[name] for name, count in one["bytes"].items() if there.get(name)}


class View(NamedTuple):
    """A number of every attack and contender: a table."""

    title: str
    columns: str  # the field that names the contenders
    values: Callable[[Record], Mapping[str, float]]
    text: Callable[[float], str]
    control: bool = False  # whether the control has a row


VIEWS = (
    View("time on the attack / on uniform keys", "times", _slower, "{:.2f}".format),
    View("nanoseconds a query on the attack", "times", _nanoseconds, nanoseconds_text),
    View("bytes on the attack / on uniform keys", "lines", _bytes, "{:.2f}".format),
    View("largest certified window", "window", itemgetter("window"), "{:,}".format, True),
    View("most cache lines of a lookup", "lines", itemgetter("lines"), "{:,}".format, True),
)


def tables(lines: Sequence[Record]) -> list[Table]:
    """Lay out all attacks of a size under each other, a table for each number; and what grew."""
    made = []
    for n in dict.fromkeys(one["length"] for one in lines):
        attacks = [one for one in lines if one["length"] == n and one["set"] != APPENDED]
        made += [_view(view, n, attacks) for view in VIEWS if attacks]
        made += [_grown(one) for one in lines if one["length"] == n and one["set"] == APPENDED]
    asked = f"{lines[-1]['batch']:,} queries in a call, half of them hits; 1.00 is no slow-down"
    made[-1].notes.append(asked)
    return made


def _view(view: View, n: int, lines: Sequence[Record]) -> Table:
    names = list(dict.fromkeys(name for one in lines for name in one[view.columns]))
    table = Table(f"robustness · {n:,} keys · {view.title}", ["keys", *names])
    if view.control:
        found = view.values(lines[-1]["control"])
        table.add("uniform", *(view.text(found[name]) for name in names))
    reasons: dict[str, list[str]] = {}
    for one in lines:
        found = view.values(one)
        table.add(one["set"], *(view.text(found[i]) if i in found else "–" for i in names))
        for name, why in one["missing"].items():
            reasons.setdefault(f"{name}: {why}", []).append(one["set"])
    if view is VIEWS[0]:
        table.notes += [f"{why} (on {', '.join(where)})" for why, where in reasons.items()]
    return table


def _grown(one: Record) -> Table:
    title = f"robustness · {one['length']:,} keys · extended {STEPS} times / built anew"
    table = Table(title, ["model", "time", "(low–high)", "bytes", "most lines"])
    for name, (median, low, high) in one["slow_down"].items():
        cells = [f"{median:.2f}", f"{low:.2f}–{high:.2f}", f"{_bytes(one)[name]:.2f}"]
        table.add(name, *cells, str(one["lines"][name]))
    return table


def _load(name: str, n: int | None, seed: int) -> KeySet:
    return KeySet(name, datasets.load("tails" if name == APPENDED else name, n=n, seed=seed))


def _places(plan: Plan) -> Iterable[Place]:
    return plan.usual(ATTACKS, [SIZES[plan.name]])


ROBUSTNESS = Suite(
    "robustness",
    "keys made to mislead, beside uniform ones",
    "ns/query",
    _places,
    lambda plan: [Cell("attack", "mixed", min(plan.queries, QUERIES))],
    measure,
    takes_contenders=True,
    contenders=CONTENDERS,
    load=_load,
    seconds=seconds_expected,
    tables=tables,
)
