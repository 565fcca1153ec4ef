"""Who keeps whom alive: borrowed keys, returned arrays, cycles, and nothing leaked."""

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.models import MODELS, build

KEYS = np.arange(0, 6_000, 3, dtype=np.uint64)
SOME = np.arange(0, 6_100, 31, dtype=np.uint64)
INDEX = lx.LearnedIndex(KEYS)
SMALL = lx.LearnedIndex(KEYS[:200], "rmi")
OUT = np.empty(len(SOME), np.intp)


SMALLEST_OBJECT = 24
"""Bytes of a Python float: a leak of anything at all at every call is at least this."""


class Owner(np.ndarray[Any, Any]):
    """An array that can be watched dying."""


USES: dict[str, Callable[[], Any]] = {
    "searchsorted": lambda: INDEX.searchsorted(SOME),
    "searchsorted out": lambda: INDEX.searchsorted(SOME, out=OUT),
    "searchsorted scalar": lambda: INDEX.searchsorted(SOME[5]),
    "searchsorted int": lambda: INDEX.searchsorted(10**30),
    "searchsorted floats": lambda: INDEX.searchsorted(SOME.astype(float), "right"),
    "searchsorted list": lambda: INDEX.searchsorted([1, 2**70, -5]),
    "searchsorted strided": lambda: INDEX.searchsorted(SOME[::2], threads=2),
    "contains": lambda: INDEX.contains(SOME),
    "contains scalar": lambda: (SOME[7] in INDEX, INDEX.contains(5)),
    "find": lambda: INDEX.find(SOME, "nearest", 2),
    "find scalar": lambda: INDEX.find(7.5, "nearest", 2),
    "rank": lambda: (INDEX.rank(SOME), INDEX.rank(3)),
    "range": lambda: (INDEX.range(SOME, None), INDEX.range(3, 500), INDEX.range(None, SOME)),
    "count": lambda: (INDEX.count(SOME, SOME, "both"), INDEX.count(1, 2.5)),
    "bounds": lambda: (INDEX.bounds(SOME), INDEX.bounds(5, "right")),
    "container": lambda: (INDEX[5], INDEX[-1], INDEX[3:9], len(INDEX), INDEX.keys, INDEX.model),
    "iterate": lambda: sum(1 for _ in INDEX),
    "stats": lambda: (SMALL.stats(), INDEX.explain(77), INDEX.nbytes, INDEX.verify is None),
    "build rmi": lambda: lx.LearnedIndex(KEYS, "rmi"),
    "build three stages": lambda: lx.LearnedIndex(KEYS, lx.RMI(n_leaves=(8, 64))),
    "build btree": lambda: lx.LearnedIndex(KEYS, "btree"),
    "build from fitted": lambda: lx.LearnedIndex(KEYS, lx.RMI(leaf="linear").fit(KEYS)),
    "build converted": lambda: lx.LearnedIndex(KEYS.astype(">u8")),
    "predict": lambda: INDEX.model.predict(SOME) if hasattr(INDEX.model, "predict") else None,
}


@pytest.fixture(autouse=True, scope="module")
def set_older_objects_aside() -> Iterator[None]:
    """Let the collector look only at what is made here: the battery leaves millions behind."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("use", USES)
def test_no_memory_is_leaked(use: str) -> None:
    """Sooner or later, when caches are full, many more calls leave the memory where it was."""
    call, rounds = USES[use], 60 if use.startswith(("build", "iterate", "stats")) else 300
    tracemalloc.start()
    try:
        growths = (traced_growth(call, rounds) for _ in range(20))
        assert any(growth < SMALLEST_OBJECT * rounds for growth in growths)
    finally:
        tracemalloc.stop()


def traced_growth(call: Callable[[], Any], rounds: int) -> int:
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(rounds):
        call()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


@pytest.mark.parametrize("use", USES)
def test_reference_counts_stay(use: str) -> None:
    """Of the arrays, and of the answers' singletons, which no memory tracer sees."""
    watched: list[Any] = [INDEX, KEYS, SOME, OUT, INDEX.model, np.dtype(np.intp), np.dtype("u8")]
    if sys.version_info < (3, 12):  # later ones do not count what never dies
        watched += [None, True]
    for _ in range(30):
        USES[use]()
    gc.collect()
    before = [sys.getrefcount(item) for item in watched]
    for _ in range(200):
        USES[use]()
    gc.collect()
    after = [sys.getrefcount(item) for item in watched]
    assert all(abs(a - b) < 20 for a, b in zip(after, before, strict=True)), (before, after)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_building_and_dropping_returns_memory() -> None:
    """Memory of the core is not traced by Python: the resident size is watched instead."""
    keys = np.sort(np.random.default_rng(1).integers(0, 2**63, 400_000))
    for model in ("rmi", "btree", "none"):
        for _ in range(5):
            lx.LearnedIndex(keys, model).searchsorted(keys)
        before = resident_bytes()
        for _ in range(60):
            lx.LearnedIndex(keys, model).searchsorted(keys)
        assert resident_bytes() - before < keys.nbytes * 4, model


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("model", MODELS)
def test_the_index_keeps_its_keys_alive(model: str) -> None:
    keys = KEYS.copy().view(Owner)
    alive = weakref.ref(keys)
    index = build(keys, model)
    del keys
    gc.collect()
    expected = np.searchsorted(KEYS, SOME)
    np.testing.assert_array_equal(index.searchsorted(SOME), expected)
    held, middle = index.keys, index[10:20]
    del index
    gc.collect()
    np.testing.assert_array_equal(held, KEYS)
    np.testing.assert_array_equal(middle, KEYS[10:20])
    del held, middle
    gc.collect()
    assert alive() is None


def test_an_iterator_keeps_the_index_alive() -> None:
    iterator = iter(lx.LearnedIndex(KEYS.copy()))
    gc.collect()
    assert next(iterator) == 0
    assert [int(key) for key in iterator] == KEYS[1:].tolist()


def test_answers_outlive_everything() -> None:
    index, queries = lx.LearnedIndex(KEYS.copy()), SOME.copy()
    answers = [index.searchsorted(queries), *index.range(queries, None), *index.bounds(queries)]
    copies = [answer.copy() for answer in answers]
    del index, queries
    gc.collect()
    np.empty(10**6).fill(7)
    for answer, copy in zip(answers, copies, strict=True):
        np.testing.assert_array_equal(answer, copy)


def test_the_model_survives_its_index() -> None:
    index = lx.LearnedIndex(KEYS, "rmi")
    model = index.model
    del index
    gc.collect()
    np.testing.assert_array_equal(
        lx.LearnedIndex(KEYS, model).searchsorted(SOME), np.searchsorted(KEYS, SOME)
    )


def test_cycles_are_collected() -> None:
    """An index that is reachable from its own model dies with it."""

    class Watched(lx.RMI):
        pass

    model = Watched()
    index = lx.LearnedIndex(KEYS, model)
    alive = weakref.ref(index.model)
    index.model.owner = index
    del index, model
    gc.collect()
    assert alive() is None


def test_a_subclass_of_the_index_works_and_is_collected() -> None:
    class Named(lx.LearnedIndex):
        note = ""

    index = Named(KEYS, "btree")
    index.note = "mine"
    index.me = index  # type: ignore[attr-defined]
    alive = weakref.ref(index)
    np.testing.assert_array_equal(index.searchsorted(SOME), np.searchsorted(KEYS, SOME))
    del index
    gc.collect()
    assert alive() is None


def test_keys_that_are_freed_while_queries_run() -> None:
    """The last reference may go away inside a verb's own argument."""
    for _ in range(20):
        answers = lx.LearnedIndex(KEYS.copy()).searchsorted(SOME.copy())
        np.testing.assert_array_equal(answers, np.searchsorted(KEYS, SOME))
