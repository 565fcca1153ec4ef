"""Suites over contenders: lookups in batches and one by one, sorted ones, and builds.

All contenders of a cell are checked, then timed in interleaved rounds on one thread.
"""

import collections
import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.checks import WrongAnswerError, check, check_scalars
from benchmarks.contenders import Array, Contender, make
from benchmarks.keysets import KeySet
from benchmarks.plan import Cell, Plan, seconds_expected
from benchmarks.rounds import Action
from benchmarks.suite import Act, Entry, Subject, Suite, Timed, time_each
from benchmarks.workloads import OVER_POSITIONS, WORKLOADS

SORTEDNESS_CHECK = "sorted?"
QUERIES = 8_000_000  # kept at once: other ones for each round, as long as there are enough
CHECKED = 64  # calls whose answers are compared before any is timed
SCALARS = 2_000  # single calls a round
GROWTH_FROM = 50_000  # keys: the pages that a process grows by say nothing of fewer
MIXES = WORKLOADS | OVER_POSITIONS


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time one cell; a rival that answers wrongly is left out of it, and the reason kept."""
    rounds, there = subject.rounds(cell, plan), subject.present
    if cell.verb == "build":
        timed = _builds(subject, rounds)
    else:
        timed = {"single": _singles, "batch": _batches}[cell.verb](subject, cell, plan, rounds)
    seconds = {entry.name: float(f"{entry.build_seconds or 0:.3g}") for entry in there}
    notes = {entry.name: note for entry in there if (note := entry.contender.note())}
    # The structure that `auto` stands for over these keys.
    index: Any = next(
        (getattr(e.contender, "index", None) for e in there if e.name == "auto"), None
    )
    chose = "" if index is None else repr(index.model or "no model").strip("'")
    known = {"bytes": subject.counted, "built": seconds, "chose": chose, "notes": notes}
    return timed._replace(facts=known | dict(timed.facts))


def _builds(subject: Subject, rounds: int) -> Timed:
    """Time building, and count bytes: what no contender counts itself is a process's growth."""
    keys = subject.keyset.keys
    check_alone = Act(lambda: (keys[1:] >= keys[:-1]).all(), len(keys))
    timed = builds(subject, rounds, {SORTEDNESS_CHECK: check_alone}, rounds)
    grown = subject.growth if len(keys) >= GROWTH_FROM else {}
    return timed._replace(facts={"bytes": subject.counted | grown, "grown": list(grown)})


def builds(
    subject: Subject,
    rounds: int,
    others: Mapping[str, Act] = MappingProxyType({}),
    shuffle: int | None = None,
) -> Timed:
    """Time building every contender anew, and other actions."""
    keys = subject.keyset.keys

    def build(name: str) -> Contender:
        contender = make(name)
        contender.build(keys)
        return contender

    names = [entry.name for entry in subject.present]
    actions = {name: Act(functools.partial(build, name), len(keys)) for name in names}
    return time_each(actions | dict(others), rounds, subject.reasons, shuffle=shuffle)


def _singles(subject: Subject, cell: Cell, plan: Plan, rounds: int) -> Timed:
    keyset = subject.keyset
    count = SCALARS * (rounds + 1)
    parts = np.array_split(MIXES[cell.workload](keyset.keys, count, plan.seed), rounds + 1)
    actions: dict[str, Action] = {}
    missing = subject.reasons
    for entry in subject.present:
        with left_out_if_wrong(entry, missing):
            check_scalars(entry.contender, keyset.keys, parts[0][:500])
            prepared = [entry.contender.prepare_scalars(part) for part in parts]
            actions[entry.name] = next_of(_caller(entry.contender.scalar), prepared)
    return time_each(actions, rounds, missing, shuffle=rounds, per=SCALARS)


def _batches(subject: Subject, cell: Cell, plan: Plan, rounds: int) -> Timed:
    keyset = subject.keyset
    groups = _groups(keyset, cell, plan, rounds)
    actions: dict[str, Act] = {}
    missing = subject.reasons
    for entry in subject.present:
        with left_out_if_wrong(entry, missing):
            one = entry.contender
            cut = plan.loop_sample if one.loops else cell.batch
            used = [[call[:cut] for call in group[: _enough(cut, group, plan)]] for group in groups]
            prepared = [[one.prepare(call) for call in group] for group in used]
            for queries, ready in zip(used[0][:CHECKED], prepared[0], strict=False):
                check(one, keyset.keys, queries, one.batch(ready))
            queries_a_round = len(prepared[0]) * min(cut, cell.batch)
            actions[entry.name] = Act(next_of(_caller(one.batch), prepared), queries_a_round)
    return time_each(actions, rounds, missing, shuffle=rounds)


def _groups(keyset: KeySet, cell: Cell, plan: Plan, rounds: int) -> list[list[Array]]:
    """Draw the calls of every round: other queries each round, else the last ones are cached."""
    calls = plan.calls_of(cell)
    count = max(1, min(rounds + 1, QUERIES // (calls * cell.batch)))
    queries = MIXES[cell.workload](keyset.keys, count * calls * cell.batch, plan.seed)
    if cell.workload == "sorted":  # every call is in order, and each spans all keys
        queries = queries.reshape(-1, count * calls).T.ravel()
    cut = [queries[i : i + cell.batch] for i in range(0, len(queries), cell.batch)]
    return [cut[i : i + calls] for i in range(0, len(cut), calls)]


def _enough(cut: int, group: list[Array], plan: Plan) -> int:
    """Say how many calls of a group a contender makes: loops make no more than their sample."""
    return max(1, min(len(group), plan.loop_sample // cut)) if cut < len(group[0]) else len(group)


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


def next_of(answer: Callable[[Any], object], prepared: Sequence[Any]) -> Action:
    """Give an action that answers the next of some parts each time."""
    parts = itertools.cycle(prepared)
    return lambda: answer(next(parts))


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
        seconds=seconds_expected,
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
