"""Containers of text: memory that runs out, references, and code that comes back."""

import gc
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

import learnedidx as lx
from learnedidx import _core
from tests.border.sorted_common import KINDS, maker, put


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    """Return what makes a container of keys."""
    return maker(request.param)


def test_batches_keep_all_or_nothing_without_memory(make: Any) -> None:
    keys = [f"key {i:05}" for i in range(3000)]
    for size, batch in (
        (0, keys[:500]),
        (500, keys[500:520]),
        (300, keys),
        (2000, keys[1990:2400]),
    ):
        blocks, done = 0, False
        while not done:
            container = make(keys[:size])
            more = dict.fromkeys(batch, 9) if hasattr(container, "keys") else batch
            _core._limit_tree_memory(blocks)
            try:
                container.update(more)
                done = True
            except MemoryError:
                blocks += 1
            finally:
                _core._limit_tree_memory(-1)
            container._check()
            if not done:
                assert list(container) == keys[:size]
                if hasattr(container, "keys"):
                    assert set(container.values()) <= {None}
        assert len(container) >= len(batch) and blocks + size > 0


def test_a_single_change_without_memory_changes_nothing(make: Any) -> None:
    container, keys = make(), [f"{i * 37 % 1000:04}" for i in range(1000)]
    for key in keys:
        before = len(container)
        _core._limit_tree_memory(0)
        try:
            put(container, key)
        except MemoryError:
            assert len(container) == before and (before == 0 or key not in container)
            container._check()
        finally:
            _core._limit_tree_memory(-1)
        if len(container) == before:
            put(container, key)
    container._check()
    assert list(container) == sorted(keys)


@pytest.mark.parametrize("kind", KINDS)
def test_references_are_counted(kind: Any) -> None:
    keys = [f"some key {i}" for i in range(2000)]
    value = object()
    before = [sys.getrefcount(key) for key in keys], sys.getrefcount(value)
    container: Any = maker(kind)(keys)
    if kind is lx.SortedDict:
        container.update(dict.fromkeys(keys, value))
        container.update({"some key 3": value, "one more": value})
        container["some key 5"] = value
        del container["one more"], container["some key 7"]
        container.popitem(), container.pop("some key 11"), container.get("some key 12")
        container.setdefault("some key 13", value)
        list(container.items()), container.values()[3:9], container.copy()
        del container.keys()[3:700:3], container.keys()[2:5]
    else:
        container.update(keys[:100])
        container.discard(keys[5])
        container.pop()
        container.add(keys[5])
        list(container), container[3:700:3], container.copy(), container == container.copy()
        del container[3:700:3], container[2:5]
        keys[9] in container, container.index(keys[9])
    container._check()
    container.clear()
    assert ([sys.getrefcount(key) for key in keys], sys.getrefcount(value)) == before
    put(container, keys[0])
    del container
    gc.collect()
    assert ([sys.getrefcount(key) for key in keys], sys.getrefcount(value)) == before


def test_the_garbage_collector_sees_values() -> None:
    class Node:
        names: Any

    node = Node()
    node.names = lx.SortedDict({"a": 1, "b": node})
    watched = weakref.ref(node)
    del node
    gc.collect()
    assert watched() is None


class Returning:
    """Does something when it is released."""

    def __init__(self, change: Callable[[], object]) -> None:
        self.change = change

    def __del__(self) -> None:
        self.change()


@pytest.mark.parametrize("change", ["set", "update", "del", "slice", "clear", "pop", "new"])
def test_finalizers_come_back_to_a_whole_dict(change: str) -> None:
    names: Any = lx.SortedDict({f"{i:03}": None for i in range(600)})
    seen: list[int] = []

    def back() -> None:
        names._check()
        names[f"more {len(seen)}"] = None
        names.pop("005", None)
        if change == "new":
            names.clear()
        seen.append(len(names))

    names["003"] = Returning(back)
    uses: dict[str, Callable[[], object]] = {
        "set": lambda: names.__setitem__("003", 1),
        "update": lambda: names.update({"003": 1, "x": 2}),
        "del": lambda: names.__delitem__("003"),
        "slice": lambda: names.keys().__delitem__(slice(None, 300, 3)),
        "clear": lambda: names.clear(),
        "pop": lambda: names.pop("003") and None,
        "new": lambda: names.__setitem__("003", 1),
    }
    uses[change]()
    gc.collect()
    assert len(seen) == 1
    names._check()


class Hostile(str):
    """Text that changes the container when it is compared or hashed."""

    change: Callable[[], object]

    def __hash__(self) -> int:
        self.change()
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        self.change()
        return False


@pytest.mark.parametrize("then", [lambda c: c.clear(), lambda c: c.__init__([])])
@pytest.mark.parametrize("kind", [lx.SortedSet, lx.SortedDict])
def test_foreign_text_may_change_what_it_is_looked_up_in(kind: Any, then: Any) -> None:
    uses: list[Callable[[Any, Any], object]] = [
        lambda c, k: k in c,
        lambda c, k: c.index(k),
        lambda c, k: c.get(k) if kind is lx.SortedDict else c.discard(k),
        lambda c, k: c.pop(k, 1) if kind is lx.SortedDict else c.remove(k),
    ]
    for use in uses:
        container = maker(kind)(["a", "b", "c"])
        asked = Hostile("b")
        asked.change = lambda held=container: then(held)  # type: ignore[misc]
        with suppress(ValueError, KeyError):
            use(container, asked)
        container._check()
