"""Rivals that answer a whole array of queries in one call."""

import functools
import os
from typing import Any

import numpy as np

from benchmarks.contenders.contender import (
    Answer,
    Array,
    Contender,
    load,
    not_installed,
    refuse_no_keys,
    refuse_unless_numbers,
)

# NumPy 2.5 searches several queries at a time; older ones take up to 12 times longer for a batch.
FAST_NUMPY = (2, 5)


class NumPy(Contender):
    """`np.searchsorted`, the answer that all others are checked against."""

    name = "numpy"
    label = "np.searchsorted"

    def build(self, keys: Array) -> None:
        """Remember the keys; there is nothing to build."""
        self.keys = keys
        self.scalar = functools.partial(np.searchsorted, keys)

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return np.searchsorted(self.keys, prepared)

    def nbytes(self) -> int | None:
        """Nothing is kept beside the keys."""
        return 0

    def note(self) -> str:
        """Mark a NumPy that is slow with batches."""
        major, minor = (int(part) for part in np.__version__.split(".")[:2])
        if (major, minor) >= FAST_NUMPY:
            return ""
        return f"NumPy {np.__version__} is not the fastest: 2.5 or newer needs Python 3.12"


class NumPyMethod(NumPy):
    """The method `ndarray.searchsorted`: less work around a single call."""

    name = "numpy_method"
    label = "ndarray.searchsorted"

    def build(self, keys: Array) -> None:
        """Remember the bound method."""
        super().build(keys)
        self.scalar = keys.searchsorted

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.keys.searchsorted(prepared)


class Take(NumPy):
    """`np.take` at answers that are known beforehand: what memory alone asks for."""

    name = "take"
    label = "np.take"
    answer = Answer.SUCCESSOR

    def refuses(self, keys: Array) -> str | None:
        """It answers with keys."""
        return refuse_no_keys(keys)

    def build(self, keys: Array) -> None:
        """Remember the keys."""
        self.keys = keys
        self.scalar = functools.partial(np.take, keys)

    def prepare(self, queries: Array) -> Any:
        """Find the answers."""
        return np.minimum(np.searchsorted(self.keys, queries), len(self.keys) - 1)

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Find the answers."""
        return list(self.prepare(queries))

    def batch(self, prepared: Any) -> Any:
        """Fetch the keys there."""
        return np.take(self.keys, prepared)


class Pandas(Contender):
    """`pandas.Index`: `get_indexer` for batches (a hash table), `searchsorted` for one query."""

    name = "pandas"
    label = "pandas get_indexer"
    answer = Answer.MATCH
    scalar_answer = Answer.POSITION

    def missing(self) -> str | None:
        """Say how to install pandas."""
        return not_installed("pandas", "pandas")

    def refuses(self, keys: Array) -> str | None:
        """`get_indexer` is defined on unique keys only."""
        if len(keys) > 1 and bool((keys[1:] == keys[:-1]).any()):
            return "get_indexer needs unique keys"
        return refuse_unless_numbers(keys)

    def build(self, keys: Array) -> None:
        """Make the index and ask it once, since its hash table is made by the first question.

        For few queries a large index makes no table, so the question is an eighth of the keys.
        """
        self.index = load("pandas").Index(keys, copy=False)
        self.index.get_indexer(keys[: len(keys) // 8 + 1])
        self.scalar = self.index.searchsorted

    def batch(self, prepared: Any) -> Any:
        """Answer with the position of the equal key, or -1."""
        return self.index.get_indexer(prepared)


class Polars(Contender):
    """`polars.Series.search_sorted` on one thread."""

    name = "polars"
    label = "polars search_sorted"

    def missing(self) -> str | None:
        """Say how to install Polars."""
        return not_installed("polars", "polars")

    def refuses(self, keys: Array) -> str | None:
        """Polars has no float16, and bool and dates are not what this row is about."""
        return "has no float16" if keys.dtype == np.float16 else refuse_unless_numbers(keys)

    def build(self, keys: Array) -> None:
        """Wrap the keys, which Polars borrows."""
        # Read once, when Polars is imported. Every row of a table uses one thread.
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
        self.polars = load("polars")
        self.series = self.polars.Series(keys)
        self.scalar = self.series.search_sorted

    def prepare(self, queries: Array) -> Any:
        """Wrap the queries, which Polars borrows."""
        return self.polars.Series(queries)

    def prepare_scalars(self, queries: Array) -> list[Any]:
        """Plain Python numbers are what it answers fastest."""
        converted: list[Any] = queries.tolist()
        return converted

    def batch(self, prepared: Any) -> Any:
        """Answer with positions."""
        return self.series.search_sorted(prepared, side="left")

    def nbytes(self) -> int | None:
        """Nothing is kept beside the keys."""
        return 0
