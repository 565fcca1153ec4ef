"""Batches otherwise: other formats, rows of kernels, threads, a merge, published methods, traps.

Traps are keys that were made to spoil a model: right, never far behind the tree, built in linear
time.
"""

import functools
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import datasets
from benchmarks import keysets, native
from benchmarks.contenders import Array, Contender
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import JUDGED, MILLION, PLANS, TRAPS, Cell, Place, Plan
from benchmarks.suite import Act, Subject, Suite, Timed, checked, time_each
from benchmarks.workloads import in_order, mixed

MODELS = ("rmi", "btree16")
PUBLISHED = ("pgm", "radix_spline")
BUILT = ("rmi", "btree", "none")  # of the last, the check of the order is all
ALL = ("rmi", "pgm", "pgm8", "pgm12", "pgm14", "radix_spline", "btree8", "btree16")
# The same draw in other formats: positions stay, but for keys that a narrower format makes equal.
FORMATS: dict[str, Callable[[Array], Array]] = {
    "uint64": lambda drawn: drawn,
    "int64": lambda drawn: (drawn ^ np.uint64(1 << 63)).view(np.int64),
    "float64": lambda drawn: drawn.astype(np.float64),
    "uint32": lambda drawn: (drawn >> np.uint64(32)).astype(np.uint32),
    "datetime64": lambda drawn: (drawn >> np.uint64(1)).view("datetime64[ns]"),
}
TRAP_SIZE = 8 * MILLION
TRAPPED_MODELS = ("rmi", "btree", "auto")
PARTS = {"build 1/8": 8, "build 1/4": 4, "build 1/2": 2, "build": 1}  # of the keys
NARROW = np.uint64(24)  # bits by which a uniform draw is narrowed beside its outliers
FAR = 100  # one key in so many is an outlier


def built(names: Sequence[str], keyset: KeySet) -> tuple[dict[str, Contender], dict[str, str]]:
    """Build some contenders, and say why others are not there."""
    subject = Subject(keyset, names)
    return {one.name: one.contender for one in subject.present}, subject.reasons


def published(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time PGM and RadixSpline beside `std::lower_bound` in a C++ loop, and beside PyGM."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    there, missing = built(("std::lower_bound", *PUBLISHED, "pygm"), subject.keyset)
    actions = {
        name: checked(one, keys, queries[: plan.loop_sample] if one.loops else queries)
        for name, one in there.items()
    }
    return time_each(actions, subject.rounds(cell, plan), missing)


def merged(name: str, keys: Array, queries: Array) -> Act:
    """Make the action of a merge in C++, checked in the same way."""
    loop = getattr(native.extension("loops", native.HERE / "loops.cpp"), name)
    out = np.full(len(queries), -1, np.int64)
    loop(keys, queries, out)
    assert np.array_equal(out, np.searchsorted(keys, queries)), f"{name}: wrong answers"
    return Act(lambda: loop(keys, queries, out), len(queries))


def merges(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time as many sorted queries as keys; all write into memory that is there already."""
    keys = subject.keyset.keys
    queries = in_order(keys, len(keys), plan.seed)
    there, missing = built(ALL, subject.keyset)
    out = np.empty(len(queries), np.intp)
    actions = {name: checked(one, keys, queries, out=out) for name, one in there.items()}
    actions |= {name: merged(name, keys, queries) for name in ("merge", "merge_branchless")}
    return time_each(actions, subject.rounds(cell, plan), missing)


def formats(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time the same draw of keys and queries in several formats."""
    queries = mixed(subject.keyset.keys, plan.queries, plan.seed)
    actions: dict[str, Act] = {}
    missing: dict[str, str] = {}
    for form, convert in FORMATS.items():
        keyset = KeySet(form, convert(subject.keyset.keys))
        there, missing = built(MODELS, keyset)
        for name, one in there.items():
            actions[f"{name} {form}"] = checked(one, keyset.keys, convert(queries))
    return time_each(actions, subject.rounds(cell, plan), missing)


def rows(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time the same batch on every row of kernels that this processor runs."""
    kernels = library()._core.kernels
    before = kernels.active()
    queries = mixed(subject.keyset.keys, plan.queries, plan.seed)
    there, missing = built(MODELS, subject.keyset)
    actions = {}

    def answer(row: str, act: Act) -> object:
        kernels.use(row)
        return act.action()

    try:
        for (name, one), row in itertools.product(there.items(), kernels.available()):
            kernels.use(row)
            act = checked(one, subject.keyset.keys, queries)
            actions[f"{name} {row}"] = act._replace(action=functools.partial(answer, row, act))
        return time_each(actions, subject.rounds(cell, plan), missing)
    finally:
        kernels.use(before)


def threads(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time the same batch and builds on one thread and on two, by the clock on the wall."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    there, missing = built(MODELS, subject.keyset)
    actions = {
        f"{name} x{count}": checked(one, keys, queries, threads=count)
        for name, one in there.items()
        for count in (1, 2)
    }
    for model, count in itertools.product(BUILT, (1, 2)):
        build = functools.partial(library().LearnedIndex, keys, model, threads=count)
        actions[f"{model} built x{count}"] = Act(build, len(keys))
    return time_each(actions, subject.rounds(cell, plan), missing, time.perf_counter_ns)


def traps(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time lookups in all keys, and builds over fewer keys of the same kind."""
    keyset = subject.keyset
    queries = mixed(keyset.keys, plan.queries, plan.seed)
    there, missing = built(TRAPPED_MODELS, keyset)
    actions = {name: checked(one, keyset.keys, queries) for name, one in there.items()}
    for name, part in PARTS.items():
        fewer = trap(keyset.name, len(keyset.keys) // part, plan.seed).keys
        actions[name] = Act(functools.partial(library().LearnedIndex, fewer, "rmi"), len(fewer))
    return time_each(actions, subject.rounds(cell, plan), missing)


def trap(name: str, n: int | None, seed: int) -> KeySet:
    """Make a key set: one of `datasets`, or uniform 40-bit keys beside outliers.

    These are the end of the format, or every hundredth key, spread over all magnitudes up to 2^64.
    """
    if "_outlier" not in name or n is None:
        return keysets.from_name(name, n, seed)
    keys = datasets.load("uniform", n=n, seed=seed) >> NARROW
    if name == "one_outlier":
        keys[-1:] = np.iinfo(np.uint64).max
    else:
        exponents = np.random.default_rng(seed).uniform(40.0, 64.0, n // FAR)
        far = np.minimum(np.exp2(exponents), np.nextafter(2.0**64, 0))
        keys[: n // FAR] = far.astype(np.uint64)
    return KeySet(name, np.sort(keys))


def _trap_places(plan: Plan) -> Iterable[Place]:
    (n,) = plan.largest(TRAP_SIZE)
    all_sets = PLANS[plan.name].sets == plan.sets
    return [Place(name, n) for name in TRAPS if all_sets or name in plan.sets]


def uniform(*sizes: int) -> Callable[[Plan], Iterable[Place]]:
    """Place a suite over uniform keys of these sizes, or of the nearest that a plan has."""
    return lambda plan: [
        Place("uniform", n) for n in plan.largest(*sizes) if "uniform" in plan.sets
    ]


def _sorted_places(plan: Plan) -> Iterable[Place]:
    sizes = plan.largest(MILLION, 10 * MILLION)
    return [p for p in plan.places() if p.keys in JUDGED and p.n in (None, *sizes)]


def suite(
    name: str,
    about: str,
    places: Callable[[Plan], Iterable[Place]],
    measure: Callable[[Subject, Cell, Plan], Timed],
    **more: Any,
) -> Suite:
    return Suite(name, about, "ns/query", places, lambda plan: [Cell(name)], measure, **more)


_BOTH = uniform(MILLION, 10 * MILLION)
VARIANTS = (
    suite("published", "PGM and RadixSpline beside C++", uniform(10 * MILLION), published),
    suite("merges", "as many sorted queries as keys", _sorted_places, merges, baseline="merge"),
    suite("formats", "the same draw in other key formats", _BOTH, formats),
    suite("rows", "the same batch on every row of kernels", _BOTH, rows),
    suite("traps", "keys made to spoil a model, and builds", _trap_places, traps, load=trap),
    suite("threads", "the same batch, and builds, on two threads", uniform(10 * MILLION), threads),
)
