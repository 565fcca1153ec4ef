"""Iterators of sorted containers: ints given again are given to nobody else, hints are counts."""

import operator
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker

# Ints of no digit in CPython, of one, two and three, of either sign, and small ones.
EDGES = [0, 1, 256, 257, 1023, 1024, 2**30 - 1, 2**30, 2**60 - 1, 2**60, 2**63 - 1]
NUMBERS = sorted({sign * (edge + step) for edge in EDGES for sign in (1, -1) for step in (-1, 0)})


@pytest.mark.parametrize("kind", KINDS)
def test_ints_that_are_kept_stay_as_they_are(kind: Any) -> None:
    expected = sorted([*NUMBERS, *range(2**40, 2**40 + 3000)])
    numbers = maker(kind)(expected)
    for stride in (1, 2, 3, 5, 300):
        kept, seen = [], 0
        for at, number in enumerate(numbers):
            seen += number
            if at % stride == 0:
                kept.append(number)
        assert kept == expected[::stride]
        assert seen == sum(expected)
    iterator = iter(numbers)
    first, second, third = next(iterator), next(iterator), next(iterator)
    assert [first, second, third, *iterator] == expected


def test_ints_outlive_their_iterator() -> None:
    iterator = iter(lx.SortedList([2**40, 2**41, 2**42]))
    last = [next(iterator) for _ in range(3)][-1]
    assert next(iterator, None) is None
    del iterator
    others = [2**42 + at for at in range(1, 50)]
    assert last == 2**42
    assert len(others) == 49


@pytest.mark.parametrize("kind", KINDS)
def test_the_hint_of_a_range_is_how_many_come(kind: Any) -> None:
    numbers = maker(kind)(range(0, 3000, 3))
    for low, high in [(0, 0), (10, 1500), (7, 8), (None, 2000), (2990, None), (50, 20), (-9, -1)]:
        iterator = numbers.irange(low, high)
        count = len(list(numbers.irange(low, high)))
        assert operator.length_hint(iterator) == count
        for taken in range(1, count + 1):
            next(iterator)
            if taken % 100 == 1:
                assert operator.length_hint(iterator) == count - taken
    iterator = numbers.irange(10, 1500)
    next(iterator)
    numbers.clear()
    assert operator.length_hint(iterator) == 0


@pytest.mark.parametrize("kind", [lx.SortedList, lx.SortedSet])
@pytest.mark.parametrize("size", [2, 17, 256, 257, 5000])
def test_an_array_is_in_order_up_to_its_last_item_or_not(kind: Any, size: int) -> None:
    ascending = np.arange(size) * 2**33
    for at in {1, size // 2, min(size - 1, 232), min(size - 1, 233), size - 1}:
        for value in (ascending[at - 1], -5):  # as the one before it, and below all
            values = ascending.copy()
            values[at] = value
            held = kind(values)
            held._check()
            plain: list[int] = values.tolist()
            assert list(held) == sorted(plain if kind is lx.SortedList else set(plain))
    assert list(kind(ascending)) == ascending.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_ranges_across_leaves_are_those_of_a_list(kind: Any) -> None:
    values = [number for number in NUMBERS if abs(number) < 2**63] + list(range(5000, 9000, 3))
    expected = sorted(set(values))
    numbers = maker(kind)(expected)
    ends = [*expected[:: len(expected) // 40], *NUMBERS, None]
    for low in ends:
        for high in ends:
            inside = [
                number
                for number in expected
                if (low is None or number >= low) and (high is None or number <= high)
            ]
            assert list(numbers.irange(low, high)) == inside
            assert list(numbers.irange(low, high, reverse=True)) == inside[::-1]
            assert numbers.irange(low, high, as_array=True).tolist() == inside


@pytest.mark.parametrize("kind", KINDS)
def test_ints_of_any_length_are_read_and_made(kind: Any) -> None:
    expected = [number for number in NUMBERS if -(2**63) <= number < 2**63]
    numbers = maker(kind)(expected)
    for at, number in enumerate(expected):
        assert numbers.bisect_left(number) == at
        assert number in numbers
        assert list(numbers.islice(at, at + 1)) == [number]
        assert numbers.bisect_left(number + 1) == at + 1
    assert list(numbers) == expected
    assert numbers.bisect_left(-(2**70)) == 0
    assert numbers.bisect_left(2**70) == len(expected)
