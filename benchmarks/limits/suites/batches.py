"""Batches of published methods, of other key formats, rows of kernels, threads and few queries."""

import collections
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.checks import check
from benchmarks.contenders import Array, Contender
from benchmarks.contenders.library import library
from benchmarks.entry import LOOP_SAMPLE
from benchmarks.keysets import KeySet
from benchmarks.limits.measured import (
    Figure,
    Measured,
    Plan,
    Timed,
    build,
    checked,
    time_each,
)
from benchmarks.limits.native import loop
from benchmarks.rounds import ratio
from benchmarks.workloads import mixed

MODELS = ("rmi", "btree16")
PUBLISHED = ("pgm", "radix_spline")
WIDEST_ROW = "avx512"
NARROWER_ROWS = ("scalar", "avx2")
SIZES = (1, 8, 64, 512, 4096)


def published(keyset: KeySet, plan: Plan) -> Measured:
    """Time PGM and RadixSpline beside `std::lower_bound` in a C++ loop, and beside PyGM."""
    keys = keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    out = np.empty(len(queries), np.int64)
    lower_bounds = loop("lower_bounds", keys, queries, out)
    actions = {"std::lower_bound": Timed(lower_bounds, len(queries))}
    for name, contender in build([*PUBLISHED, "pygm"], keys, plan).items():
        part = queries[:LOOP_SAMPLE] if contender.loops else queries
        actions[name] = Timed(checked(contender, keys, part), len(part))
    measured = Measured(nanoseconds=time_each(actions, plan))
    for name in PUBLISHED:
        measured.slower(f"{name}/lower_bound", name, "std::lower_bound")
        measured.faster(f"{name} against PyGM", name, "pygm")
    return measured


# The same draw in other formats: positions stay, but for keys that a narrower format makes equal.
FORMATS: dict[str, Callable[[Array], Array]] = {
    "uint64": lambda drawn: drawn,
    "int64": lambda drawn: (drawn ^ np.uint64(1 << 63)).view(np.int64),
    "float64": lambda drawn: drawn.astype(np.float64),
    "uint32": lambda drawn: (drawn >> np.uint64(32)).astype(np.uint32),
    "datetime64": lambda drawn: (drawn >> np.uint64(1)).view("datetime64[ns]"),
}


def formats(keyset: KeySet, plan: Plan) -> Measured:
    """Time the same draw of keys and queries in several formats."""
    queries = mixed(keyset.keys, plan.queries, plan.seed)
    actions = {}
    for format_name, convert in FORMATS.items():
        keys, asked = convert(keyset.keys), convert(queries)
        for name, contender in build(MODELS, keys, plan).items():
            actions[f"{name} {format_name}"] = Timed(checked(contender, keys, asked), len(asked))
    measured = Measured(nanoseconds=time_each(actions, plan))
    for format_name in FORMATS.keys() - {"uint64"}:
        for name in MODELS:
            ours = f"{name} {format_name}"
            measured.slower(f"{ours}/uint64", ours, f"{name} uint64")
    return measured


def rows(keyset: KeySet, plan: Plan) -> Measured:
    """Time the same batch on every row of kernels that this processor runs."""
    kernels = library()._core.kernels
    before = kernels.active()
    queries = mixed(keyset.keys, plan.queries, plan.seed)
    actions = {}
    try:
        for name, contender in build(MODELS, keyset.keys, plan).items():
            for row in kernels.available():
                kernels.use(row)
                answer = checked(contender, keyset.keys, queries)
                actions[f"{name} {row}"] = Timed(_on_row(kernels, row, answer), len(queries))
        measured = Measured(nanoseconds=time_each(actions, plan))
    finally:
        kernels.use(before)
    for name in MODELS:
        for row in NARROWER_ROWS:
            widest = f"{name} {WIDEST_ROW}"
            measured.slower(f"{name} {row}/{WIDEST_ROW}", f"{name} {row}", widest)
    return measured


def _on_row(kernels: Any, row: str, answer: Callable[[], object]) -> Callable[[], object]:
    def act() -> object:
        kernels.use(row)
        return answer()

    return act


def threads(keyset: KeySet, plan: Plan) -> Measured:
    """Time the same batch on one thread and on two."""
    queries = mixed(keyset.keys, plan.queries, plan.seed)
    actions = {}
    for name, contender in build(MODELS, keyset.keys, plan).items():
        for count in (1, 2):
            verb = _with_threads(contender, queries, count)
            check(contender, keyset.keys, queries, verb())
            actions[f"{name} x{count}"] = Timed(verb, len(queries))
    measured = Measured(nanoseconds=time_each(actions, plan))
    for name in MODELS:
        measured.faster(f"two threads {name}", f"{name} x2", f"{name} x1")
    return measured


def _with_threads(contender: Contender, queries: Array, count: int) -> Callable[[], object]:
    verb: Any = contender.scalar  # the bound method, which takes arrays too
    return lambda: verb(queries, threads=count)


def small_batches(keyset: KeySet, plan: Plan) -> Measured:
    """Time calls with few queries; no size may cost more a query than a smaller one."""
    built = build([*MODELS, "numpy"], keyset.keys, plan)
    count = max(max(SIZES), min(plan.queries, 50 * max(SIZES)))
    queries = mixed(keyset.keys, count, plan.seed)
    actions = {}
    for name, contender in built.items():
        for size in SIZES:
            asked = queries[: min(len(queries) // size, 20_000) * size]
            calls = list(asked.reshape(-1, size))
            for call in calls[:100]:
                check(contender, keyset.keys, call, contender.batch(call))
            actions[f"{name} of {size}"] = Timed(_each(contender.batch, calls), len(asked))
    measured = Measured(nanoseconds=time_each(actions, plan))
    for name in MODELS:
        for size in SIZES[:3]:
            measured.slower(f"{name} of {size}/numpy", f"{name} of {size}", f"numpy of {size}")
        measured.figures[f"{name} cliff"] = _worst_step(measured, name)
    return measured


def _each(answer: Callable[[Any], object], calls: list[Array]) -> Callable[[], object]:
    """Call once an array and drop the answers, with the least overhead that Python has for it."""
    return lambda: collections.deque(map(answer, calls), maxlen=0)


def _worst_step(measured: Measured, name: str) -> Figure:
    """Find the size whose queries cost most beside those of the size before."""
    series = [measured.nanoseconds[f"{name} of {size}"] for size in SIZES]
    steps = [ratio(larger, smaller) for smaller, larger in itertools.pairwise(series)]
    worst = max(range(len(steps)), key=lambda i: steps[i].median)
    return Figure(steps[worst], f"{name} of {SIZES[worst + 1]} and of {SIZES[worst]}")
