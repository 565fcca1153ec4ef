"""Everything that an index over a file can be asked, checked against the keys that are in it."""

import copy
import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

import learnedidx as lx
from learnedidx import _core
from learnedidx._state import without_zone
from tests.contract.key_sets import Array
from tests.format.spoil import Random

# Parameters and parts of a model that may be refused when something else is made of it.
REFUSED = ("root", "leaf", "n_leaves", "epsilon", "radix_bits", "node", "segments", "points")


def plain(keys: Array) -> Array:
    """Return keys as the numbers that they are stored as."""
    if keys.dtype.kind == "b":
        return keys.view(np.uint8)
    return keys.view(np.int64) if keys.dtype.kind in "mM" else keys


def queries_for(index: lx.LearnedIndex, random: Random, count: int) -> Array:
    """Return keys, what lies beside them, and any numbers, but neither NaN nor NaT."""
    dtype = index._state.checked.array.dtype
    if dtype.kind == "b":
        return random.integers(0, 2, count).astype(np.bool_)
    keys, bits = index._state.checked.array, f"u{dtype.itemsize}"
    queries = np.frombuffer(random.bytes(count * dtype.itemsize), bits).copy()
    if keys.size:
        some = keys[random.integers(0, keys.size, count // 2)].view(bits)
        queries[: some.size] = some + random.integers(0, 2, some.size).astype(bits)
    numbers = queries.view(dtype)
    missing = np.isnan(numbers) if dtype.kind in "fmM" else np.zeros(count, bool)
    asked: Array = numbers[~missing]
    return asked


def ask(blob: bytes, random: Random, keys: Array | None = None) -> bool:
    """Open a file; if that is not refused, ask it everything. Tell whether it was opened."""
    try:
        index = without_zone(lx.open(blob, keys=keys))
    except lx.FormatError:
        return False
    if index.values is not None:
        index.values.copy()
    thorough = random.integers(4) == 0
    if index._state.keyless is not None:
        ask_bounds(index, random)
        return True
    checked = index._state.checked
    numbers = plain(checked.array)[: checked.numbers]
    in_order = bool(np.all(numbers[:-1] <= numbers[1:]))
    queries = queries_for(index, random, 200 if thorough else 24)
    check_answers(index, queries, numbers, in_order)
    if thorough:
        check_answers(index, np.sort(queries), numbers, in_order)
    if thorough and _core.check_sorted(checked.array)[1] < 0:
        ask_heirs(index, random, queries)
    if thorough:
        try:
            ask_about_itself(index, queries)
        except ValueError as error:  # a tree predicts by a search that checks the order first
            assert "keys: not sorted" in str(error), error
    return True


def ask_heirs(index: lx.LearnedIndex, random: Random, queries: Array) -> None:
    """Ask what is made of an index over sorted keys, if that is not refused."""
    for make in heirs(index, random):
        try:
            heir = make()
        except (TypeError, ValueError) as error:  # what it is made of is named
            assert str(error).partition(":")[0] in REFUSED, error
        else:
            numbers = plain(heir._state.checked.array)[: heir._state.checked.numbers]
            check_answers(heir, queries, numbers, True)


def check_answers(index: lx.LearnedIndex, queries: Array, numbers: Array, in_order: bool) -> None:
    """Compare all verbs with NumPy, or with what is true of any keys."""
    few = queries[:: max(queries.size // 6, 1)]
    for side in ("left", "right"):
        found = index.searchsorted(queries, side)
        assert ((found >= 0) & (found <= numbers.size)).all()
        low, high = index.bounds(queries, side)
        assert ((low >= 0) & (low <= high) & (high <= len(index))).all()
        singles = [index.searchsorted(q, side) for q in few]
        assert all(0 <= single <= numbers.size for single in singles)
        if in_order:
            right: Any = np.searchsorted(numbers, plain(queries), side)
            np.testing.assert_array_equal(found, right)
            assert singles == right[:: max(queries.size // 6, 1)].tolist()
            assert ((low <= right) & (right <= high)).all()
    places = index.find(queries)
    assert ((places >= -1) & (places < max(numbers.size, 1))).all()
    assert not in_order or (index.contains(queries) == (places >= 0)).all()


def aligned(keys: Array) -> Array:
    """Return a copy that begins on a cache line, as the leaves of a tree in a file do."""
    memory = np.empty(keys.nbytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    made = memory[start : start + keys.nbytes].view(keys.dtype)
    made[:] = keys
    return made


def heirs(index: lx.LearnedIndex, random: Random) -> Iterator[Callable[[], lx.LearnedIndex]]:
    """Yield what makes an index of one over sorted keys: longer, a copy, or of its model."""
    keys = index._state.checked.array
    for longer in longer_keys(index, int(random.integers(keys.size + 1))):
        yield partial(index.extended, aligned(longer))
        yield partial(extended_twice, index, longer)
    yield lambda: copy.copy(index)
    yield lambda: copy.deepcopy(index)
    yield lambda: pickle.loads(pickle.dumps(index))
    yield lambda: lx.open(index.save(bytes) or b"")
    if index.model is not None:
        yield lambda: lx.LearnedIndex(keys, index.model)
        yield lambda: lx.LearnedIndex(keys, pickle.loads(pickle.dumps(index.model)))


def extended_twice(index: lx.LearnedIndex, longer: Array) -> lx.LearnedIndex:
    """Return an index that was extended to its own keys first."""
    return index.extended(aligned(index._state.checked.array)).extended(aligned(longer))


def longer_keys(index: lx.LearnedIndex, more: int) -> Iterator[Array]:
    """Yield the keys of an index, and behind them the last one again, or what is like them."""
    keys = index._state.checked.array
    yield np.concatenate([keys, np.repeat(keys[-1:], more)])
    if index._state.checked.numbers < keys.size or keys.dtype.kind == "b":
        return
    with np.errstate(over="ignore", invalid="ignore"):
        longer = np.concatenate([keys, keys[:more] + (keys[-1:] - keys[:1])])
    if np.all(longer[:-1] <= longer[1:]):
        yield longer


def ask_about_itself(index: lx.LearnedIndex, queries: Array) -> None:
    """Ask for statistics, traces, the model, the keys and a copy."""
    again = lx.open(index.save(bytes) or b"")
    assert len(again) == len(index) == len(list(index))
    assert index.stats()["n"] == len(index)
    for query in queries[:3]:
        assert 0 <= index.explain(query).answer <= len(index)
    if index.model is not None:
        repr(index.model)
        assert index.model.predict(queries).shape == queries.shape
        assert index.model.max_error_ >= 0 and index.nbytes >= 0
    with suppress(ValueError):  # says what is wrong
        index.verify()


def ask_bounds(index: lx.LearnedIndex, random: Random) -> None:
    """Without keys there are bounds, once the model's checksums were found right."""
    queries = queries_for(index, random, 20)
    try:
        low, high = index.bounds(queries)
    except ValueError as error:
        assert "is damaged" in str(error)
        return
    assert ((low >= 0) & (low <= high) & (high <= len(index))).all()
    if queries.size:
        assert 0 <= index.bounds(queries[0])[0] <= len(index)
    assert lx.open(index.save(bytes, keys=False) or b"")._state.keyless is not None
