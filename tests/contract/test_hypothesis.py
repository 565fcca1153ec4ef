"""Hypothesis against the oracle: any keys, any queries, any model, any kernel row."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from tests.contract.key_sets import Array
from tests.contract.models import MODELS, build
from tests.contract.strategies import keys_of_any_dtype, scalars_for, sorted_keys, values
from tests.oracle import Truth

models = st.sampled_from(sorted(MODELS))
NUMBER_KINDS = ("u8", "u4", "i8", "i2", "f8", "f4", "?")


@given(data=st.data(), keys=keys_of_any_dtype(), model=models)
def test_positions(kernel_row: str, data: st.DataObject, keys: Array, model: str) -> None:
    queries = data.draw(queries_for(keys))
    index = build(keys, model)
    for side in ("left", "right"):
        expected = np.searchsorted(keys, queries, side)
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        low, high = index.bounds(queries, side)
        assert (low <= expected).all() and (expected <= high).all()


@given(data=st.data(), keys=keys_of_any_dtype(), model=models)
def test_every_scalar_verb(kernel_row: str, data: st.DataObject, keys: Array, model: str) -> None:
    index, truth = build(keys, model), Truth(keys)
    for v in data.draw(queries_for(keys))[:8]:
        assert index.searchsorted(v) == truth.searchsorted(v)
        assert index.searchsorted(v, "right") == truth.searchsorted(v, "right")
        assert index.rank(v) == truth.rank(v)
        assert index.contains(v) is truth.contains(v)
        assert (v in index) is truth.contains(v)
        for method in (None, "pad", "backfill", "nearest"):
            assert index.find(v, method) == truth.find(v, method)


@given(
    data=st.data(),
    keys=keys_of_any_dtype(),
    model=models,
    inclusive=st.sampled_from(["both", "left", "right", "neither"]),
)
def test_ranges(
    kernel_row: str, data: st.DataObject, keys: Array, model: str, inclusive: Any
) -> None:
    index, truth = build(keys, model), Truth(keys)
    ends = data.draw(queries_for(keys))
    lo, hi = ends, ends[::-1]
    expected = [truth.count(a, b, inclusive) for a, b in zip(lo, hi, strict=True)]
    np.testing.assert_array_equal(index.count(lo, hi, inclusive), expected)
    starts, stops = index.range(lo, hi, inclusive)
    np.testing.assert_array_equal(stops - starts, expected)


@given(data=st.data(), kind=st.sampled_from(NUMBER_KINDS), model=models)
def test_numbers_of_another_type(
    kernel_row: str, data: st.DataObject, kind: str, model: str
) -> None:
    """Python ints of any size, fractions and decimals, exact whatever the dtype of the keys."""
    keys = data.draw(sorted_keys(np.dtype(kind)))
    index, truth = build(keys, model), Truth(keys)
    for v in data.draw(st.lists(scalars_for(keys), min_size=1, max_size=8)):
        assert index.searchsorted(v) == truth.searchsorted(v), v
        assert index.searchsorted(v, side="right") == truth.searchsorted(v, "right"), v
        assert index.contains(v) is truth.contains(v), v
        assert index.find(v, "nearest") == truth.find(v, "nearest"), v


@given(
    data=st.data(),
    kind=st.sampled_from(NUMBER_KINDS),
    other=st.sampled_from([*NUMBER_KINDS, "i4", "u2", "f2"]),
    model=models,
)
def test_arrays_of_another_dtype(
    kernel_row: str, data: st.DataObject, kind: str, other: str, model: str
) -> None:
    keys = data.draw(sorted_keys(np.dtype(kind)))
    queries = np.array(data.draw(st.lists(values(np.dtype(other)), max_size=30)), other)
    index, truth = build(keys, model), Truth(keys)
    for side in ("left", "right"):
        expected = [truth.searchsorted(v, side) for v in queries]
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
    np.testing.assert_array_equal(
        index.find(queries, "nearest"), [truth.find(v, "nearest") for v in queries]
    )


@given(
    data=st.data(),
    units=st.tuples(*[st.sampled_from(["Y", "M", "W", "D", "h", "25s", "ms", "ns", "as"])] * 2),
    lengths=st.booleans(),
)
def test_times_of_another_unit(
    kernel_row: str, data: st.DataObject, units: tuple[str, str], lengths: bool
) -> None:
    calendar = [unit in "YM" for unit in units]
    kind = "m8" if lengths and calendar[0] == calendar[1] else "M8"
    key_dtype, query_dtype = (np.dtype(f"{kind}[{unit}]") for unit in units)
    keys = data.draw(sorted_keys(key_dtype))
    queries = np.array(data.draw(st.lists(values(query_dtype), max_size=30)), query_dtype)
    index, truth = lx.LearnedIndex(keys), Truth(keys)
    for side in ("left", "right"):
        expected = [truth.searchsorted(v, side) for v in queries]
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        assert [index.searchsorted(v, side) for v in queries[:5]] == expected[:5]


def queries_for(keys: Array) -> st.SearchStrategy[Array]:
    """Draw queries of the keys' own dtype: their values, and any others."""
    choices = values(keys.dtype)
    if len(keys):
        choices |= st.integers(0, len(keys) - 1).map(lambda position: keys[position])
    return st.lists(choices, min_size=1, max_size=40).map(lambda drawn: np.array(drawn, keys.dtype))
