"""The prepared cases of the battery: one index, its queries and NumPy's own answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

import learnedidx as lx
from tests.contract.key_sets import Array, key_sets, queries
from tests.contract.models import build
from tests.oracle import Truth


@dataclass(frozen=True)
class Case:
    """A key set, queries of its own dtype, and where NumPy puts them."""

    name: str
    keys: Array
    queries: Array

    @cached_property
    def left(self) -> Array:
        return np.searchsorted(self.keys, self.queries, "left")

    @cached_property
    def right(self) -> Array:
        return np.searchsorted(self.keys, self.queries, "right")

    @cached_property
    def truth(self) -> Truth:
        return Truth(self.keys)

    @cached_property
    def nearest(self) -> Array:
        """Positions of the nearest keys to the first hundred queries."""
        return np.array([self.truth.find(v, "nearest") for v in self.queries[:100]], np.intp)

    @cached_property
    def scalars(self) -> list[Any]:
        """Some of the queries, one by one, as NumPy scalars."""
        return list(self.queries[:24])

    @cached_property
    def pairs(self) -> tuple[Array, Array]:
        """Ends of ranges in any order: the queries against themselves, shifted by one."""
        return self.queries, np.roll(self.queries, 1)


Check = Callable[[lx.LearnedIndex, Case], None]


@cache
def cases(dtype: str) -> list[Case]:
    """Return every case of a dtype; the answers are worked out once and kept."""
    return [Case(name, keys, queries(dtype, name)) for name, keys in key_sets(dtype).items()]


@lru_cache(maxsize=8)
def indexes(row: str, dtype: str, model: str) -> list[tuple[lx.LearnedIndex, Case]]:
    """Return an index for every case; bounds belong to the kernel row that they were made on."""
    return [(build(case.keys, model), case) for case in cases(dtype)]


def run(check: Check, row: str, dtype: str, model: str) -> None:
    """Check one verb on every case of a dtype, saying which case failed."""
    for index, case in indexes(row, dtype, model):
        try:
            check(index, case)
        except AssertionError as error:
            error.add_note(f"key set {case.name!r} of {dtype}, model {model!r}, kernels {row!r}")
            raise


def same(answer: Any, expected: Array) -> None:
    """Assert an array equal in values, shape and dtype."""
    assert isinstance(answer, np.ndarray)
    assert answer.dtype == expected.dtype
    np.testing.assert_array_equal(answer, expected)


def same_scalars(answers: list[Any], expected: list[Any]) -> None:
    """Assert plain Python values, equal and of the very same types."""
    assert answers == expected
    assert [type(answer) for answer in answers] == [type(value) for value in expected]
