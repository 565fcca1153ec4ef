"""Batches of shuffled, sorted and clustered queries beside NumPy, and beside a merge in C++."""

import functools
import statistics
from typing import Any

import numpy as np

from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.limits.measured import (
    Figure,
    Measured,
    Plan,
    Timed,
    build,
    checked,
    starting_with,
    time_each,
)
from benchmarks.limits.native import loop
from benchmarks.rounds import Action, Ratio
from benchmarks.workloads import mixed

LEARNED = ("rmi", "pgm", "radix_spline")
TREES = ("btree8", "btree16")
RUN = 256  # neighbouring queries of a cluster


def lookups(keyset: KeySet, plan: Plan) -> Measured:
    """Time everything of ours, NumPy, and the mere fetching of the answers' keys."""
    keys = keyset.keys
    shuffled = mixed(keys, plan.queries, plan.seed)
    ordered = np.sort(shuffled)
    orders = {"": shuffled, " sorted": ordered, " clustered": clustered(ordered, plan.seed)}
    built = build([*starting_with(*LEARNED), *TREES, "numpy"], keys, plan)
    actions = {}
    for name, contender in built.items():
        plan.say(f"checking {contender.label}")
        for order, queries in orders.items():
            actions[name + order] = Timed(checked(contender, keys, queries), len(queries))
    positions = np.minimum(np.searchsorted(keys, shuffled), len(keys) - 1)
    actions["take"] = Timed(lambda: np.take(keys, positions), len(shuffled))
    measured = Measured(nanoseconds=time_each(actions, plan))
    measured.nbytes = {name: int(made.nbytes() or 0) for name, made in built.items()}
    _compare_shuffled(measured)
    _compare_bytes(measured, keys)
    _compare_sorted(measured, [name for name, made in built.items() if made.ours])
    return measured


def clustered(ordered: Array, seed: int) -> Array:
    """Cut sorted queries into runs and shuffle the runs."""
    whole = len(ordered) // RUN * RUN
    runs = ordered[:whole].reshape(-1, RUN)
    order = np.random.default_rng(seed).permutation(len(runs))
    return np.concatenate([runs[order].ravel(), ordered[whole:]])


def _compare_shuffled(measured: Measured) -> None:
    learned = [name for name in starting_with(*LEARNED) if name in measured.nbytes]
    tree = measured.fastest(TREES)
    best = measured.fastest([*learned, *TREES])
    light = [name for name in learned if measured.nbytes[name] <= measured.nbytes[tree] / 2]
    measured.faster("best", best, "numpy")
    measured.faster("tree", tree, "numpy")
    measured.slower("learned/tree", measured.fastest(learned), tree)
    measured.slower("half/tree", measured.fastest(light or ["learned model so small"]), tree)
    measured.slower("best/take", best, "take")


def _compare_bytes(measured: Measured, keys: Array) -> None:
    """Divide what the index keeps beside the keys, with the model that the library chooses."""
    index = library().LearnedIndex(keys)
    share = index.nbytes / keys.nbytes
    measured.figures["bytes"] = Figure(Ratio(share, share, share), repr(index.model))


def _compare_sorted(measured: Measured, ours: list[str]) -> None:
    fastest = measured.fastest([f"{name} sorted" for name in ours])
    measured.faster("sorted", fastest, "numpy sorted")
    for order in ("sorted", "clustered"):
        slowest = max(ours, key=lambda name: _share(measured, f"{name} {order}", name))
        measured.slower(f"{order}/shuffled", f"{slowest} {order}", slowest)


def _share(measured: Measured, name: str, other: str) -> float:
    times = measured.nanoseconds
    return statistics.median(times[name]) / statistics.median(times[other])


def merges(keyset: KeySet, plan: Plan) -> Measured:
    """Time as many sorted queries as keys; all write into memory that is there already."""
    keys = keyset.keys
    queries = np.sort(mixed(keys, len(keys), plan.seed))
    wanted = np.searchsorted(keys, queries)
    out = np.empty(len(queries), np.intp)
    actions: dict[str, Action] = {}
    for name, contender in build([*starting_with(*LEARNED), *TREES], keys, plan).items():
        # The bound method takes arrays too.
        verb: Any = contender.scalar
        actions[name] = functools.partial(verb, queries, out=out)
    for name in ("merge", "merge_branchless"):
        actions[name] = loop(name, keys, queries, out)
    for name, action in actions.items():
        out[:] = -1
        action()
        if not np.array_equal(out, wanted):
            raise AssertionError(f"{name}: wrong answers to sorted queries")
    timed = {name: Timed(action, len(queries)) for name, action in actions.items()}
    measured = Measured(nanoseconds=time_each(timed, plan))
    rivals = ("merge", "merge_branchless")
    ours = measured.fastest(name for name in actions if name not in rivals)
    measured.slower("merge", ours, measured.fastest(rivals))
    return measured
