"""Single lookups: the latency in C++, and what a call from Python adds to it."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.plan import MILLION, Plan
from benchmarks.suite import Act, Subject, next_of
from benchmarks.suites.variants import suite, uniform
from benchmarks.workloads import mixed

CHAIN = 500_000  # lookups in a row: more lines of keys than caches hold
CALLS = 100_000
SCALARS: dict[str, Callable[[Array], list[Any]]] = {"np.uint64": list, "int": np.ndarray.tolist}
METHODS = ("rmi", "tree 8", "tree 16", "std::lower_bound")


def acts(subject: Subject, plan: Plan) -> dict[str, Act]:
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


LATENCY = suite(
    "latency",
    "single lookups in C++, and what Python adds",
    uniform(MILLION, 10 * MILLION, 100 * MILLION),
    acts,
)
