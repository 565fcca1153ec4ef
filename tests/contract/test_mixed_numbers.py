"""Queries of another type than the keys: numbers compare by value, and no digit is lost."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import NARROW_NUMBERS, NUMBERS, Array, key_sets, queries
from tests.contract.models import build
from tests.oracle import Truth

MODELS = ("rmi", "btree", "none", "rmi linear linear")
POWERS = (7, 8, 15, 16, 24, 31, 32, 53, 63, 64, 65, 100, 1100)
NEAR = [sign * 2**power + step for power in POWERS for sign in (-1, 1) for step in (-1, 0, 1)]
INTS = [0, 1, -1, *NEAR]
FRACTIONS = [Fraction(2 * number + 1, 2) for number in INTS] + [Fraction(1, 3), Fraction(-1, 7)]
DECIMALS = [
    *(Decimal(number) for number in (0, 2**53 + 1, 2**63, 2**64, -(2**63) - 1)),
    *(Decimal(text) for text in ("0.1", "-0.5", "1e400", "-1e400", "1e-400", "Infinity", "NaN")),
    *(Decimal(2**power) + Decimal("0.25") for power in (24, 53)),
]
FLOATS = [0.5, -0.5, 1e308, 2.0**53 + 2, 2.0**63, 2.0**64, np.inf, -np.inf, np.nan, -0.0, 5e-324]


def check_scalars(keys: Array, model: str, values: Sequence[Any]) -> None:
    """Check every verb that takes one query."""
    index, truth = build(keys, model), Truth(keys)
    for v in values:
        for side in ("left", "right"):
            expected = truth.searchsorted(v, side)
            assert index.searchsorted(v, side) == expected, (v, side)
            low, high = index.bounds(v, side)
            assert 0 <= low <= expected <= high <= len(keys), (v, side)
        assert index.rank(v) == truth.rank(v), v
        assert index.contains(v) is truth.contains(v), v
        assert (v in index) is truth.contains(v), v
        assert index.count(v, None) == truth.count(v, None), v
        for method in (None, "pad", "backfill", "nearest"):
            assert index.find(v, method) == truth.find(v, method), (v, method)


def check_arrays(keys: Array, model: str, values: Any, elements: Sequence[Any]) -> None:
    """Check every verb on an array or a list; the elements say what it means."""
    index: Any = build(keys, model)
    truth = Truth(keys)
    left = np.array([truth.searchsorted(v) for v in elements], np.intp)
    right = np.array([truth.rank(v) for v in elements], np.intp)
    equal = np.testing.assert_array_equal
    equal(index.searchsorted(values), left)
    equal(index.searchsorted(values, "right"), right)
    equal(index.rank(values), right)
    equal(index.contains(values), left < right)
    equal(index.find(values), np.where(left < right, left, -1))
    equal(index.find(values, "nearest"), [truth.find(v, "nearest") for v in elements])
    equal(index.count(values, values, "both"), right - left)
    for side, answers in (("left", left), ("right", right)):
        low, high = index.bounds(values, side)
        assert (low <= answers).all() and (answers <= high).all()


@pytest.mark.parametrize("model", MODELS[:2])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_python_numbers(kernel_row: str, dtype: str, model: str) -> None:
    for keys in key_sets(dtype).values():
        check_scalars(keys, model, [*INTS[::3], *FRACTIONS[::4], *DECIMALS[::2], *FLOATS[::2]])


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("values", [INTS, FRACTIONS, DECIMALS, FLOATS, [True, False]])
def test_all_python_numbers(dtype: str, values: list[Any]) -> None:
    for keys in key_sets(dtype).values():
        check_scalars(keys, "rmi", values)


@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
def test_all_python_numbers_in_a_table(dtype: str) -> None:
    for keys in key_sets(dtype).values():
        check_scalars(keys, "direct", [*INTS, *FRACTIONS, *DECIMALS, *FLOATS, True, False])


@pytest.mark.parametrize("dtype", NUMBERS)
def test_a_step_beside_each_key(dtype: str) -> None:
    """Where a float would round to the key itself."""
    steps = (Fraction(1, 10**40), Fraction(-1, 10**40), Fraction(1, 2), 1, -1)
    for keys in key_sets(dtype).values():
        finite = [key for key in keys[::97].tolist() if abs(key) < float("inf")]
        check_scalars(keys, "rmi", [Fraction(key) + step for key in finite[:12] for step in steps])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("other", NUMBERS)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_arrays_of_another_dtype(dtype: str, other: str, model: str) -> None:
    name = "specials" if other.startswith("float") else "half" if other == "bool" else "extremes"
    asked = queries(other, name)[::9]
    for keys in list(key_sets(dtype).values())[3:]:
        check_arrays(keys[-500:], model, asked, list(asked))


@pytest.mark.parametrize("other", NUMBERS)
@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
def test_arrays_of_another_dtype_in_a_table(dtype: str, other: str) -> None:
    for asked in key_sets(other).values():
        for keys in key_sets(dtype).values():
            check_arrays(keys, "direct", asked[::9], list(asked[::9]))


@pytest.mark.parametrize("other", ["uint64", "int64", "float64"])
@pytest.mark.parametrize("dtype", ["uint64", "int64", "float64"])
@pytest.mark.parametrize("power", [53, 54, 63])
def test_wide_types_where_doubles_lose_digits(
    kernel_row: str, dtype: str, other: str, power: int
) -> None:
    keys = np.sort(np.array([2**power + step for step in range(-900, 0, 2)]).astype(dtype))
    asked = np.array([2**power + step for step in range(-901, 0, 3)]).astype(other)
    check_arrays(keys, "rmi", asked, list(asked))
    check_arrays(keys, "btree", asked[::-1], list(asked[::-1]))


def test_keys_are_never_cast() -> None:
    """NumPy casts both sides to doubles here and calls three different numbers equal."""
    keys = np.array([2**53, 2**53 + 1, 2**53 + 2], np.uint64)
    index = lx.LearnedIndex(keys)
    assert [index.searchsorted(2**53 + step, "right") for step in range(3)] == [1, 2, 3]
    asked = np.array([2**53 + 1], np.int64)
    assert index.searchsorted(asked).tolist() == [1]
    assert index.searchsorted(2.0**53 + 2.0) == 2
    assert lx.LearnedIndex(keys.astype(np.float64)[::2].copy()).searchsorted(2**53 + 1) == 1


@pytest.mark.parametrize("dtype", NUMBERS)
def test_lists_of_python_ints_are_exact(dtype: str) -> None:
    for keys in key_sets(dtype).values():
        check_arrays(keys, "rmi", INTS, INTS)
        check_arrays(keys, "btree", [2**63, -1, 2**64 - 1], [2**63, -1, 2**64 - 1])


def test_nested_lists_of_python_ints_are_exact() -> None:
    index = lx.LearnedIndex(np.arange(10, dtype=np.uint64))
    np.testing.assert_array_equal(index.searchsorted([[-1, 3], [2**70, 2**64]]), [[0, 3], [10, 10]])


@pytest.mark.parametrize("values", [[1, 2.5, -3], [True, 2], [0.1, 2**53], [2**63, 0.5], []])
def test_lists_that_numpy_reads_exactly_mean_what_it_makes_of_them(values: list[Any]) -> None:
    for dtype in ("uint64", "int64", "float32"):
        keys = key_sets(dtype)["extremes" if "int" in dtype else "smooth"]
        check_arrays(keys, "rmi", values, list(np.asarray(values)))


@pytest.mark.parametrize("dtype", NUMBERS)
def test_queries_outside_the_dtype_are_answered(dtype: str) -> None:
    keys = key_sets(dtype)["two"]
    index = lx.LearnedIndex(keys)
    beyond = 10**400
    assert index.searchsorted(-beyond) == int(np.dtype(dtype).kind == "f")
    assert index.searchsorted(beyond) == (1 if np.dtype(dtype).kind == "f" else 2)
    assert index.find(beyond, "pad") == (0 if np.dtype(dtype).kind == "f" else 1)


@pytest.mark.parametrize(
    ("keys", "v", "tolerance", "expected"),
    [
        (np.array([0, 2**64 - 1], np.uint64), 2**63, 2**63 - 1, 1),
        (np.array([0, 2**64 - 1], np.uint64), 2**63, 2**63 - 2, -1),
        (np.array([-(2**63), 2**63 - 1]), 2**63, 1, 1),
        (np.array([-(2**63), 2**63 - 1]), -1, None, 0),
        (np.array([-(2**63), 2**63 - 1]), Fraction(-1, 2), None, 1),
        (np.array([2**53, 2**53 + 2]), 2**53 + 1, 1, 1),
        (np.array([1.0, 2.0]), Fraction(3, 2) - Fraction(1, 10**30), None, 0),
        (np.array([1.0, 2.0]), Fraction(3, 2), Fraction(1, 2), 1),
        (np.array([1.0, 2.0]), 1.75, 0.125, -1),
        (np.array([1.0, np.inf]), np.inf, 0, 1),
        (np.array([1.0, np.nan]), 5.0, 10.0, 0),
        (np.array([1.0, np.nan]), 50.0, 10.0, -1),
        (np.array([], np.int32), 5, None, -1),
    ],
)
def test_nearest_measures_exactly(keys: Array, v: Any, tolerance: Any, expected: int) -> None:
    assert Truth(keys).find(v, "nearest", tolerance) == expected
    for model in MODELS:
        index = build(keys, model)
        assert index.find(v, "nearest", tolerance=tolerance) == expected
        assert index.find([v] if isinstance(v, int) else v, "nearest", tolerance) == expected


@pytest.mark.parametrize("method", ["pad", "backfill", "nearest"])
@pytest.mark.parametrize("dtype", ["uint8", "uint64", "int64", "int16", "float32", "float64"])
def test_tolerance(kernel_row: str, dtype: str, method: str) -> None:
    for name, keys in key_sets(dtype).items():
        index: Any = lx.LearnedIndex(keys)
        truth = Truth(keys)
        some = queries(dtype, name)[:40]
        for tolerance in (0, 1, 0.5, 2**63, 10.0**30):
            expected = [truth.find(v, method, tolerance) for v in some]
            found = index.find(some, method, tolerance)
            np.testing.assert_array_equal(found, expected, f"{name} {tolerance}")


def test_big_mixed_batches_are_converted_in_blocks() -> None:
    """More queries than one block holds, strided and of another dtype."""
    keys = np.arange(0, 300_000, 3, dtype=np.uint32)
    asked = np.linspace(-5, 300_005, 1_200_001)[::2]
    index = lx.LearnedIndex(keys)
    expected = np.searchsorted(keys.astype(np.float64), asked)
    np.testing.assert_array_equal(index.searchsorted(asked), expected)
    np.testing.assert_array_equal(index.searchsorted(asked, threads=2), expected)
