"""Iterables, comparisons and iterators of sorted containers that fail midway."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker, put


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    """Return what makes a container of keys."""
    return maker(request.param)


class Failing:
    """An iterable that raises midway."""

    def __init__(self, first: list[Any]) -> None:
        self.first = first

    def __iter__(self) -> Iterator[Any]:
        yield from self.first
        raise ZeroDivisionError


@pytest.mark.parametrize("first", [[7, 8], [0.5], ["a"]])
def test_an_iterator_that_raises_changes_nothing(make: Any, first: list[Any]) -> None:
    container = make([1, 2])
    pairs = [(key, 0) for key in first] if isinstance(container, lx.SortedDict) else first
    with pytest.raises(ZeroDivisionError):
        container.update(Failing(pairs))
    assert (container.kind, list(container)) == ("int", [1, 2])


class Fickle:
    """Compares until it is told to raise."""

    raises_in = -1

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        return self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fickle) and self.value == other.value

    def __le__(self, other: "Fickle") -> bool:
        return self.value <= other.value

    def __lt__(self, other: "Fickle") -> bool:
        Fickle.raises_in -= 1
        if Fickle.raises_in == 0:
            raise ZeroDivisionError
        return self.value < other.value


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("new", [[50], [3, 90], list(range(0, 60, 7)), list(range(100, 200))])
def test_a_comparison_that_raises_changes_nothing(make: Any, new: list[int]) -> None:
    container = make([Fickle(value) for value in range(0, 100, 2)])
    before = list(container)
    values = [Fickle(value) for value in new]
    try:
        for calls in range(1, 60):
            Fickle.raises_in = calls
            try:
                if isinstance(container, lx.SortedDict):
                    container.update(dict.fromkeys(values, 1))
                else:
                    container.update(values)
            except ZeroDivisionError:
                Fickle.raises_in = -1
                assert [id(value) for value in container] == [id(value) for value in before]
                container._check()
            else:
                break
    finally:
        Fickle.raises_in = -1
    assert len(container) >= len(before)


def test_changes_while_iterating_are_told(make: Any) -> None:
    changes: list[Any] = [
        lambda c: put(c, 9),
        lambda c: c.discard(2) if hasattr(c, "discard") else c.pop(2),
        lambda c: c.clear(),
        lambda c: c.pop(1),
    ]
    for held in ([1, 2, 3], [1.0, 2.0, 3.0]):
        for change in changes:
            for begin in (iter, reversed, lambda c: c.irange(1), lambda c: c.islice(0, 3)):
                container = make(held)
                iterator = begin(container)
                next(iterator)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    change(container)
                with pytest.raises(RuntimeError, match="changed during iteration"):
                    list(iterator)


def test_values_may_be_replaced_while_iterating() -> None:
    names: lx.SortedDict[int, int] = lx.SortedDict.fromkeys(range(5), 0)
    for key in names:
        names[key] = key * key
    assert list(names.values()) == [0, 1, 4, 9, 16]


ARRAY = np.array([1, 2])
WRONG: list[tuple[Any, str]] = [
    (lambda c: c.irange(ARRAY), "value: one value is needed, this is an array"),
    (lambda c: c.irange(1, 2, True), r"inclusive: two truth values are needed, .* not True"),
    (lambda c: c.irange(1, 2, (True,)), r"inclusive: two truth values are needed"),
    (lambda c: c.index(1, key=2), "unexpected keyword argument 'key'"),
    (lambda c: c.index(1, value=2), "multiple values for argument 'value'"),
    (lambda c: c.contains(np.ma.masked_array([1], [True])), "masked"),
    (lambda c: c.bisect_left(np.ma.masked_array([1], [True])), "masked"),
]
WRONG_OF_VALUES: list[tuple[Any, str]] = [
    (lambda c: c["a"], "index: an integer or a slice is needed, not str"),
    (lambda c: c.pop(1.0), "index: an integer or a slice is needed, not float"),
    (lambda c: c.pop(1, 2), r"at most 1 argument \(2 given\)"),
]
WRONG_OF_LISTS: list[tuple[Any, str]] = [
    (lambda c: c.add(ARRAY), r"value: one value .* update\(\) take arrays"),
    (lambda c: c.count(ARRAY), "value: one value is needed, this is an array"),
    (lambda c: c.discard(ARRAY), "value: one value is needed, this is an array"),
    (lambda c: ARRAY in c, "value: one value is needed, this is an array"),
]


def test_wrong_arguments_are_named(make: Any) -> None:
    container = make([1, 2, 3])
    calls = list(WRONG)
    if not isinstance(container, lx.SortedDict):
        calls += WRONG_OF_VALUES
    if isinstance(container, lx.SortedList):
        calls += WRONG_OF_LISTS
    for call, message in calls:
        with pytest.raises(TypeError, match=message):
            call(container)
    assert (container.kind, list(container)) == ("int", [1, 2, 3])
