"""Indices, comparisons and finalizers that change the sorted container they are given to."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker

NAN = float("nan")


@pytest.fixture(autouse=True)
def untold() -> Iterator[None]:
    """Let containers move to sortedcontainers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*moves to sortedcontainers")
        yield


class Clearing:
    """An index that clears a container, or moves it, when it is asked for its number."""

    def __init__(self, change: Callable[[], object], number: int = 4999) -> None:
        self.change, self.number = change, number

    def __index__(self) -> int:
        self.change()
        return self.number


BY_INDEX: dict[str, tuple[Any, Callable[[Any, Any], object]]] = {
    "list[i]": (lx.SortedList, lambda c, i: c[i]),
    "list.pop": (lx.SortedList, lambda c, i: c.pop(i)),
    "del list[i]": (lx.SortedList, lambda c, i: c.__delitem__(i)),
    "set[i]": (lx.SortedSet, lambda c, i: c[i]),
    "set.pop": (lx.SortedSet, lambda c, i: c.pop(i)),
    "del set[i]": (lx.SortedSet, lambda c, i: c.__delitem__(i)),
    "peekitem": (lx.SortedDict, lambda c, i: c.peekitem(i)),
    "popitem": (lx.SortedDict, lambda c, i: c.popitem(i)),
    "keys()[i]": (lx.SortedDict, lambda c, i: c.keys()[i]),
    "values()[i]": (lx.SortedDict, lambda c, i: c.values()[i]),
    "items()[i]": (lx.SortedDict, lambda c, i: c.items()[i]),
    "del keys()[i]": (lx.SortedDict, lambda c, i: c.keys().__delitem__(i)),
}


@pytest.mark.parametrize("verb", BY_INDEX)
@pytest.mark.parametrize("moves", [False, True])
def test_an_index_that_clears_the_container_is_out_of_range(verb: str, moves: bool) -> None:
    kind, use = BY_INDEX[verb]
    container = maker(kind)(range(5000))

    def change() -> None:
        container.clear()
        if moves:
            container.update({"a": 1} if kind is lx.SortedDict else ["a"])

    with pytest.raises(IndexError, match="out of range"):
        use(container, Clearing(change))
    container._check()
    assert list(container) == ["a"] * moves


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [None, 2])
def test_a_slice_that_clears_the_container_is_empty(kind: Any, step: int | None) -> None:
    container = maker(kind)(range(5000))
    part = container.keys() if kind is lx.SortedDict else container
    del part[Clearing(container.clear, 5) : 4000 : step]
    container.update(dict.fromkeys(range(5000)))
    assert part[Clearing(container.clear, 5) : 4000 : step] == []
    assert len(container) == 0


def test_deleting_an_empty_slice_with_a_huge_step() -> None:
    names: Any = lx.SortedDict.fromkeys(range(9))
    del names.keys()[3 : 5 : -(2**63) + 1]
    assert len(names) == 9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", [[], (), np.array([], bool), np.array([], object), {}])
def test_no_values_move_no_container(kind: Any, nothing: Any) -> None:
    for keys in ([], [1.5], [1]):
        container = maker(kind)(keys)
        before = container.kind
        container.update({} if kind is lx.SortedDict else nothing)
        assert (container.kind, list(container)) == (before, keys)


def test_numbers_that_are_held_move_no_set() -> None:
    numbers = lx.SortedSet([1.0, 2.0])
    numbers.update([1, True, 2])
    numbers.update(np.array([1, 2]))
    assert (numbers.kind, list(numbers)) == ("float", [1.0, 2.0])


def test_arrays_of_objects_that_are_numbers_stay_typed() -> None:
    numbers = lx.SortedList(np.array([2, 1], object))
    numbers.update(np.array([3], object))
    assert (numbers.kind, list(numbers)) == ("int", [1, 2, 3])


def test_nan_may_be_looked_up_by_set_algebra() -> None:
    numbers = lx.SortedSet([1.0, 2.0])
    assert list(numbers & {NAN, 1.0}) == [1.0]
    assert list(numbers - np.array([NAN, 1.0])) == [2.0]
    numbers.difference_update([NAN, 1.0])
    assert list(numbers) == [2.0]
    with pytest.raises(ValueError, match="NaN"):
        numbers |= {NAN}
    with pytest.raises(ValueError, match="NaN"):
        numbers ^= {NAN}


def test_nan_is_refused_among_objects() -> None:
    mixed = lx.SortedSet([1, 2.5])
    with pytest.raises(ValueError, match="NaN"):
        mixed ^= {NAN}
    assert list(mixed) == [1, 2.5]
    numbers: Any = lx.SortedKeyList([1], key=abs)
    for change in (numbers.add, lambda v: numbers.update([v]), lambda v: numbers.__init__([v])):
        with pytest.raises(ValueError, match="NaN"):
            change(NAN)
    assert list(numbers) == [1]


def test_a_set_may_change_all_its_values_for_others() -> None:
    numbers: Any = lx.SortedSet([1, 2])
    numbers ^= {1, 2, "a"}
    assert (numbers.kind, list(numbers)) == ("str", ["a"])
    numbers ^= {"a", ()}
    assert (numbers.kind, list(numbers)) == ("object", [()])


def test_an_item_of_a_set_cannot_be_assigned() -> None:
    numbers: Any = lx.SortedSet([1, 2])
    with pytest.raises(TypeError, match="'SortedSet' object does not support item assignment"):
        numbers[0] = 3


@pytest.mark.parametrize("kind", [lx.SortedKeyList, lx.SortedSet, lx.SortedDict])
def test_irange_key_notices_changes(kind: Any) -> None:
    keys = range(9)
    container = kind(abs, dict.fromkeys(keys)) if kind is lx.SortedDict else kind(keys, key=abs)
    assert list(container.irange_key(2, 5, (False, True), True)) == [5, 4, 3]
    assert list(container.irange_key(5, 2)) == []
    numbers = container.irange_key(2)
    assert next(numbers) == 2
    container.pop(3)
    with pytest.raises(RuntimeError, match="changed during iteration"):
        next(numbers)


class Shifting:
    """Equals 5, and removes 1 from a container while it is compared."""

    def __init__(self, container: Any) -> None:
        self.container = container

    def __hash__(self) -> int:
        return hash(5)

    def __eq__(self, other: object) -> bool:
        if other == 5 and 1 in self.container:
            self.container.pop(1)
        return other == 5


def test_a_comparison_that_shifts_keys_finds_its_own() -> None:
    for use, left in (
        (lambda d, key: d[key] == 5, {5: 5}),
        (lambda d, key: d.get(key) == 5, {5: 5}),
        (lambda d, key: d.update({key: "new"}) is None, {5: "new"}),
        (lambda d, key: d.pop(key) == 5, {}),
    ):
        names: Any = lx.SortedDict({i: i for i in range(10)})
        assert use(names, Shifting(names))
        assert dict(names.items()) == {i: i for i in range(10) if i not in (1, 5)} | left


class Returning:
    """Does something to a container when it is released, as long as the test goes on."""

    ended = False

    def __init__(self, change: Callable[[], object]) -> None:
        self.change = change

    def __del__(self) -> None:
        if not Returning.ended:
            self.change()


@pytest.fixture
def returning() -> Iterator[type[Returning]]:
    """Return what comes back until the test ends."""
    Returning.ended = False
    yield Returning
    Returning.ended = True


class Name(str):
    """Text that is no exact str."""


OBJECT_CHANGES: dict[str, Callable[[Any], object]] = {
    "clear": lambda c: c.clear(),
    "few": lambda c: c.update({"a": 0, "b": 0}),
    "many": lambda c: c.update({str(i): 0 for i in range(200)} | {"a": 0}),
    "slice": lambda c: c.keys().__delitem__(slice(0, 60)),
    "begin anew": lambda c: c.__init__({"a": 0}),
}


@pytest.mark.parametrize("change", OBJECT_CHANGES)
@pytest.mark.parametrize("then", ["clear", "few", "many"])
@pytest.mark.parametrize("as_text", [False, True])
def test_finalizers_come_back_to_a_whole_dict_of_objects(
    returning: type[Returning], change: str, then: str, as_text: bool
) -> None:
    names: Any = lx.SortedDict({str(i): None for i in range(50)})
    if not as_text:
        names[Name("0")] = names[Name("00")] = None
    assert names.kind == ("str" if as_text else "object")
    names["a"] = returning(lambda: OBJECT_CHANGES[then](names))
    names["b"] = returning(lambda: names.__setitem__("z", 0))
    OBJECT_CHANGES[change](names)
    names._check()
    assert len(names) == len(list(names)) == len(dict(names.items()))
    Returning.ended = True


@pytest.mark.parametrize("change", ["clear", "one", "slice"])
def test_finalizers_come_back_to_a_whole_list_of_objects(
    returning: type[Returning], change: str
) -> None:
    words: Any = lx.SortedKeyList(key=id)
    words.update(returning(lambda: words.add("again")) for _ in range(50))
    if change == "clear":
        words.clear()
    else:
        del words[3 if change == "one" else slice(0, 4)]
    words._check()
    assert words.count("again") == {"clear": 50, "one": 1, "slice": 4}[change]
    Returning.ended = True


class Ordered:
    """Compares by a number, and perhaps does something when it is released."""

    def __init__(self, number: int, change: Callable[[], object] | None = None) -> None:
        self.number, self.returning = number, Returning(change) if change else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ordered) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __lt__(self, other: "Ordered") -> bool:
        return self.number < other.number

    def __le__(self, other: "Ordered") -> bool:
        return self.number <= other.number


@pytest.mark.parametrize("verb", ["remove", "discard"])
@pytest.mark.parametrize("kind", [lx.SortedList, lx.SortedSet, lx.SortedKeyList])
def test_finalizers_of_equal_values_come_back_to_a_whole_container(
    returning: type[Returning], kind: Any, verb: str
) -> None:
    words: Any = kind(map(Ordered, range(0, 2000, 2)))

    def change() -> None:
        for number in range(1, 2000, 2):
            words.add(Ordered(number))
        words._check()

    words.add(Ordered(1001, change))
    getattr(words, verb)(Ordered(1001))
    words._check()
    assert [word.number for word in words] == list(range(2000))
