"""Suites over contenders: lookups in batches and one by one, sorted ones, and builds.

All contenders of a cell are checked, then timed in interleaved rounds on one thread.
"""

import collections
import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.checks import WrongAnswerError, check, check_scalars
from benchmarks.contenders import Array, Contender, make
from benchmarks.plan import Cell, Plan
from benchmarks.suite import Act, Entry, Subject, Suite, Timed, next_of, time_each
from benchmarks.workloads import OVER_POSITIONS, WORKLOADS

SORTEDNESS_CHECK = "sorted?"
QUERIES = 8_000_000  # kept at once: other ones for each round, as long as there are enough
CHECKED = 64  # calls whose answers are compared before any is timed
SCALARS = 2_000  # single calls a round
GROWTH_FROM = 50_000  # keys: the pages that a process grows by say nothing of fewer
MIXES = WORKLOADS | OVER_POSITIONS


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time one cell; a rival that answers wrongly is left out of it, and the reason kept."""
    rounds, missing = subject.rounds(cell, plan), subject.reasons
    acts = actions(subject, cell, plan, missing)
    keys, there = subject.keyset.keys, subject.present
    facts: dict[str, Any] = {"bytes": subject.counted}
    if cell.verb == "build":
        acts[SORTEDNESS_CHECK] = Act(lambda: (keys[1:] >= keys[:-1]).all(), len(keys))
        # What no contender counts itself is a process's growth.
        facts["grown"] = list(subject.growth) if len(keys) >= GROWTH_FROM else []
        facts["bytes"] |= subject.growth if facts["grown"] else {}
    facts["built"] = {entry.name: float(f"{entry.build_seconds or 0:.3g}") for entry in there}
    # The structure that `auto` stands for over these keys.
    index: Any = next((getattr(e.contender, "index", None) for e in there if e.name == "auto"), 0)
    facts["chose"] = repr(index.model or "no model").strip("'") if index else ""
    facts["notes"] = {entry.name: note for entry in there if (note := entry.contender.note())}
    return time_each(acts, rounds, missing, shuffle=rounds)._replace(facts=facts)


def actions(subject: Subject, cell: Cell, plan: Plan, missing: dict[str, str]) -> dict[str, Act]:
    """Check every contender, and make what is timed of those that are right."""
    if cell.verb == "build":
        return builds(subject)
    groups = _groups(subject, cell, plan)
    found: dict[str, Act] = {}
    for entry in subject.present:
        with left_out_if_wrong(entry, missing):
            if cell.verb == "single":
                found[entry.name] = _singles(entry.contender, subject.keyset.keys, groups)
            else:
                found[entry.name] = _batches(entry.contender, subject.keyset.keys, groups, plan)
    return found


def builds(subject: Subject) -> dict[str, Act]:
    """Build every contender anew."""
    keys = subject.keyset.keys

    def build(name: str) -> Contender:
        contender = make(name)
        contender.build(keys)
        return contender

    names = [entry.name for entry in subject.present]
    return {name: Act(functools.partial(build, name), len(keys)) for name in names}


def _singles(one: Contender, keys: Array, groups: Sequence[Sequence[Array]]) -> Act:
    parts = [np.concatenate(group) for group in groups]
    check_scalars(one, keys, parts[0][:500])
    prepared = [one.prepare_scalars(part) for part in parts]
    return Act(next_of(_caller(one.scalar), prepared), SCALARS)


def _batches(one: Contender, keys: Array, groups: Sequence[Sequence[Array]], plan: Plan) -> Act:
    """Ask for all calls of a group; loops make no more of them than their sample."""
    batch, calls = len(groups[0][0]), len(groups[0])
    if one.loops and plan.loop_sample < calls * batch:
        calls, batch = max(1, plan.loop_sample // batch), min(plan.loop_sample, batch)
    used = [[call[:batch] for call in group[:calls]] for group in groups]
    prepared = [[one.prepare(call) for call in group] for group in used]
    for queries, ready in zip(used[0][:CHECKED], prepared[0], strict=False):
        check(one, keys, queries, one.batch(ready))
    return Act(next_of(_caller(one.batch), prepared), len(used[0]) * batch)


def _groups(subject: Subject, cell: Cell, plan: Plan) -> list[list[Array]]:
    """Draw the calls of every round: other queries each round, else the last ones are cached."""
    batch, rounds = cell.batch or SCALARS, subject.rounds(cell, plan)
    calls = plan.calls_of(cell) if cell.batch else 1
    count = max(1, min(rounds + 1, QUERIES // (calls * batch)))
    queries = MIXES[cell.workload](subject.keyset.keys, count * calls * batch, plan.seed)
    if cell.workload == "sorted":  # every call is in order, and each spans all keys
        queries = queries.reshape(-1, count * calls).T.ravel()
    cut = [queries[i : i + batch] for i in range(0, len(queries), batch)]
    return [cut[i : i + calls] for i in range(0, len(cut), calls)]


@contextlib.contextmanager
def left_out_if_wrong(entry: Entry, missing: dict[str, str]) -> Iterator[None]:
    """Note of a rival why it is not timed: wrong answers, or what it raises. Ours ends the run."""
    try:
        yield
    except Exception as error:
        if entry.contender.ours:
            raise
        is_wrong = isinstance(error, WrongAnswerError)
        why = f"answers wrongly here: {error}" if is_wrong else f"raises {error!r}"
        missing[entry.name] = why


def _caller(answer: Callable[[Any], object]) -> Callable[[Any], object]:
    """Call once for each, and drop the answers."""
    return lambda calls: collections.deque(map(answer, calls), maxlen=0)


def _suite(name: str, about: str, unit: str, belongs: Callable[[Cell, Plan], bool]) -> Suite:
    return Suite(
        name,
        about,
        unit,
        Plan.places,
        lambda plan: [cell for cell in plan.cells() if belongs(cell, plan)],
        measure,
        takes_contenders=True,
        takes_keys=True,
        baseline=SORTEDNESS_CHECK if name == "builds" else None,
    )


def _is_lookup(cell: Cell, plan: Plan) -> bool:
    return cell.batch == plan.main_batch and cell.workload != "sorted"


def _is_of_size(cell: Cell, plan: Plan) -> bool:
    return 0 < cell.batch != plan.main_batch


CONTENDED: Iterable[Suite] = (
    _suite("builds", "from sorted keys to answers", "ns/key", lambda cell, _: cell.verb == "build"),
    _suite("lookups", "large batches, by kind of query", "ns/query", _is_lookup),
    _suite("singles", "one call a query", "ns/call", lambda cell, _: cell.verb == "single"),
    _suite("batches", "batches by their size", "ns/query", _is_of_size),
    _suite("sorted", "queries in order", "ns/query", lambda cell, _: cell.workload == "sorted"),
)
