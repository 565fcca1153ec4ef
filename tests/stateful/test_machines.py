"""State machines: after any calls in any order ours holds what sortedcontainers holds."""

import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sortedcontainers
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import learnedidx as lx
from tests.conftest import KEPT_EXAMPLES
from tests.stateful.kept import run
from tests.stateful.twins import (
    ASKED,
    KEYS,
    SHAPES,
    TEXT,
    Twins,
    behind,
    beside,
    many,
    negated,
    picked,
    put,
)

LONG = os.environ.get("LEARNEDIDX_HYPOTHESIS") == "long"
EXAMPLES, STEPS = (600, 200) if LONG else (12, 40)  # 100,000 steps and more for each machine

# A leaf takes 256 keys, a node 64 leaves: what is begun with has up to three levels.
SIZES = [0, 0, 300, 300, 3000, 3000, 20_000] if LONG else [0, 300, 1500]
MOST = SIZES[-1] * 5 // 4

ENDS = st.one_of(st.none(), st.integers(-30, 30), st.integers(-SIZES[-1], SIZES[-1]))
SLICES = st.builds(slice, ENDS, ENDS, st.sampled_from([None, 1, 2, -1, -3]))
INDEXES = st.integers(-12, 12) | st.integers(-SIZES[-1], SIZES[-1])
PLACES = st.integers(0, 2**20)
SEEDS = st.integers(0, 2**16)
PAIRS = st.tuples(st.booleans(), st.booleans())


class Machine(RuleBasedStateMachine):
    """Verbs that every container has."""

    kind: str
    make: Callable[[Any], Any]

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(self.make(lx), self.make(sortedcontainers))

    @property
    def keys(self) -> Any:
        """What keys are drawn from."""
        return KEYS[self.kind]

    def add_all(self, keys: list[Any], as_array: bool) -> None:
        """Add many keys to both."""
        raise NotImplementedError

    def erase(self, index: Any) -> None:
        """Delete an index or a slice of both."""
        raise NotImplementedError

    @initialize(size=st.sampled_from(SIZES), shape=st.sampled_from(SHAPES), seed=SEEDS)
    def begin(self, size: int, shape: str, seed: int) -> None:
        self.add_all(many(self.kind, shape, size, seed), as_array=False)

    @rule(
        size=st.sampled_from([*SIZES, 40, 40]),
        shape=st.sampled_from(SHAPES),
        seed=SEEDS,
        as_array=st.booleans(),
    )
    def add_many(self, size: int, shape: str, seed: int, as_array: bool) -> None:
        if len(self.twins.theirs) + size <= MOST:
            self.add_all(many(self.kind, shape, size, seed), as_array)

    @rule(place=PLACES, size=st.sampled_from([30, 300]), down=st.booleans())
    def add_beside(self, place: int, size: int, down: bool) -> None:
        """Add keys one by one to the gap behind a key, each beside the one before it."""
        held = self.twins.held(place)
        if held is not None and (self.kind in TEXT or abs(held) < 2**50):
            beside = [behind(self.kind, held, i) for i in range(size)]
            self.twins.each(put, beside[::-1] if down else beside)

    @rule(place=PLACES, size=st.sampled_from([30, 300]), at_random=st.booleans())
    def take_out(self, place: int, size: int, at_random: bool) -> None:
        """Delete keys one by one: from a place on, or all over."""
        step = 7919 if at_random else 0
        count = len(self.twins.theirs)
        places = [(place + step * i) % (count - i) for i in range(min(size, count))]
        self.twins.each(lambda c, at: getattr(c, "keys", lambda: c)().__delitem__(at), places)

    @rule(place=PLACES, change=st.sampled_from([-1, 0, 1, 0.5]), other=PLACES)
    def look_beside(self, place: int, change: float, other: int) -> None:
        if (held := self.twins.held(place)) is not None:
            end, both = self.twins.held(other), self.twins.both
            asked = beside(held, change) if self.kind in TEXT else held + change
            both(lambda c: (asked in c, c.bisect_left(asked), c.bisect_right(asked)))
            both(lambda c: c.index(asked))
            both(lambda c: c.irange(asked, end))
            both(lambda c: c.irange(end, asked, (change == 0, True), True))

    @rule(places=st.lists(PLACES, max_size=30), shape=st.sampled_from(SHAPES), seed=SEEDS)
    def ask_array(self, places: list[int], shape: str, seed: int) -> None:
        kind = "float" if seed % 2 else "int"
        held = [key for key in map(self.twins.held, places) if isinstance(key, int | float)]
        array = np.array([key for key in held if abs(key) < 2**63] + many(kind, shape, 30, seed))
        asked = array.tolist()
        both = self.twins.both
        both(lambda c: c.bisect_left(array), lambda c: [c.bisect_left(a) for a in asked])
        both(lambda c: c.bisect_right(array), lambda c: [c.bisect_right(a) for a in asked])
        both(lambda c: c.contains(array), lambda c: [a in c for a in asked])

    @rule()
    def leave(self) -> None:
        self.twins.both(lambda c: c.to_numpy(), list)
        self.twins.both(lambda c: pickle.loads(pickle.dumps(c)))

    @rule(asked=ASKED)
    def look(self, asked: Any) -> None:
        asked = picked(self.kind, asked)
        both = self.twins.both
        both(lambda c: asked in c)
        both(lambda c: c.bisect_left(asked))
        both(lambda c: c.bisect_right(asked))
        both(lambda c: c.index(asked))

    @rule(asked=ASKED, start=ENDS, stop=ENDS)
    def index(self, asked: Any, start: int | None, stop: int | None) -> None:
        asked = picked(self.kind, asked)
        self.twins.both(lambda c: c.index(asked, start, stop))

    @rule(low=ASKED | st.none(), high=ASKED | st.none(), inclusive=PAIRS, reverse=st.booleans())
    def irange(self, low: Any, high: Any, inclusive: tuple[bool, bool], reverse: bool) -> None:
        low, high = picked(self.kind, low), picked(self.kind, high)
        self.twins.both(lambda c: c.irange(low, high, inclusive, reverse))
        self.twins.both(
            lambda c: c.irange(low, high, inclusive, reverse, as_array=True),
            lambda c: list(c.irange(low, high, inclusive, reverse)),
        )

    @rule(start=ENDS, stop=ENDS, reverse=st.booleans())
    def islice(self, start: int | None, stop: int | None, reverse: bool) -> None:
        self.twins.both(lambda c: c.islice(start, stop, reverse))
        self.twins.both(reversed)

    @rule(chance=st.integers(0, 3))
    def clear(self, chance: int) -> None:
        if chance == 0:
            self.twins.both(lambda c: c.clear())

    @rule(low=PLACES, size=st.integers(0, 3000), step=st.sampled_from([1, 1, 2, 7, -1, -3]))
    def delete_many(self, low: int, size: int, step: int) -> None:
        low %= len(self.twins.theirs) + 1
        self.erase(slice(low, low + size, step) if step > 0 else slice(low + size, low, step))

    @rule()
    def copy(self) -> None:
        self.twins.both(lambda c: c.copy())
        self.twins.both(lambda c: c == c.copy())


class ValuesMachine(Machine):
    """Verbs of lists and sets."""

    def add_all(self, keys: list[Any], as_array: bool) -> None:
        if as_array and self.kind != "mixed":
            array = np.array(keys, object if self.kind in TEXT else self.kind)
            self.twins.both(lambda c: c.update(array) and None, lambda c: c.update(keys) and None)
        else:
            self.twins.both(lambda c: c.update(keys) and None)

    def erase(self, index: Any) -> None:
        self.twins.both(lambda c: c.__delitem__(index))

    @rule(asked=ASKED)
    def freeze(self, asked: Any) -> None:
        asked = picked(self.kind, asked)
        if self.twins.ours.kind == "int" and type(asked) is int:
            self.twins.both(
                lambda c: c.freeze().searchsorted(asked), lambda c: c.bisect_left(asked)
            )

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        key = data.draw(self.keys)
        self.twins.both(lambda c: c.add(key))

    @rule(data=st.data(), size=st.integers(0, 40))
    def update(self, data: st.DataObject, size: int) -> None:
        values = data.draw(st.lists(self.keys, min_size=size, max_size=size))
        self.twins.both(lambda c: c.update(values) and None)

    @rule(asked=ASKED)
    def discard(self, asked: Any) -> None:
        asked = picked(self.kind, asked)
        self.twins.both(lambda c: c.count(asked))
        self.twins.both(lambda c: c.discard(asked))

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(self.keys)
        self.twins.both(lambda c: c.remove(key))

    @rule(index=INDEXES)
    def pop(self, index: int) -> None:
        self.twins.both(lambda c: c[index])
        self.twins.both(lambda c: c.pop(index))

    @rule(index=SLICES | INDEXES)
    def delete(self, index: Any) -> None:
        self.twins.both(lambda c: c[index])
        self.erase(index)

    @rule(place=PLACES)
    def remove_held(self, place: int) -> None:
        key = self.twins.held(place)
        self.twins.both(lambda c: c.count(key))
        self.twins.both(lambda c: c.remove(key))


class ListMachine(ValuesMachine):
    @rule(data=st.data(), num=st.integers(0, 2))
    def arithmetic(self, data: st.DataObject, num: int) -> None:
        values = data.draw(st.lists(self.keys, max_size=5))
        self.twins.both(lambda c: c + values)
        self.twins.both(lambda c: c * num)
        self.twins.both(lambda c: c < values)
        self.twins.both(lambda c: c >= values)


class SetMachine(ValuesMachine):
    @rule(data=st.data(), verb=st.sampled_from(["__or__", "__and__", "__sub__", "__xor__"]))
    def algebra(self, data: st.DataObject, verb: str) -> None:
        values = data.draw(st.sets(self.keys, max_size=12))
        self.twins.both(lambda c: getattr(c, verb)(values))
        self.twins.both(lambda c: (c <= values, c > values, c == values, c.isdisjoint(values)))
        self.twins.both(lambda c: (c.issubset(values), c.issuperset(values)))

    @rule(
        data=st.data(),
        verb=st.sampled_from(["difference", "intersection", "symmetric_difference"]),
    )
    def algebra_in_place(self, data: st.DataObject, verb: str) -> None:
        values = data.draw(st.sets(self.keys, max_size=12))
        self.twins.both(lambda c: getattr(c, f"{verb}_update")(values) and None)

    @rule(
        verb=st.sampled_from(["difference", "intersection", "symmetric_difference", "union"]),
        shape=st.sampled_from(SHAPES),
        seed=SEEDS,
        step=st.integers(2, 9),
    )
    def algebra_of_many(self, verb: str, shape: str, seed: int, step: int) -> None:
        """Combine a set with every step-th key of its own and a few others."""
        values = [*self.twins.theirs[::step], *many(self.kind, shape, 300, seed)]
        if self.kind != "mixed":
            array = np.array(values, object if self.kind in TEXT else self.kind)
            self.twins.both(lambda c: getattr(c, verb)(array), lambda c: getattr(c, verb)(values))
        self.twins.both(lambda c: getattr(c, verb)(values))


class DictMachine(Machine):
    def add_all(self, keys: list[Any], as_array: bool) -> None:
        pairs = [(key, at) for at, key in enumerate(keys)]
        self.twins.both(lambda c: c.update(dict(pairs) if as_array else pairs))

    def erase(self, index: Any) -> None:
        self.twins.both(lambda c: c.keys().__delitem__(index))

    @rule(place=PLACES, value=st.integers())
    def replace(self, place: int, value: int) -> None:
        if (key := self.twins.held(place)) is not None:
            self.twins.both(lambda c: c.__setitem__(key, value))
            self.twins.both(lambda c: c.setdefault(key, "none"))
            self.twins.both(lambda c: list(c.items()))

    @rule(places=st.lists(PLACES, max_size=30), shape=st.sampled_from(SHAPES), seed=SEEDS)
    def get_array(self, places: list[int], shape: str, seed: int) -> None:
        array = np.array([*map(self.twins.held, places), *many(self.kind, shape, 30, seed)])
        if array.dtype.kind in "if":
            asked = array.tolist()
            self.twins.both(lambda c: c.get(array, 7), lambda c: [c.get(key, 7) for key in asked])

    @rule(data=st.data(), value=st.integers())
    def assign(self, data: st.DataObject, value: int) -> None:
        key = data.draw(self.keys)
        self.twins.both(lambda c: c.__setitem__(key, value))
        self.twins.both(lambda c: list(c.items()))

    @rule(data=st.data(), size=st.integers(0, 40))
    def update(self, data: st.DataObject, size: int) -> None:
        pairs = data.draw(
            st.lists(st.tuples(self.keys, st.integers()), min_size=size, max_size=size)
        )
        self.twins.both(lambda c: c.update(pairs))
        self.twins.both(lambda c: list(c.items()))

    @rule(asked=ASKED)
    def get(self, asked: Any) -> None:
        asked = picked(self.kind, asked)
        self.twins.both(lambda c: c[asked])
        self.twins.both(lambda c: c.get(asked, "none"))

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = data.draw(self.keys)
        self.twins.both(lambda c: c.__delitem__(key))
        self.twins.both(lambda c: c.pop(key, None))
        self.twins.both(lambda c: c.setdefault(key, 3))

    @rule(index=INDEXES)
    def popitem(self, index: int) -> None:
        self.twins.both(lambda c: c.peekitem(index))
        self.twins.both(lambda c: c.popitem(index))

    @rule(index=SLICES | INDEXES, view=st.sampled_from(["keys", "items", "values"]))
    def views(self, index: Any, view: str) -> None:
        self.twins.both(lambda c: getattr(c, view)()[index])
        self.twins.both(lambda c: reversed(getattr(c, view)()))
        if isinstance(index, slice) and index.step is not None:
            self.twins.both(lambda c: getattr(c, view)().__delitem__(index))


MACHINES: dict[str, tuple[type[Machine], Callable[[Any], Any]]] = {
    "list": (ListMachine, lambda module: module.SortedList()),
    "set": (SetMachine, lambda module: module.SortedSet()),
    "dict": (DictMachine, lambda module: module.SortedDict()),
    "key list": (ListMachine, lambda module: module.SortedKeyList(key=negated)),
}


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("name", MACHINES)
def test_any_calls_in_any_order(name: str, keys: str) -> None:
    base, make = MACHINES[name]
    fixed = {"kind": keys, "make": staticmethod(make)}
    machine = type(f"{name.title().replace(' ', '')}Machine{keys.title()}", (base,), fixed)
    run(machine, KEPT_EXAMPLES, EXAMPLES, STEPS)
