"""Single lookups: the latency in C++, and what a call from Python adds to it."""

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.native import empty_call, needs_compiler
from benchmarks.native import singles as native
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.suite import Act, Subject, Timed, time_each
from benchmarks.suites.contended import next_of
from benchmarks.suites.variants import suite, uniform
from benchmarks.workloads import mixed

CHAIN = 500_000  # lookups in a row: more lines of keys than caches hold
CALLS = 100_000
SCALARS: dict[str, Callable[[Array], list[Any]]] = {"np.uint64": list, "int": np.ndarray.tolist}


@needs_compiler
def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time chains of lookups in C++ and calls from Python, interleaved."""
    keys = subject.keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    index = library().LearnedIndex(keys, "rmi")
    with _chains(index.model, keys, queries[:CHAIN]) as chains:
        parts = _parts(queries, CHAIN)
        actions = {
            name: Act(next_of(chain, parts), len(parts[0])) for name, chain in chains.items()
        }
        actions |= _python_calls(index, _parts(queries, CALLS))
        return time_each(actions, subject.rounds(cell, plan), {})


def _parts(queries: Array, size: int) -> list[Array]:
    """Cut queries into parts of equal size, so that no round asks what the last one asked."""
    size = min(size, len(queries))
    return [queries[i : i + size] for i in range(0, len(queries) - size + 1, size)]


@contextlib.contextmanager
def _chains(
    model: Any, keys: Array, sample: Array
) -> Iterator[dict[str, Callable[[Array], object]]]:
    """Give a function for each method that asks its queries one after the other, in C++."""
    core = native()
    place = (keys.ctypes.data, len(keys))
    row = library()._core.kernels.active().encode()
    knots = (ctypes.c_void_p * len(model.stage_knots_))(*map(_address, model.stage_knots_))
    root_bits = (len(model.stage_knots_[0]) - 1).bit_length() - 1
    positions = model.leaf_positions_
    made = {f"tree {node}": core.make_tree(*place, node) for node in (8, 16)}
    made["rmi"] = core.make_rmi(*place, root_bits, knots, len(knots), _address(positions))

    def over(index: int) -> Callable[[Array], int]:
        return lambda asked: int(core.chain_index(index, row, asked.ctypes.data, len(asked), 0))

    chains: dict[str, Callable[[Array], Any]] = {name: over(i) for name, i in made.items()}
    chains["std::lower_bound"] = lambda asked: core.chain_lower_bound(
        *place, asked.ctypes.data, len(asked), 0
    )
    try:
        _check_predictions(model, made["rmi"], sample)
        wanted = int(np.searchsorted(keys, sample).sum())
        for name, chain in chains.items():
            if chain(sample) != wanted:
                raise AssertionError(f"{name}: wrong answers to single lookups")
        yield chains
    finally:
        for index in made.values():
            core.free_index(index)


def _address(array: Any) -> int:
    return int(np.asarray(array).ctypes.data)


def _check_predictions(model: Any, index: int, sample: Array) -> None:
    """See that C++ holds the model that Python fitted, and not only one that answers rightly."""
    predicted = np.empty(len(sample), np.int64)
    native().predict(index, sample.ctypes.data, len(sample), predicted.ctypes.data)
    if not np.array_equal(predicted, model.predict(sample)):
        raise AssertionError("the model that C++ holds predicts otherwise than the fitted one")


def _python_calls(index: Any, parts: list[Array]) -> dict[str, Act]:
    """Give loops of calls: nothing, the empty function, and the two verbs."""
    loops: dict[str, Callable[[list[Any]], None]] = {
        "loop": _only_loop,
        "empty": lambda asked: _call(empty_call(), asked),
        "searchsorted": lambda asked: _call(index.searchsorted, asked),
        "in": lambda asked: _is_in(index, asked),
    }
    actions = {}
    for scalar, convert in SCALARS.items():
        converted = [convert(part) for part in parts]
        for name, loop in loops.items():
            actions[f"{name} {scalar}"] = Act(next_of(loop, converted), len(converted[0]))
    return actions


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
