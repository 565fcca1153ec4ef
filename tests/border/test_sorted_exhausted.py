"""Sorted containers without memory: a change that has none raises, and nothing has changed."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from operator import methodcaller
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.border.sorted_common import KINDS, maker, put

SIZES = [0, 10, 16, 240, 3000, 30_000]
VALUE = ["a value that is counted"]


@contextmanager
def limited(blocks: int) -> Iterator[None]:
    """Let the trees of all containers take so many blocks of memory, and no more."""
    _core._limit_tree_memory(blocks)
    try:
        yield
    finally:
        _core._limit_tree_memory(-1)


def items(container: Any) -> list[Any]:
    """Return all that a container holds."""
    return list(container.items() if isinstance(container, lx.SortedDict) else container)


def fails_until(make: Callable[[], Any], change: Callable[[Any], object]) -> int:
    """Let a change fail at each block that it takes; return how many these are."""
    for blocks in count():
        container = make()
        before, references = (container.kind, items(container)), sys.getrefcount(VALUE)
        changed = True
        try:
            with limited(blocks):
                change(container)
        except MemoryError:
            changed = False
        container._check()
        if changed:
            return blocks
        assert (container.kind, items(container)) == before
        assert sys.getrefcount(VALUE) == references
        put(container, 1e7 if container.kind == "float" else 10**7)  # and it goes on
        container._check()
        assert len(container) == len(before[1]) + 1
    raise AssertionError


BATCHES: dict[str, list[float]] = {
    "few": list(range(3, 9)),
    "as there are": list(range(0, 6000, 3)),
    "many": list(range(-2500, 90_000, 7)),
}


@pytest.mark.parametrize("as_float", [False, True])
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_updates(kind: Any, size: int, batch: str, as_float: bool) -> None:
    to = float if as_float else int
    held, added = [to(2 * i) for i in range(size)], [to(key) for key in BATCHES[batch]]
    if kind is lx.SortedDict:
        pairs = dict.fromkeys(added, VALUE)
        blocks = fails_until(lambda: kind.fromkeys(held, 0), lambda c: c.update(pairs))
    else:
        array = np.array(added)
        blocks = fails_until(lambda: kind(held), lambda c: c.update(added))
        assert fails_until(lambda: kind(held), lambda c: c.update(array)) == blocks
    assert blocks > 0 or (size > 0 and batch == "few")


def test_an_update_with_equals_of_keys() -> None:
    held = dict.fromkeys(range(16))
    pairs: dict[Any, Any] = {2.0: VALUE} | dict.fromkeys(range(100, 900), VALUE)
    assert fails_until(lambda: lx.SortedDict(held), lambda c: c.update(pairs)) > 0


def growing(kind: Any, keys: list[int]) -> list[tuple[list[int], int]]:
    """Return the keys held before each insertion that takes memory, and the key."""
    container, found = maker(kind)(), []
    for at, key in enumerate(keys):
        size = sys.getsizeof(container)
        put(container, key)
        if sys.getsizeof(container) > size:
            found.append((keys[:at], key))
    return found


def insert(key: int, container: Any) -> None:
    """Insert a key."""
    put(container, key)


def one_by_one(kind: Any, keys: list[int]) -> Any:
    """Return a container whose keys came one after the other."""
    container = maker(kind)()
    for key in keys:
        put(container, key)
    return container


@pytest.mark.parametrize("order", ["up", "down", "random", "gap"])
@pytest.mark.parametrize("kind", KINDS)
def test_single_insertions(kind: Any, order: str) -> None:
    keys = {
        "up": list(range(1500)),
        "down": list(range(1500, 0, -1)),
        "random": np.random.default_rng(1).permutation(1500).tolist(),
        "gap": [*range(0, 600_000, 1000), *range(5001, 5900)],
    }[order]
    taken = 0
    for held, key in growing(kind, keys):
        make = partial(one_by_one, kind, held)
        taken += fails_until(make, partial(insert, key))
        if kind is lx.SortedDict:
            fails_until(make, methodcaller("setdefault", key, VALUE))
            fails_until(make, methodcaller("__setitem__", key, VALUE))
    assert taken > 8


OTHERS = [*range(1, 4000, 2), 5]
OF_LISTS: dict[str, Callable[[Any], object]] = {
    "make": lambda c: lx.SortedList(OTHERS),
    "from an array": lambda c: lx.SortedList(np.array(OTHERS)),
    "copy": lambda c: c.copy(),
    "add": lambda c: c + OTHERS,
    "add in place": lambda c: c.__iadd__(OTHERS),
    "times": lambda c: c * 3,
    "times in place": lambda c: c.__imul__(3),
    "equal": lambda c: c == lx.SortedList(OTHERS),
}
OF_SETS: dict[str, Callable[[Any], object]] = {
    "make": lambda c: lx.SortedSet(OTHERS),
    "from an array": lambda c: lx.SortedSet(np.array(OTHERS)),
    "copy": lambda c: c.copy(),
    "or": lambda c: c | OTHERS,
    "or in place": lambda c: c.__ior__(OTHERS),
    "and": lambda c: c & OTHERS,
    "and in place": lambda c: c.__iand__(OTHERS),
    "minus": lambda c: c - OTHERS,
    "minus in place": lambda c: c.__isub__(OTHERS),
    "either": lambda c: c ^ OTHERS,
    "either in place": lambda c: c.__ixor__(OTHERS),
    "keep half": lambda c: c.intersection_update(np.arange(0, 4000, 4)),
    "subset": lambda c: c <= set(OTHERS),
}
OF_DICTS: dict[str, Callable[[Any], object]] = {
    "make": lambda c: lx.SortedDict(dict.fromkeys(OTHERS, VALUE)),
    "from keys": lambda c: lx.SortedDict.fromkeys(OTHERS, VALUE),
    "copy": lambda c: c.copy(),
    "or": lambda c: c | dict.fromkeys(OTHERS, VALUE),
    "reflected or": lambda c: dict.fromkeys(OTHERS, VALUE) | c,
    "or in place": lambda c: c.__ior__(dict.fromkeys(OTHERS, VALUE)),
    "views": lambda c: c.keys() & set(range(50)),
}


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        (kind, verb)
        for kind, of in zip(KINDS, (OF_LISTS, OF_SETS, OF_DICTS), strict=True)
        for verb in of
    ],
)
def test_verbs_that_make_containers(kind: Any, verb: str) -> None:
    of = dict(zip(KINDS, (OF_LISTS, OF_SETS, OF_DICTS), strict=True))[kind]
    blocks = fails_until(lambda: maker(kind)(range(0, 3000, 2)), of[verb])
    assert blocks > 0 or verb == "subset"


def test_what_erases_needs_no_memory() -> None:
    changes: list[Callable[[Any], object]] = [
        lambda c: c.__delitem__(slice(10, 2900)),
        lambda c: c.__delitem__(slice(None, None, 2)),
        lambda c: [c.pop() for _ in range(2990)],
        lambda c: c.remove(7),
        lambda c: c.discard(7),
        lambda c: c.clear(),
    ]
    for change in changes:
        for kind in (lx.SortedList, lx.SortedSet):
            assert fails_until(partial(kind, range(3000)), change) == 0
            assert fails_until(partial(kind, range(20_000)), changes[1]) == 0
    names: Any = lx.SortedDict.fromkeys(range(3000))
    with limited(0):
        names.popitem(), names.pop(5), names.keys().__delitem__(slice(5, 2000, 3)), names.clear()


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("kind", KINDS)
def test_moves_to_objects_need_no_tree(kind: Any) -> None:
    assert fails_until(lambda: maker(kind)(range(3000)), lambda c: put(c, 0.5)) <= 1


def test_chunks_of_memory_are_kept_for_one_container_at_a_time() -> None:
    """Threads make and free lists of a chunk and more, while batches run without the GIL."""
    sizes = (280_000, 560_000)

    def work(number: int) -> None:
        for turn in range(12):
            first = (number * 100 + turn) * 10**7
            values = np.arange(first, first + sizes[turn % 2])
            numbers = lx.SortedList(values)
            assert np.array_equal(numbers.to_numpy(), values)
            numbers._check()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
