"""State machines: after any calls in any order ours holds what sortedcontainers holds."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import sortedcontainers
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

import learnedidx as lx
from tests.stateful.twins import ASKED, KEYS, Twins

LONG = os.environ.get("LEARNEDIDX_HYPOTHESIS") == "long"
EXAMPLES, STEPS = (500, 200) if LONG else (10, 30)  # 100,000 steps for each machine

ENDS = st.one_of(st.none(), st.integers(-30, 30))
SLICES = st.builds(slice, ENDS, ENDS, st.sampled_from([None, 1, 2, -1, -3]))
INDEXES = st.integers(-12, 12)
PAIRS = st.tuples(st.booleans(), st.booleans())


class Machine(RuleBasedStateMachine):
    """Verbs that every container has."""

    keys: Any
    make: Callable[[Any], Any]
    name: str

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(self.make(lx), self.make(sortedcontainers))

    @rule(asked=ASKED)
    def look(self, asked: Any) -> None:
        both = self.twins.both
        both(lambda c: asked in c)
        both(lambda c: c.bisect_left(asked))
        both(lambda c: c.bisect_right(asked))
        both(lambda c: c.index(asked))

    @rule(asked=ASKED, start=ENDS, stop=ENDS)
    def index(self, asked: Any, start: int | None, stop: int | None) -> None:
        self.twins.both(lambda c: c.index(asked, start, stop))

    @rule(low=ASKED | st.none(), high=ASKED | st.none(), inclusive=PAIRS, reverse=st.booleans())
    def irange(self, low: Any, high: Any, inclusive: tuple[bool, bool], reverse: bool) -> None:
        self.twins.both(lambda c: c.irange(low, high, inclusive, reverse))
        as_array = self.twins.ours.irange(low, high, inclusive, reverse, as_array=True)
        assert as_array.tolist() == list(self.twins.theirs.irange(low, high, inclusive, reverse))

    @rule(start=ENDS, stop=ENDS, reverse=st.booleans())
    def islice(self, start: int | None, stop: int | None, reverse: bool) -> None:
        self.twins.both(lambda c: c.islice(start, stop, reverse))
        self.twins.both(reversed)

    @rule()
    def clear(self) -> None:
        if len(self.twins.theirs) > 60:
            self.twins.both(lambda c: c.clear())

    @rule()
    def copy(self) -> None:
        self.twins.both(lambda c: c.copy())
        self.twins.both(lambda c: c == c.copy())


class ValuesMachine(Machine):
    """Verbs of lists and sets."""

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
        self.twins.both(lambda c: c.__delitem__(index))


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


class DictMachine(Machine):
    @rule(data=st.data(), value=st.integers())
    def assign(self, data: st.DataObject, value: int) -> None:
        key = data.draw(self.keys)
        self.twins.both(lambda c: c.__setitem__(key, value))
        self.twins.both(lambda c: c.items())

    @rule(data=st.data(), size=st.integers(0, 40))
    def update(self, data: st.DataObject, size: int) -> None:
        pairs = data.draw(
            st.lists(st.tuples(self.keys, st.integers()), min_size=size, max_size=size)
        )
        self.twins.both(lambda c: c.update(pairs))
        self.twins.both(lambda c: list(c.items()))

    @rule(asked=ASKED)
    def get(self, asked: Any) -> None:
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


def negated(value: Any) -> Any:
    """Sort backwards."""
    return -value


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
    fixed = {"keys": KEYS[keys], "make": staticmethod(make)}
    machine = type(f"{base.__name__}{keys}", (base,), fixed)
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None),
    )
