"""Rivals over numbers: those that answer an array of queries in one call, and one call a query."""

import bisect
import functools
import os
from typing import Any

import numpy as np

from benchmarks.contenders.contender import Answer, Array, Contender, load

# NumPy 2.5 searches several queries at a time; older ones take up to 12 times longer for a batch.
FAST_NUMPY = (2, 5)
NUMBERS = "iuf"


def python_numbers(self: Contender, queries: Array) -> list[Any]:
    """Turn the queries into Python numbers, which it answers fastest."""
    converted: list[Any] = queries.tolist()
    return converted


class NumPy(Contender):
    """`np.searchsorted`, the answer that all others are checked against."""

    name = "numpy"
    label = "np.searchsorted"

    def build(self, keys: Array) -> None:
        self.keys = keys
        self.scalar = functools.partial(np.searchsorted, keys)

    def nbytes(self) -> int | None:
        return 0

    def note(self) -> str:
        major, minor = (int(part) for part in np.__version__.split(".")[:2])
        if (major, minor) >= FAST_NUMPY:
            return ""
        return f"NumPy {np.__version__} is not the fastest: 2.5 or newer needs Python 3.12"


class NumPyMethod(NumPy):
    name = "numpy_method"
    label = "ndarray.searchsorted"

    def build(self, keys: Array) -> None:
        self.scalar = keys.searchsorted


class Take(NumPy):
    """`np.take` at answers that are known beforehand: what memory alone asks for."""

    name = "take"
    label = "np.take"
    answer = Answer.SUCCESSOR

    def build(self, keys: Array) -> None:
        self.keys = keys
        self.scalar = functools.partial(np.take, keys)

    def prepare(self, queries: Array) -> Any:
        return np.minimum(np.searchsorted(self.keys, queries), len(self.keys) - 1)

    def prepare_scalars(self, queries: Array) -> list[Any]:
        return list(self.prepare(queries))


class Pandas(Contender):
    """`pandas.Index`: `get_indexer` for batches (a hash table), `searchsorted` for one query."""

    name = "pandas"
    label = "pandas get_indexer"
    needs = "pandas"
    answer = Answer.MATCH
    scalar_answer = Answer.POSITION
    takes = NUMBERS

    def refuses(self, keys: Array) -> str | None:
        if len(keys) > 1 and bool((keys[1:] == keys[:-1]).any()):
            return "get_indexer needs unique keys"
        return super().refuses(keys)

    def build(self, keys: Array) -> None:
        """Make the index and ask it once, since its hash table is made by the first question.

        For few queries a large index makes no table, so the question is an eighth of the keys.
        """
        self.index = self.indexed(keys)
        self.index.get_indexer(self.index[: len(keys) // 8 + 1])
        self.scalar = self.index.searchsorted

    def indexed(self, keys: Any) -> Any:
        return load("pandas").Index(keys, copy=False)

    def batch(self, prepared: Any) -> Any:
        return self.index.get_indexer(prepared)


class Polars(Contender):
    """`polars.Series.search_sorted` on one thread."""

    name = "polars"
    label = "polars search_sorted"
    needs = "polars"
    takes, float16 = NUMBERS, False
    prepare_scalars = python_numbers

    def build(self, keys: Array) -> None:
        # Read once, when Polars is imported. Every row of a table uses one thread.
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
        self.polars = load("polars")
        self.series = self.polars.Series(keys)
        self.scalar = functools.partial(self.series.search_sorted, side="left")

    def prepare(self, queries: Array) -> Any:
        return self.polars.Series(queries)

    def nbytes(self) -> int | None:
        return 0


class Loop(Contender):
    """One Python call a query, given the Python numbers that these containers hold."""

    loops = True
    takes = NUMBERS
    prepare = prepare_scalars = python_numbers

    def batch(self, prepared: Any) -> Any:
        return list(map(self.scalar, prepared))


class PyGM(Loop):
    """`pygm.SortedList.bisect_left`, a PGM index in C++ with its own copy of the keys."""

    name = "pygm"
    label = "PyGM bisect_left"
    needs = "pygm"
    float16 = False

    def build(self, keys: Array) -> None:
        self.list = load("pygm").SortedList(keys, keys.dtype.char)
        self.scalar = self.list.bisect_left

    def nbytes(self) -> int | None:
        stats = self.list.stats()
        return int(stats["index size"]) + int(stats["data size"])


class BTreesSet(Loop):
    """A set of 64-bit integers of the BTrees package; `minKey` gives the first key >= query."""

    name = "btrees"
    label = "BTrees minKey"
    needs = "BTrees"
    answer = Answer.SUCCESSOR
    takes = "iu"

    def build(self, keys: Array) -> None:
        # QQ is for unsigned keys, LL for signed ones.
        family = "QQ" if keys.dtype.kind == "u" else "LL"
        tree_set = getattr(load(f"BTrees.{family}BTree"), f"{family}TreeSet")
        self.last = keys[-1]
        self.set = tree_set(keys.tolist())
        self.scalar = self.set.minKey

    def prepare(self, queries: Array) -> Any:
        return np.minimum(queries, self.last).tolist()

    prepare_scalars = prepare


class SortedContainers(Loop):
    name = "sortedcontainers"
    label = "SortedList.bisect_left"
    needs = "sortedcontainers"

    def build(self, keys: Array) -> None:
        self.list = load("sortedcontainers").SortedList(keys.tolist())
        self.scalar = self.list.bisect_left
        if len(keys) > 0:
            self.list.bisect_left(self.list[-1])  # makes its positional index, kept from then on


class Bisect(Loop):
    name = "bisect"
    label = "bisect over a list"

    def build(self, keys: Array) -> None:
        self.scalar = functools.partial(bisect.bisect_left, keys.tolist())


ARRAYS: tuple[type[Contender], ...] = (NumPy, NumPyMethod, Take, Pandas, Polars)
LOOPS: tuple[type[Contender], ...] = (PyGM, BTreesSet, SortedContainers, Bisect)
