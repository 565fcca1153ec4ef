"""Lists of several types: each item means what it means alone, whatever NumPy makes of the list."""

import array
import collections
import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx._formats import queries
from learnedidx._formats.known import family_of
from tests.border.helpful import refused
from tests.contract.models import build
from tests.contract.test_mixed_numbers import MODELS, check_arrays

BIG = [2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
KEYS = {
    "uint64": np.array([0, 1, *BIG], np.uint64),
    "int64": np.array([-(2**53) - 1, -1, 0, 1, *BIG[:5]], np.int64),
    "float64": np.array([-1.0, 0.0, 0.5, 1.0, 2.0**53, 2.0**53 + 2, 2.0**64]),
}
LISTS: list[Any] = [
    [2**53 + 1, 0.5],
    (2**53 + 1, 0.5),
    collections.deque([2**53 + 1, 0.5]),
    collections.UserList([2**53 + 1, 0.5]),
    [np.uint64(2**64 - 1), np.int64(-1)],
    [True, 2**64 - 1, -1],
    [2**64 - 1, -1],
    [0.5, np.int64(2**53 + 1), np.float32(1)],
    [2**53 + 1, float("inf"), float("nan"), -0.0],
    [np.array(2**53 + 1), 0.5],
    [Fraction(1, 2), 2**53 + 1, 0.5],
    [Decimal("0.5"), 2**64 - 1, -1],
    [0.5, 2**70, -(2**70)],
]


def scalars_of(values: Any) -> list[Any]:
    """Return the items, an array of no dimension as the scalar in it."""
    return [item[()] if isinstance(item, np.ndarray) else item for item in values]


@pytest.mark.parametrize("values", LISTS, ids=repr)
@pytest.mark.parametrize("dtype", KEYS)
def test_each_item_is_exact(dtype: str, values: Any) -> None:
    for model in MODELS:
        check_arrays(KEYS[dtype], model, values, scalars_of(values))


@pytest.mark.parametrize("dtype", KEYS)
def test_each_item_of_nested_lists_is_exact(dtype: str) -> None:
    keys = KEYS[dtype]
    nested = [[2**53 + 1, 0.5], (True, 2**64 - 1)]
    parts = [np.array([2**53 + 1, 2**64 - 1], np.uint64), np.array([-1, 1])]
    index: Any = lx.LearnedIndex(keys)
    for rows in (nested, parts):
        expected = [[index.searchsorted(item) for item in row] for row in rows]
        np.testing.assert_array_equal(index.searchsorted(rows), expected)
        np.testing.assert_array_equal(
            index.count(rows, None), len(keys) - np.array(expected), strict=True
        )


@pytest.mark.parametrize("dtype", ["M8[ns]", "M8[D]", "m8[ns]", "m8[s]"])
def test_times_of_several_units(dtype: str) -> None:
    """NumPy counts all of them in the finest unit, in which some are beyond 64 bits."""
    kind = dtype[0]
    far, near = np.array(10**7, f"{kind}8[D]")[()], np.array(1, f"{kind}8[ns]")[()]
    keys = np.sort(np.arange(-50, 50).astype(dtype))
    asked = [far, near, -far if kind == "m" else np.datetime64("0001-01-01")]
    check_arrays(keys, "rmi", asked, asked)


def test_a_number_among_times_is_refused_as_it_is_alone() -> None:
    lengths = lx.LearnedIndex(np.arange(9).astype("m8[s]"))
    refused(lengths.find, [np.timedelta64(5, "s"), 5], kind=TypeError, says=("v", "int", "timede"))
    days = lx.LearnedIndex(np.arange(9).astype("M8[D]"))
    asked = [np.datetime64(5, "s"), datetime.date(1970, 1, 3)]
    assert days.find(asked).tolist() == [-1, 2]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2.5, -3],
        [1.0, 2.0**60, -0.0],
        (np.float64(2.0**60), 0.5),
        [[1.5, 2.0**60], (3.0, 4.0)],
        [1, 2**62],
        [2**64 - 1, 2**63],
        [True, 0.5],
        array.array("d", [2.0**60, 1.0]),
        memoryview(np.array([2.0**60, 1.0])),
        np.array([2.0**60, 1.0]),
        [np.datetime64(5, "s"), np.datetime64(7, "s")],
    ],
    ids=lambda values: f"{type(values).__name__} {list(values)}",
)
def test_what_numpy_reads_exactly_stays_an_array_of_one_dtype(values: Any) -> None:
    """The fast way: no item is looked at alone."""
    keys = np.dtype("M8[s]" if isinstance(values[0], np.datetime64) else "f8")
    assert queries.as_batch(values, family_of(keys)).dtype == np.asarray(values).dtype


@pytest.mark.parametrize(
    "values", [[2**53 + 1, 0.5], [-1, 2**64 - 1], [1, 2**64], [np.uint64(2**64 - 1), -1]]
)
def test_keys_are_not_rounded_either(values: list[Any]) -> None:
    refused(lx.LearnedIndex, values, kind=TypeError, says=("keys",))


def test_lists_that_one_dtype_holds_are_keys() -> None:
    for values in ([0.5, 2**53], [1, 2.5], [True, 2**60]):
        index = build(np.sort(np.asarray(values)), "none")
        assert lx.LearnedIndex(sorted(values)).keys.tolist() == index.keys.tolist()
