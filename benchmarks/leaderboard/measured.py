"""One cell over one key set: all contenders checked, then timed in interleaved rounds.

All of them run on one thread, so what is timed is the processor's time where the system counts it
finely: what other programs take meanwhile is not in it. On an idle machine it is the clock on the
wall; on a busy one the wall says up to 30 times more of calls that take half a millisecond.
"""

import collections
import itertools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks import memory
from benchmarks.checks import WrongAnswerError, check, check_scalars
from benchmarks.contenders import Array, Contender, make
from benchmarks.keysets import KeySet
from benchmarks.leaderboard import energy, room
from benchmarks.leaderboard.plan import Cell, Plan
from benchmarks.rounds import Action, time_rounds
from benchmarks.session import SORTEDNESS_CHECK, Entry, enter
from benchmarks.workloads import WORKLOADS

_FINE = time.get_clock_info("process_time").resolution <= 1e-6
CLOCK, CLOCK_NAME = (
    (time.process_time_ns, "processor time") if _FINE else (time.perf_counter_ns, "wall time")
)
QUERIES = 8_000_000  # kept at once: other ones for each round, as long as there are enough
CHECKED = 64  # calls whose answers are compared before any is timed
SCALARS = 2_000  # single calls a round
GROWTH_FROM = 50_000  # keys: the pages that a process grows by say nothing of fewer
ENERGY_CALLS = 5  # the counters move once a millisecond


class Timed(NamedTuple):
    """Times of one cell: nanoseconds a query or key by round, or why there are none."""

    times: dict[str, list[float]]
    missing: dict[str, str]
    extra: dict[str, Any]


def enter_all(names: Sequence[str], keyset: KeySet, say: Callable[[str], object]) -> list[Entry]:
    """Build every contender that is there, takes these keys and fits into memory."""
    entries = []
    for name in names:
        say(f"building {name}")
        contender = make(name)
        why_not = contender.missing() or room.too_large(name, len(keyset.keys), room.free_bytes())
        if why_not is None:
            entries.append(enter(contender, keyset, measure_memory=False))
        else:
            entries.append(Entry(contender, why_not))
    return entries


def measure(entries: Sequence[Entry], keyset: KeySet, cell: Cell, plan: Plan) -> Timed:
    """Time one cell; a rival that answers wrongly is left out of it, and the reason kept."""
    rounds = plan.rounds_of(cell, len(keyset.keys))
    if cell.verb == "build":
        timed = _builds(entries, keyset, rounds)
    elif cell.verb == "single":
        timed = _singles(entries, keyset, cell, plan, rounds)
    else:
        timed = _batches(entries, keyset, cell, plan, rounds)
    timed.extra["chose"] = _chosen(entries)
    return timed


def _chosen(entries: Sequence[Entry]) -> str:
    """Name the structure that `auto` stands for over these keys."""
    auto = next((one.contender for one in entries if one.name == "auto"), None)
    index: Any = getattr(auto, "index", None)
    return "" if index is None else repr(index.model or "no model").strip("'")


def _builds(entries: Sequence[Entry], keyset: KeySet, rounds: int) -> Timed:
    """Time building, and count bytes: what no contender counts itself is a process's growth."""
    keys = keyset.keys
    actions = {entry.name: _builder(entry.name, keys) for entry in _present(entries)}
    actions[SORTEDNESS_CHECK] = lambda: (keys[1:] >= keys[:-1]).all()
    taken = time_rounds(actions, rounds, clock=CLOCK, shuffle=random.Random(rounds))
    times = {name: [each / len(keys) for each in found] for name, found in taken.items()}
    nbytes: dict[str, int] = {}
    grown = []
    for entry in entries:
        if entry.why_not is not None:
            continue
        counted = entry.contender.nbytes()
        if counted is None and len(keyset.keys) >= GROWTH_FROM:
            growth = memory.measure(entry.name, keyset.keys)
            counted = None if growth is None else growth.kept
            grown.append(entry.name)
        if counted is not None:
            nbytes[entry.name] = counted
    return Timed(times, _reasons(entries), {"bytes": nbytes, "grown": grown})


def _builder(name: str, keys: Array) -> Action:
    def build() -> Contender:
        contender = make(name)
        contender.build(keys)
        return contender

    return build


def _singles(
    entries: Sequence[Entry], keyset: KeySet, cell: Cell, plan: Plan, rounds: int
) -> Timed:
    count = SCALARS * (rounds + 1)
    parts = np.array_split(WORKLOADS[cell.workload](keyset.keys, count, plan.seed), rounds + 1)
    actions: dict[str, Action] = {}
    missing = _reasons(entries)
    for entry in _present(entries):
        try:
            check_scalars(entry.contender, keyset.keys, parts[0][:500])
        except WrongAnswerError as error:
            _leave_out(entry, error, missing)
            continue
        prepared = [entry.contender.prepare_scalars(part) for part in parts]
        actions[entry.name] = _next_of(_caller(entry.contender.scalar), prepared)
    taken = time_rounds(actions, rounds, clock=CLOCK, shuffle=random.Random(rounds))
    counts = [len(part) for part in parts[1:]]
    each = {
        name: [t / n for t, n in zip(times, counts, strict=True)] for name, times in taken.items()
    }
    return Timed(each, missing, {})


def _batches(
    entries: Sequence[Entry], keyset: KeySet, cell: Cell, plan: Plan, rounds: int
) -> Timed:
    groups = _groups(keyset, cell, plan, rounds)
    actions: dict[str, Action] = {}
    counts: dict[str, int] = {}
    missing = _reasons(entries)
    for entry in _present(entries):
        cut = plan.loop_sample if entry.contender.loops else cell.batch
        prepared = [
            [entry.contender.prepare(call[:cut]) for call in group[: _enough(cut, group, plan)]]
            for group in groups
        ]
        try:
            for call, ready in zip(groups[0][:CHECKED], prepared[0], strict=False):
                answers = entry.contender.batch(ready)
                check(entry.contender, keyset.keys, call[:cut], answers)
        except WrongAnswerError as error:
            _leave_out(entry, error, missing)
            continue
        actions[entry.name] = _next_of(_caller(entry.contender.batch), prepared)
        counts[entry.name] = len(prepared[0]) * min(cut, cell.batch)
    taken = time_rounds(actions, rounds, clock=CLOCK, shuffle=random.Random(rounds))
    each = {name: [t / counts[name] for t in times] for name, times in taken.items()}
    extra = _energy(actions, counts) if cell.batch == plan.main_batch else {}
    return Timed(each, missing, extra)


def _groups(keyset: KeySet, cell: Cell, plan: Plan, rounds: int) -> list[list[Array]]:
    """Draw the calls of every round: other queries each round, else the last ones are cached."""
    calls = plan.calls_of(cell)
    count = max(1, min(rounds + 1, QUERIES // (calls * cell.batch)))
    queries = WORKLOADS[cell.workload](keyset.keys, count * calls * cell.batch, plan.seed)
    if cell.workload == "sorted":  # every call is in order, and each spans all keys
        queries = queries.reshape(-1, count * calls).T.ravel()
    cut = [queries[i : i + cell.batch] for i in range(0, len(queries), cell.batch)]
    return [cut[i : i + calls] for i in range(0, len(cut), calls)]


def _enough(cut: int, group: list[Array], plan: Plan) -> int:
    """Say how many calls of a group a contender makes: loops make no more than their sample."""
    return max(1, min(len(group), plan.loop_sample // cut)) if cut < len(group[0]) else len(group)


def _energy(actions: dict[str, Action], counts: dict[str, int]) -> dict[str, Any]:
    """Measure microjoules a query one after the other, where the machine counts them."""
    if energy.missing() is not None:
        return {}
    meter = energy.Meter()
    found = {}
    for name, action in actions.items():
        before = meter.read()
        for _ in range(ENERGY_CALLS):
            action()
        found[name] = meter.since(before) / (ENERGY_CALLS * counts[name])
    return {"microjoules": found}


def _present(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.why_not is None]


def _reasons(entries: Sequence[Entry]) -> dict[str, str]:
    return {entry.name: entry.why_not for entry in entries if entry.why_not is not None}


def _leave_out(entry: Entry, error: WrongAnswerError, missing: dict[str, str]) -> None:
    if entry.contender.ours:
        raise error
    missing[entry.name] = f"answers wrongly here: {error}"


def _next_of(answer: Callable[[Any], object], prepared: Sequence[Any]) -> Action:
    parts = itertools.cycle(prepared)
    return lambda: answer(next(parts))


def _caller(answer: Callable[[Any], object]) -> Callable[[Any], object]:
    """Call once for each, and drop the answers."""
    return lambda calls: collections.deque(map(answer, calls), maxlen=0)


__all__ = ["SORTEDNESS_CHECK", "Timed", "enter_all", "measure"]
