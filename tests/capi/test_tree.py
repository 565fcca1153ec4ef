"""The tree that changes, from C: beside a sorted list, with budgets, and what is refused."""

from __future__ import annotations

import bisect
import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.capi.binding import (
    ALLOCATE,
    NAN_KEY,
    NO_MEMORY,
    NOT_FOUND,
    NULL_ARGUMENT,
    OK,
    RELEASE,
    STALE,
    UNSORTED_KEYS,
    Allocator,
    pointer,
)

KINDS: dict[str, Any] = {"u64": ctypes.c_uint64, "i64": ctypes.c_int64, "f64": ctypes.c_double}
DTYPES = {"u64": np.uint64, "i64": np.int64, "f64": np.float64}


class Tree:
    """A tree of one kind of keys, and its calls."""

    def __init__(self, library: ctypes.CDLL, kind: str, budget: int = 0, hook: Any = None) -> None:
        self.c, self.kind, self.key, self.tree = library, kind, KINDS[kind], ctypes.c_void_p()
        for name in ("size", "bytes"):
            getattr(library, f"lidx_tree_{name}_{kind}").restype = ctypes.c_uint64
        allocator = None if hook is None else ctypes.byref(hook)
        where = ctypes.byref(self.tree), allocator, ctypes.c_size_t(budget)
        self.created = int(getattr(library, f"lidx_tree_create_{kind}")(*where))

    def __call__(self, verb: str, *arguments: Any) -> int:
        return int(getattr(self.c, f"lidx_tree_{verb}_{self.kind}")(self.tree, *arguments))

    def close(self) -> None:
        self("destroy")
        self.tree = ctypes.c_void_p()

    def insert(self, key: Any, value: int) -> int:
        return self("insert", self.key(key), ctypes.c_uint64(value))

    def put(self, key: Any, value: int) -> tuple[int, int]:
        was = ctypes.c_int(-1)
        return self("put", self.key(key), ctypes.c_uint64(value), ctypes.byref(was)), was.value

    def value_of(self, verb: str, key: Any) -> tuple[int, int]:
        value = ctypes.c_uint64(0)
        return self(verb, self.key(key), ctypes.byref(value)), value.value

    def seek(self, key: Any) -> Any:
        place = (ctypes.c_uint64 * 4)()
        assert self("seek", self.key(key), place) == OK
        return place

    def at(self, place: Any) -> tuple[Any, int] | int:
        key, value = self.key(), ctypes.c_uint64()
        status = self("at", place, ctypes.byref(key), ctypes.byref(value))
        return status or (key.value, value.value)

    def scan(self, place: Any, most: int) -> tuple[list[Any], list[int]]:
        keys, values = np.empty(most, DTYPES[self.kind]), np.empty(most, np.uint64)
        count = ctypes.c_size_t()
        where = ctypes.c_size_t(most), pointer(keys), pointer(values), ctypes.byref(count)
        assert self("scan", place, *where) == OK
        return keys[: count.value].tolist(), values[: count.value].tolist()


@pytest.fixture(params=KINDS)
def tree(library: ctypes.CDLL, request: pytest.FixtureRequest) -> Iterator[Tree]:
    made = Tree(library, request.param)
    assert made.created == OK
    yield made
    made.close()


def test_a_tree_is_a_sorted_list(tree: Tree) -> None:
    """Two thousand random changes and questions, each compared."""
    rng = np.random.default_rng(5)
    keys: list[Any] = []
    values: list[int] = []
    for i in range(2000):
        key = int(rng.integers(0, 300))
        low, high = bisect.bisect_left(keys, key), bisect.bisect_right(keys, key)
        verb = rng.integers(0, 7)
        if verb < 2:
            assert tree.insert(key, i) == OK
            keys.insert(high, key)
            values.insert(high, i)
        elif verb == 2:
            assert tree.put(key, i) == (OK, int(low < high))
            if low == high:
                keys.insert(low, key)
            values[low : low + int(low < high)] = [i]
        elif verb == 3:
            found = (OK, values[low]) if low < high else (NOT_FOUND, 0)
            assert tree.value_of("erase", key) == found
            del keys[low : low + (low < high)], values[low : low + (low < high)]
        elif verb == 4:
            found = (OK, values[low]) if low < high else (NOT_FOUND, 0)
            assert tree.value_of("find", key) == found
        elif verb == 5:
            assert tree.value_of("rank", key) == (OK, low)
        else:
            place = tree.seek(key)
            assert tree.scan(place, 40) == (keys[low : low + 40], values[low : low + 40])
            after = (keys[low + 40], values[low + 40]) if low + 40 < len(keys) else NOT_FOUND
            assert tree.at(place) == after
        assert tree("size") == len(keys)
    assert tree("bytes") > 0


def test_places_walk_both_ways_and_grow_stale(tree: Tree) -> None:
    keys = np.arange(0, 3000, 3).astype(DTYPES[tree.kind])
    values = np.arange(1000, dtype=np.uint64)
    assert tree("load", pointer(keys), pointer(values), ctypes.c_size_t(1000)) == OK
    place, end = (ctypes.c_uint64 * 4)(), (ctypes.c_uint64 * 4)()
    assert tree("first", place) == OK and tree("last", end) == OK
    assert tree.at(end) == (2997, 999)
    for i in range(1000):
        assert tree.at(place) == (3 * i, i)
        assert tree("next", place) == OK
    assert tree.at(place) == tree("next", place) == NOT_FOUND
    assert tree("previous", place) == OK and tree.at(place) == (2997, 999)
    assert tree.put(2997, 5) == (OK, 1)  # a value that is assigned moves nothing
    assert tree.at(place) == (2997, 5)
    place = tree.seek(301)
    assert tree("erase_at", place) == OK and tree.at(place) == (306, 102)
    other = tree.seek(400)
    assert tree.insert(1, 1) == OK
    assert tree.at(other) == tree("next", other) == tree("erase_at", other) == STALE
    assert tree("clear") == OK and tree("size") == 0
    assert tree("first", place) == OK and tree.at(place) == NOT_FOUND
    assert tree("erase_at", place) == NOT_FOUND


def test_a_place_of_another_tree_is_stale(library: ctypes.CDLL) -> None:
    first, second = Tree(library, "i64"), Tree(library, "i64")
    assert first.insert(1, 1) == second.insert(1, 1) == OK
    assert second.at(first.seek(0)) == STALE
    first.close()
    second.close()


def test_what_is_no_key_is_refused(library: ctypes.CDLL, tree: Tree) -> None:
    falling = np.array([1, 5, 3, 9]).astype(DTYPES[tree.kind])
    values = np.arange(4, dtype=np.uint64)
    assert tree.insert(7, 7) == OK
    load = pointer(falling), pointer(values), ctypes.c_size_t(4)
    assert tree("load", *load) == UNSORTED_KEYS and tree("size") == 1
    assert tree("load", None, None, ctypes.c_size_t(4)) == NULL_ARGUMENT
    assert tree("find", tree.key(7), None) == NULL_ARGUMENT
    assert tree("seek", tree.key(7), None) == NULL_ARGUMENT
    assert tree("erase", tree.key(7), None) == OK
    none = Tree(library, tree.kind)
    none.close()
    assert none.insert(1, 1) == none("clear") == none.put(1, 1)[0] == NULL_ARGUMENT
    assert none("size") == none("bytes") == 0
    assert getattr(library, f"lidx_tree_create_{tree.kind}")(None, None, 0) == NULL_ARGUMENT


def test_nan_is_no_key(library: ctypes.CDLL) -> None:
    tree, nan = Tree(library, "f64"), float("nan")
    assert tree.insert(nan, 1) == tree.put(nan, 1)[0] == NAN_KEY
    assert tree.value_of("find", nan) == tree.value_of("erase", nan) == (NOT_FOUND, 0)
    assert tree.value_of("rank", nan)[0] == NAN_KEY
    assert tree("seek", ctypes.c_double(nan), (ctypes.c_uint64 * 4)()) == NAN_KEY
    values = np.zeros(3, np.uint64)
    for bad in ([nan, 1, 2], [1, nan, 2], [1, 2, nan]):
        keys = np.array(bad)
        assert tree("load", pointer(keys), pointer(values), ctypes.c_size_t(3)) == UNSORTED_KEYS
    assert tree.insert(float("inf"), 2) == tree.insert(-0.0, 3) == OK
    assert tree.value_of("find", 0.0) == (OK, 3)
    tree.close()


def test_a_budget_is_kept_and_the_tree_stays_whole(library: ctypes.CDLL) -> None:
    tree = Tree(library, "u64", budget=100_000)
    inserted = 0
    while tree.insert(7 * inserted, inserted) == OK:
        inserted += 1
        assert tree("bytes") <= 100_000
    assert 2_000 < inserted < 10_000 and tree("size") == inserted
    assert tree.insert(1, 1) == NO_MEMORY
    keys, values = tree.scan(tree.seek(0), inserted + 1)
    assert keys == [7 * i for i in range(inserted)] and values == list(range(inserted))
    assert tree("clear") == OK and tree.insert(1, 1) == OK
    tree.close()


def test_the_allocator_is_asked_for_no_more_than_the_budget(library: ctypes.CDLL) -> None:
    held: dict[int, Any] = {}

    def allocate(context: int, size: int) -> int:
        memory = ctypes.create_string_buffer(size)
        held[ctypes.addressof(memory)] = memory
        return ctypes.addressof(memory)

    def release(context: int, address: int, size: int) -> None:
        held.pop(address)

    hook = Allocator(ALLOCATE(allocate), RELEASE(release), None)
    for budget in (2_000, 4_500, 22_780, 100_000):
        tree = Tree(library, "i64", budget=budget, hook=hook)
        inserted, handle = 0, sum(map(len, held.values()))
        while tree.insert(inserted * 7919 % 100_003, inserted) == OK:
            inserted += 1
            assert sum(map(len, held.values())) - handle <= budget
        assert inserted > 30
        tree.close()


def test_memory_comes_from_the_hook_and_goes_back(library: ctypes.CDLL) -> None:
    held: dict[int, Any] = {}
    room = [1 << 40]

    def allocate(context: int, size: int) -> int:
        if size > room[0]:
            return 0
        memory = ctypes.create_string_buffer(size)
        held[ctypes.addressof(memory)] = (memory, size)
        return ctypes.addressof(memory)

    def release(context: int, address: int, size: int) -> None:
        assert held.pop(address)[1] == size

    hook = Allocator(ALLOCATE(allocate), RELEASE(release), 9)
    tree = Tree(library, "i64", hook=hook)
    for i in range(3000):
        assert tree.insert(i * 17 % 3001, i) == OK
    assert len(held) > 2
    room[0] = 100
    size = tree("size")
    while tree.insert(size, 0) == OK:
        size += 1
    assert tree("size") == size
    tree.close()
    assert not held
    assert Tree(library, "i64", hook=hook).created == NO_MEMORY
