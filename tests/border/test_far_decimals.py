"""Decimals of any exponent are compared as they are: their digits are never written out."""

import itertools
import signal
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx._formats import scalars

HUGE = [Decimal("1E+3000000"), Decimal("7.5E+999999999999"), Decimal("1E+400000")]
TINY = [Decimal("1E-3000000"), Decimal("7.5E-999999999999"), Decimal("1E-400000")]
KEYS: dict[str, Any] = {
    "int64": np.array([-5, -1, 0, 0, 1, 5], np.int64),
    "uint8": np.array([0, 0, 1, 255], np.uint8),
    "float64": np.array([-np.inf, -1e308, -5e-324, 0.0, 5e-324, 1.0, 1e308, np.inf, np.nan]),
    "float32": np.array([-1, 0, 1e-45, 1, 3e38], np.float32),
}


@pytest.fixture(autouse=True)
def seconds() -> Iterator[None]:
    """Stop what would go on for minutes."""

    def stop(*_: Any) -> None:
        raise TimeoutError("more than 20 seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("dtype", KEYS)
@pytest.mark.parametrize("listed", [False, True])
def test_places(dtype: str, listed: bool) -> None:
    keys = KEYS[dtype]
    index: Any = lx.LearnedIndex(keys)

    def places(v: Decimal) -> tuple[int, int]:
        if not listed:
            return index.searchsorted(v), index.rank(v)
        return index.searchsorted([v, 0])[0], index.rank([v, 0])[0]

    below = int(np.sum(keys == -np.inf))
    numbers = int(np.sum(keys < np.inf))
    negative, not_positive = int(np.sum(keys < 0)), int(np.sum(keys <= 0))
    for v in HUGE:
        assert places(v) == (numbers, numbers)
        assert places(v.copy_negate()) == (below, below)
        assert v not in index
    for v in TINY:
        assert places(v) == (not_positive, not_positive)
        assert places(v.copy_negate()) == (negative, negative)
        assert index.find(v) == -1
    for zero in (Decimal("0E+3000000"), Decimal("-0E-999999999999")):
        assert places(zero) == (negative, not_positive)


def test_the_nearest_key() -> None:
    index = lx.LearnedIndex(KEYS["int64"])
    for v in HUGE:
        assert index.find(v, "nearest") == 5
        assert index.find(v.copy_negate(), "nearest") == 0
    for v in TINY:
        assert index.find(v, "nearest") == index.find(0.25, "nearest") == 3
        assert index.find(v.copy_negate(), "nearest") == index.find(-0.25, "nearest") == 2


def kind(value: Any) -> str:
    """Return the name of a case; Python refuses to spell ints of so many digits."""
    return str(value) if isinstance(value, Decimal) else type(value).__name__


FAR = [Decimal("1E+5000"), *TINY, *HUGE]
LIMITS = [0, 1, 10**5000, 10**5001, Fraction(1, 10**500), Fraction(1, 7), *FAR]


@pytest.mark.parametrize("v", [0, 10**5000, Fraction(1, 10**600), *FAR], ids=kind)
@pytest.mark.parametrize("limit", LIMITS, ids=kind)
def test_tolerances(v: Any, limit: Any) -> None:
    """The same comparison with exponents of hundreds in place of millions, by fractions alone."""
    for key in (-1, 0, 1):
        index = lx.LearnedIndex(np.array([key]))
        expected = abs(shrunk(v) - key) <= shrunk(limit)
        assert index.find(v, "nearest", limit) == (0 if expected else -1), key
        assert index.find([v], "nearest", limit).tolist() == [0 if expected else -1]


def shrunk(value: Any) -> Fraction:
    """Return a number in the place that it has among those above, with few digits."""
    if not isinstance(value, Decimal) or value == Decimal("1E+5000"):
        return Fraction(value)
    order = sorted([*HUGE, *TINY])
    power = order.index(value) * 1000  # tiny ones are 0, 1 and 2, large ones 3, 4 and 5
    return Fraction(10) ** (power - 10_000 if value < 1 else power + 4000)


def test_a_distance_equal_to_the_tolerance_counts() -> None:
    """2e400000 - 1e400000 is 1e400000: at most that, and more than what is smaller by a digit."""
    below = Decimal("0.9999999999E+400000")
    for key in (0, 3, -3):
        index = lx.LearnedIndex(np.array([key]))
        v = Decimal("1E+400000")
        assert index.find(v, "nearest", v) == (0 if key >= 0 else -1)
        assert index.find(v.copy_negate(), "nearest", v) == (0 if key <= 0 else -1)
        assert index.find(v, "nearest", below) == -1


def test_the_largest_and_smallest_exponents() -> None:
    index = lx.LearnedIndex(np.array([0.1]))
    most, least = Decimal("9E+999999999999999999"), Decimal("1E-1999999999999999997")
    assert index.find(most, "nearest", most) == 0  # 0.1 nearer than it is large
    assert index.find(most.copy_negate(), "nearest", most) == -1
    assert index.find(most, "nearest", Decimal("8E+999999999999999999")) == -1
    assert index.find(most, "nearest", least) == index.find(least, "nearest", least) == -1
    assert index.find(least, "nearest", most) == 0
    zero = lx.LearnedIndex(np.array([0.0]))
    assert zero.find(least, "nearest", least) == zero.find(least, "pad", least) == 0
    assert zero.find(least.copy_negate(), "backfill", least) == 0


@pytest.mark.parametrize("limit", [*HUGE, *TINY])
@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_tolerances_of_arrays(dtype: str, limit: Decimal) -> None:
    keys = np.arange(0, 50, 5).astype(dtype)
    asked = np.arange(-3, 60).astype(dtype)
    found = lx.LearnedIndex(keys).find(asked, "nearest", limit)
    exact = np.isin(asked, keys)
    expected = lx.LearnedIndex(keys).find(asked, "nearest")
    np.testing.assert_array_equal(found, np.where(exact | (limit > 1), expected, -1))


def test_sums_of_decimals_against_a_bound() -> None:
    """Against fractions, where these are small enough."""
    parts: list[Any] = [
        Decimal(text) for text in ("1E+900", "1E-900", "1.5E+900", "-1E+900", "2E-900")
    ]
    bounds = [Fraction(n, d) for n in (-1, 0, 1, 10**900) for d in (1, 3, 10**900, 2**70)]
    for a, b, bound in itertools.product(parts, [*parts, Fraction(1, 3)], bounds):
        expected = Fraction(a) + Fraction(b) <= bound
        assert scalars._at_most(a, b, bound) == expected, (a, b, bound)
