"""Lookups otherwise: formats, rows of kernels, threads, merges, published methods, traps, latency.

Traps are keys that were made to spoil a model: right, never far behind the tree, built in linear
time. Of single lookups there is the latency in C++, and what a call from Python adds to it.
"""

import functools
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import datasets
from benchmarks import keysets, native
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.machine import CLOCK
from benchmarks.plan import JUDGED, MILLION, TRAPS, Cell, Place, Plan
from benchmarks.suite import Act, Subject, Suite, Timed, checked, next_of, time_each
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
PARTS = {"build 1/8": 8, "build 1/4": 4, "build 1/2": 2, "build": 1}  # of the keys
NARROW = np.uint64(24)  # bits by which a uniform draw is narrowed beside its outliers
FAR = 100  # one key in so many is an outlier
CHAIN = 500_000  # lookups in a row: more lines of keys than caches hold
CALLS = 100_000
SCALARS: dict[str, Callable[[Array], list[Any]]] = {"np.uint64": list, "int": np.ndarray.tolist}
METHODS = ("rmi", "tree 8", "tree 16", "std::lower_bound")

Acts = Callable[[Subject, Plan], dict[str, Act]]


def published(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask PGM and RadixSpline beside `std::lower_bound` in a C++ loop, and beside PyGM."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    return {
        one.name: checked(one, keys, queries[: plan.loop_sample] if one.loops else queries)
        for one in subject.there
    }


def merged(name: str, keys: Array, queries: Array) -> Act:
    """Make the action of a merge in C++, checked in the same way."""
    loop = getattr(native.extension("loops", native.HERE / "loops.cpp"), name)
    out = np.full(len(queries), -1, np.int64)
    loop(keys, queries, out)
    assert np.array_equal(out, np.searchsorted(keys, queries)), f"{name}: wrong answers"
    return Act(lambda: loop(keys, queries, out), len(queries))


def merges(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask for as many sorted queries as keys; all write into memory that is there already."""
    keys = subject.keyset.keys
    queries = in_order(keys, len(keys), plan.seed)
    out = np.empty(len(queries), np.intp)
    found = {one.name: checked(one, keys, queries, out=out) for one in subject.there}
    return found | {name: merged(name, keys, queries) for name in ("merge", "merge_branchless")}


def formats(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask the same draw of keys and queries in several formats."""
    queries = mixed(subject.keyset.keys, plan.queries, plan.seed)
    found = {}
    for form, convert in FORMATS.items():
        keys = convert(subject.keyset.keys)
        for one in Subject(KeySet(form, keys), MODELS).there:
            found[f"{one.name} {form}"] = checked(one, keys, convert(queries))
    return found


def rows(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask the same batch on every row of kernels that this processor runs."""
    keys, kernels = subject.keyset.keys, library()._core.kernels
    before = kernels.active()
    queries = mixed(keys, plan.queries, plan.seed)

    def on(row: str, act: Act) -> object:
        kernels.use(row)
        try:
            return act.action()
        finally:
            kernels.use(before)

    found = {}
    for one, row in itertools.product(subject.there, kernels.available()):
        act = checked(one, keys, queries)
        found[f"{one.name} {row}"] = act._replace(action=functools.partial(on, row, act))
    return found


def threads(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask the same batch, and build, on one thread and on two."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    found = {
        f"{one.name} x{count}": checked(one, keys, queries, threads=count)
        for one in subject.there
        for count in (1, 2)
    }
    for model, count in itertools.product(BUILT, (1, 2)):
        build = functools.partial(library().LearnedIndex, keys, model, threads=count)
        found[f"{model} built x{count}"] = Act(build, len(keys))
    return found


def traps(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Ask all keys, and build over fewer keys of the same kind."""
    keys, name = subject.keyset.keys, subject.keyset.name
    queries = mixed(keys, plan.queries, plan.seed)
    found = {one.name: checked(one, keys, queries) for one in subject.there}
    for part, of in PARTS.items():
        fewer = trap(name, len(keys) // of, plan.seed).keys
        found[part] = Act(functools.partial(library().LearnedIndex, fewer, "rmi"), len(fewer))
    return found


def latency(subject: Subject, plan: Plan) -> dict[str, Act]:
    """Give chains of lookups in C++, and calls from Python."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    parts = _parts(queries, CHAIN)
    core = native.extension("singles", native.HERE / "singles.cpp", native.CORE)
    chains = {name: core.Chain(keys, name).ask for name in METHODS}
    wanted = int(np.searchsorted(keys, parts[0]).sum())
    for name, chain in chains.items():
        assert chain(parts[0]) == wanted, f"{name}: wrong answers to single lookups"
    found = {name: Act(next_of(chain, parts), len(parts[0])) for name, chain in chains.items()}
    index = library().LearnedIndex(keys, "rmi")
    loops: dict[str, Callable[[list[Any]], None]] = {
        "loop": _only_loop,
        "empty": functools.partial(_call, core.empty),
        "searchsorted": functools.partial(_call, index.searchsorted),
        "in": functools.partial(_is_in, index),
    }
    for scalar, convert in SCALARS.items():
        asked = [convert(part) for part in _parts(queries, CALLS)]
        for name, loop in loops.items():
            found[f"{name} {scalar}"] = Act(next_of(loop, asked), len(asked[0]))
    return found


def _parts(queries: Array, size: int) -> list[Array]:
    """Cut queries into parts of equal size, so that no round asks what the last one asked."""
    size = min(size, len(queries))
    return [queries[i : i + size] for i in range(0, len(queries) - size + 1, size)]


def _only_loop(queries: list[Any]) -> None:
    for _ in queries:
        pass


def _call(function: Callable[[Any], object], queries: list[Any]) -> None:
    for query in queries:
        function(query)


def _is_in(index: Any, queries: list[Any]) -> None:
    for query in queries:
        query in index  # noqa: B015 - only the time matters


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
    return [Place(name, n) for name in TRAPS if plan.takes(name)]


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
    acts: Acts,
    clock: Callable[[], int] = CLOCK,
    **more: Any,
) -> Suite:
    """Declare a suite of one cell, in which all that it names takes part."""

    @functools.wraps(acts)
    def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
        found = acts(subject, plan)
        return time_each(found, subject.rounds(cell, plan), subject.reasons, clock)

    more.setdefault("contenders", MODELS)
    return Suite(name, about, "ns/query", places, lambda _: [Cell(name)], measure, **more)


_BOTH, _LARGE = uniform(MILLION, 10 * MILLION), uniform(10 * MILLION)
_SINGLE = uniform(MILLION, 10 * MILLION, 100 * MILLION)
_BESIDE: dict[str, Any] = {"contenders": ("std::lower_bound", *PUBLISHED, "pygm")}
_TRAPPED: dict[str, Any] = {"load": trap, "contenders": ("rmi", "btree", "auto")}
_MERGED: dict[str, Any] = {"baseline": "merge", "contenders": ALL}
_WALL = time.perf_counter_ns
VARIANTS = (
    suite("published", "PGM and RadixSpline beside C++", _LARGE, published, **_BESIDE),
    suite("merges", "as many sorted queries as keys", _sorted_places, merges, **_MERGED),
    suite("formats", "the same draw in other key formats", _BOTH, formats),
    suite("rows", "the same batch on every row of kernels", _BOTH, rows),
    suite("traps", "keys made to spoil a model, and builds", _trap_places, traps, **_TRAPPED),
    suite("threads", "the same batch, and builds, on two threads", _LARGE, threads, _WALL),
    suite("latency", "single lookups in C++, and what Python adds", _SINGLE, latency),
)
