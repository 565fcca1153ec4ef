"""Hypothesis strategies for keys and queries: values where digits are lost, often together."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.contract.key_sets import DTYPES, Array

EDGES = (0, 2**7, 2**8, 2**15, 2**16, 2**24, 2**31, 2**32, 2**53, 2**54, 2**63, 2**64)


def values(dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
    """Draw single values of a dtype: near powers of two, and anywhere."""
    if dtype.kind == "b":
        return st.booleans().map(np.bool_)
    if dtype.kind == "f":
        width = dtype.itemsize * 8
        return st.floats(width=width) | near_edges(dtype)  # type: ignore[arg-type]
    if dtype.kind in "mM":
        counts = values(np.dtype(np.int64))
        return counts.map(lambda count: np.int64(count).view(dtype))
    info = np.iinfo(dtype)
    return st.integers(int(info.min), int(info.max)) | near_edges(dtype)


def near_edges(dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
    """Draw values a few steps from the numbers where types begin and end."""
    if dtype.kind == "f":
        edges = [dtype.type(edge) for edge in EDGES if edge < float(np.finfo(dtype).max) / 2]
        steps = st.integers(-3, 3)
        return st.builds(float_steps, st.sampled_from(edges), steps)
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    return big_integers().map(lambda number: min(max(number, low), high))


def float_steps(start: Any, steps: int) -> Any:
    """Return the float that many steps of its precision away."""
    return start * (1 + steps * np.finfo(start.dtype).eps)


def big_integers() -> st.SearchStrategy[int]:
    """Draw Python ints around the ends of the machine's types, some far beyond them."""
    sign = st.sampled_from([-1, 1])
    return st.builds(lambda s, e, d: s * e + d, sign, st.sampled_from(EDGES), st.integers(-40, 40))


def scalars_for(keys: Array) -> st.SearchStrategy[Any]:
    """Draw a number of any Python type, often on or next to one of the keys."""
    anything = st.one_of(
        big_integers(),
        st.integers(),
        st.booleans(),
        st.floats(),
        st.fractions(),
        st.decimals(allow_nan=False, allow_infinity=True),
    )
    finite = [key for key in keys.tolist() if abs(key) < float("inf")]
    if not finite:
        return anything
    offsets = st.sampled_from([0, 1, -1, Fraction(1, 2), Fraction(-1, 10**30)])
    near = st.builds(lambda key, step: Fraction(key) + step, st.sampled_from(finite), offsets)
    return anything | near | near.map(round) | near.map(as_decimal)


def as_decimal(number: Fraction) -> Decimal:
    """Return a decimal of that value, rounded to the context's digits."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def sorted_keys(dtype: np.dtype[Any]) -> st.SearchStrategy[Array]:
    """Draw sorted keys of a dtype, from none to some hundred, with runs of equal ones."""
    drawn = st.lists(st.tuples(values(dtype), st.sampled_from([1, 1, 1, 2, 9, 40])), max_size=60)
    return drawn.map(lambda pairs: repeated(pairs, dtype))


def repeated(pairs: list[tuple[Any, int]], dtype: np.dtype[Any]) -> Array:
    """Return the sorted values, each as often as its count says."""
    distinct = np.array([value for value, _ in pairs], dtype)
    return np.sort(np.repeat(distinct, [count for _, count in pairs]))


def keys_of_any_dtype() -> st.SearchStrategy[Array]:
    """Draw sorted keys of any dtype that an index takes."""
    return st.sampled_from(DTYPES).flatmap(lambda name: sorted_keys(np.dtype(name)))
