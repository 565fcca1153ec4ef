"""References that sorted containers own: counted, seen by the garbage collector, released last."""

import gc
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core


class Value:
    """Something that can be counted and watched."""


USES: dict[str, Callable[[Any, Any], object]] = {
    "set": lambda d, v: d.__setitem__(5, v),
    "replace": lambda d, v: (d.__setitem__(3, v), d.__setitem__(3, v), d.__setitem__(3, None)),
    "delete": lambda d, v: (d.__setitem__(6, v), d.__delitem__(6)),
    "pop": lambda d, v: (d.__setitem__(6, v), d.pop(6), d.pop(6, v)),
    "popitem": lambda d, v: (d.__setitem__(6, v), d.popitem()),
    "peekitem": lambda d, v: (d.__setitem__(6, v), d.peekitem(), d.peekitem(0)),
    "get": lambda d, v: (d.__setitem__(6, v), d.get(6), d.get(7, v), d[6]),
    "setdefault": lambda d, v: (d.setdefault(6, v), d.setdefault(6, v)),
    "update": lambda d, v: (d.update({6: v, 7: v}), d.update({6: v})),
    "update many": lambda d, v: d.update(dict.fromkeys(range(900), v)),
    "clear": lambda d, v: (d.__setitem__(6, v), d.clear()),
    "views": lambda d, v: (d.__setitem__(6, v), list(d.items()), d.values()[:], d.items()[::-2]),
    "iterators": lambda d, v: (d.__setitem__(6, v), next(iter(d.values())), iter(d.items())),
    "erase": lambda d, v: (d.__setitem__(6, v), d.keys().__delitem__(slice(None, None, 2))),
    "erase all": lambda d, v: (d.__setitem__(6, v), d.keys().__delitem__(slice(None))),
    "copy": lambda d, v: (d.__setitem__(6, v), d.copy(), d | {7: v}),
    "array": lambda d, v: (d.__setitem__(6, v), d.get(np.arange(9), v)),
    "begin anew": lambda d, v: (d.__setitem__(6, v), d.__init__({1: 2})),
    "move": lambda d, v: (d.__setitem__(6, v), d.__setitem__(0.5, v), d.copy()),
}


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("use", USES)
def test_references_are_given_back(use: str) -> None:
    value = Value()
    before = sys.getrefcount(value)
    names: Any = lx.SortedDict.fromkeys(range(0, 1000, 3), 1)
    USES[use](names, value)
    held = list(names.values()).count(value)
    assert sys.getrefcount(value) == before + held
    del names
    gc.collect()
    assert sys.getrefcount(value) == before


@pytest.mark.parametrize(
    "cut", [slice(None, None, 2), slice(7, -9, 3), slice(None, 5, -4), slice(1, None, 60)]
)
@pytest.mark.parametrize("memory", [True, False])
def test_of_many_those_of_a_slice_are_erased(cut: slice, memory: bool) -> None:
    """What is left is loaded anew, unless the slice takes few, or there is no memory."""
    value = Value()
    before = sys.getrefcount(value)
    numbers = lx.SortedList(range(20_000))
    names: Any = lx.SortedDict.fromkeys(range(20_000), value)
    left = list(range(20_000))
    _core._limit_tree_memory(-1 if memory else 0)
    try:
        del numbers[cut], names.keys()[cut]
    finally:
        _core._limit_tree_memory(-1)
    del left[cut]
    assert list(numbers) == list(names) == left
    assert sys.getrefcount(value) == before + len(left)
    numbers._check()
    names._check()


def test_no_blocks_are_lost() -> None:
    def work() -> None:
        names = lx.SortedDict({i: str(i) for i in range(300)})
        numbers: Any = lx.SortedList(range(300))
        for key in range(0, 300, 2):
            del names[key]
            numbers.remove(key)
        list(names.items()), numbers[::3], lx.SortedSet(numbers) | {5000}
        for bad in (lambda: names["x"], lambda: numbers.add(float("nan")), lambda: numbers[999]):
            with pytest.raises((KeyError, ValueError, IndexError)):
                bad()

    work()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(20):
        work()
    gc.collect()
    assert sys.getallocatedblocks() - before < 200


def test_cycles_are_collected() -> None:
    class Mine(lx.SortedDict[int, Any]):
        pass

    for kind in (lx.SortedDict, Mine):
        names: Any = kind()
        names[1] = [names]
        watched = weakref.ref(names)
        del names
        gc.collect()
        assert watched() is None
    mine = Mine()
    mine.me = mine  # type: ignore[attr-defined]
    watched = weakref.ref(mine)
    del mine
    gc.collect()
    assert watched() is None


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
def test_cycles_through_objects_and_iterators_are_collected() -> None:
    numbers: Any = lx.SortedKeyList(key=id)
    numbers.add(numbers)
    names: Any = lx.SortedDict({1: 2, 3: 4})
    names[2] = iter(names)
    watched = [weakref.ref(numbers), weakref.ref(names)]
    del numbers, names
    gc.collect()
    assert [ref() for ref in watched] == [None, None]


def test_deep_nests_fall_apart_without_recursion() -> None:
    names: Any = lx.SortedDict()
    for _ in range(100_000):
        names = lx.SortedDict({1: names})
    del names
    gc.collect()


def test_dicts_of_plain_values_are_left_to_reference_counts() -> None:
    names: Any = lx.SortedDict({1: 2, 2: "b"})
    assert not gc.is_tracked(names), "as dict: nothing in it can be part of a cycle"
    names[3] = []
    assert gc.is_tracked(names)
    assert gc.is_tracked(lx.SortedDict({1: {}}))


class Meddler:
    """A value that changes the dict it leaves."""

    def __init__(self, names: Any, change: Callable[[Any], object]) -> None:
        self.names, self.change = names, change

    def __del__(self) -> None:
        self.names._check()
        self.change(self.names)
        self.names._check()


CHANGES: list[Callable[[Any], object]] = [
    lambda d: d.clear(),
    lambda d: d.update(dict.fromkeys(range(2000, 3000), 0)),
    lambda d: d.__setitem__(5, 5),
    lambda d: d.pop(5, None),
    lambda d: list(d.items()),
]
LEAVES: list[Callable[[Any], object]] = [
    lambda d: d.__delitem__(500),
    lambda d: d.__setitem__(500, 0),
    lambda d: d.pop(500) and None,
    lambda d: d.clear(),
    lambda d: d.update({500: 1}),
    lambda d: d.update(dict.fromkeys(range(1000), 0)),
    lambda d: d.keys().__delitem__(slice(400, 600)),
    lambda d: d.__init__(),
]


@pytest.mark.parametrize("leave", range(len(LEAVES)))
@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_finalizers_may_come_back(leave: int, change: int) -> None:
    names: Any = lx.SortedDict.fromkeys(range(1000), 0)
    names[500] = Meddler(names, CHANGES[change])
    LEAVES[leave](names)
    gc.collect()
    names._check()
    assert len(names) == len(list(names))


def test_threads_in_a_batch_raise_or_wait_but_tear_nothing() -> None:
    numbers: Any = lx.SortedList(np.arange(0, 200_000, 2))
    errors: list[BaseException] = []
    stop = threading.Event()

    def change() -> None:
        rng = np.random.default_rng(1)
        while not stop.is_set():
            try:
                numbers.update(rng.integers(0, 10**6, 5000))
                del numbers[::7]
            except RuntimeError as error:
                errors.append(error)

    def read() -> None:
        while not stop.is_set():
            try:
                assert len(numbers.bisect_left(np.arange(5000))) == 5000
                numbers.add(3)
                numbers.discard(3)
            except RuntimeError as error:
                errors.append(error)

    threads = [threading.Thread(target=target) for target in (change, read, read)]
    for thread in threads:
        thread.start()
    stop.wait(0.7)
    stop.set()
    for thread in threads:
        thread.join()
    assert all("another thread" in str(error) for error in errors)
    numbers._check()
    numbers.add(1)
