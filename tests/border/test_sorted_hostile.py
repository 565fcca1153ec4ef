"""Values and comparisons that sorted containers are to withstand."""

import warnings
from collections.abc import Iterator
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
    assert (numbers.kind, list(numbers)) == ("object", ["a"])


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
