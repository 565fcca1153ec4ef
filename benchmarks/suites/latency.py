"""Single lookups: the latency in C++, and what a call from Python adds to it."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.suite import Act, Subject, Timed, time_each
from benchmarks.suites.contended import next_of
from benchmarks.suites.variants import suite, uniform
from benchmarks.workloads import mixed

CHAIN = 500_000  # lookups in a row: more lines of keys than caches hold
CALLS = 100_000
SCALARS: dict[str, Callable[[Array], list[Any]]] = {"np.uint64": list, "int": np.ndarray.tolist}


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time chains of lookups in C++ and calls from Python, interleaved."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    index = library().LearnedIndex(keys, "rmi")
    parts = _parts(queries, CHAIN)
    actions = {
        name: Act(next_of(chain, parts), len(parts[0]))
        for name, chain in chains(index.model, keys, queries[:CHAIN]).items()
    }
    for scalar, convert in SCALARS.items():
        asked = [convert(part) for part in _parts(queries, CALLS)]
        for name, loop in _loops(index).items():
            actions[f"{name} {scalar}"] = Act(next_of(loop, asked), len(asked[0]))
    return time_each(actions, subject.rounds(cell, plan), {})


def core() -> Any:
    """Compile the single lookups with the core's own headers, and the empty call."""
    return native.extension("singles", native.HERE / "singles.cpp", native.CORE)


def _parts(queries: Array, size: int) -> list[Array]:
    """Cut queries into parts of equal size, so that no round asks what the last one asked."""
    size = min(size, len(queries))
    return [queries[i : i + size] for i in range(0, len(queries) - size + 1, size)]


def chains(model: Any, keys: Array, sample: Array) -> dict[str, Callable[[Array], int]]:
    """Give a function for each method that asks its queries one after the other, in C++."""
    row = library()._core.kernels.active()
    made = {f"tree {node}": core().make_tree(keys, node) for node in (8, 16)}
    knots = model.stage_knots_
    root_bits = (len(knots[0]) - 1).bit_length() - 1
    made["rmi"] = core().make_rmi(keys, root_bits, knots, model.leaf_positions_)
    if not np.array_equal(made["rmi"].predict(sample), model.predict(sample)):
        raise AssertionError("the model that C++ holds predicts otherwise than the fitted one")
    found: dict[str, Callable[[Array], int]] = {
        name: lambda asked, index=index: index.chain(row, asked, 0)  # type: ignore[misc]
        for name, index in made.items()
    }
    found["std::lower_bound"] = lambda asked: int(core().chain_lower_bound(keys, asked, 0))
    wanted = int(np.searchsorted(keys, sample).sum())
    for name, chain in found.items():
        assert chain(sample) == wanted, f"{name}: wrong answers to single lookups"
    return found


def _loops(index: Any) -> dict[str, Callable[[list[Any]], None]]:
    """Give loops of calls: nothing, the empty function, and the two verbs."""

    verbs = {"empty": core().empty, "searchsorted": index.searchsorted}
    calls = {name: functools.partial(_call, verb) for name, verb in verbs.items()}
    return {"loop": _only_loop, **calls, "in": functools.partial(_is_in, index)}


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
    measure,
)
