"""Rivals that answer one query a call, from Python: timed on a sample of the queries."""

import bisect
import functools
from collections.abc import Sequence
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


class _Loop(Contender):
    """One Python call a query, given the Python numbers that these containers hold."""

    loops = True

    def refuses(self, keys: Array) -> str | None:
        """Python numbers only."""
        return refuse_unless_numbers(keys)

    def prepare(self, queries: Array) -> Sequence[Any]:
        """Turn the queries into Python numbers."""
        converted: list[Any] = queries.tolist()
        return converted

    def prepare_scalars(self, queries: Array) -> Sequence[Any]:
        """Turn the queries into Python numbers."""
        return self.prepare(queries)

    def batch(self, prepared: Any) -> Any:
        """Call once a query, with the least overhead that Python has for it."""
        return list(map(self.scalar, prepared))


class Bisect(_Loop):
    """`bisect.bisect_left` over a list."""

    name = "bisect"
    label = "bisect over a list"

    def build(self, keys: Array) -> None:
        """Make the list."""
        self.scalar = functools.partial(bisect.bisect_left, keys.tolist())


class SortedContainers(_Loop):
    """`sortedcontainers.SortedList.bisect_left`."""

    name = "sortedcontainers"
    label = "SortedList.bisect_left"

    def missing(self) -> str | None:
        """Say how to install sortedcontainers."""
        return not_installed("sortedcontainers", "sortedcontainers")

    def build(self, keys: Array) -> None:
        """Load the list in one go."""
        self.list = load("sortedcontainers").SortedList(keys.tolist())
        self.scalar = self.list.bisect_left
        if len(keys) > 0:
            self.list.bisect_left(self.list[-1])  # makes its positional index, kept from then on


class PyGM(_Loop):
    """`pygm.SortedList.bisect_left`, a PGM index in C++ with its own copy of the keys."""

    name = "pygm"
    label = "PyGM bisect_left"

    def missing(self) -> str | None:
        """Say how to install PyGM."""
        return not_installed("pygm", "pygm")

    def refuses(self, keys: Array) -> str | None:
        """PyGM has one class for each of the types of `array.array`."""
        if keys.dtype == np.float16:
            return "has no float16"
        return refuse_unless_numbers(keys)

    def build(self, keys: Array) -> None:
        """Build with the default epsilon, in the keys' own type."""
        self.list = load("pygm").SortedList(keys, keys.dtype.char)
        self.scalar = self.list.bisect_left

    def nbytes(self) -> int | None:
        """Give what it counts itself: its copy of the keys and the index over it."""
        stats = self.list.stats()
        return int(stats["index size"]) + int(stats["data size"])


class BTreesSet(_Loop):
    """A set of 64-bit integers of the BTrees package; `minKey` gives the first key >= query."""

    name = "btrees"
    label = "BTrees minKey"
    answer = Answer.SUCCESSOR

    def missing(self) -> str | None:
        """Say how to install BTrees."""
        return not_installed("BTrees", "BTrees")

    def refuses(self, keys: Array) -> str | None:
        """BTrees has no ordered set of floats."""
        if keys.dtype.kind not in "iu":
            return f"takes integers only, not {keys.dtype}"
        return refuse_no_keys(keys)

    def build(self, keys: Array) -> None:
        """Load the set in one go; QQ is for unsigned keys, LL for signed ones."""
        family = "QQ" if keys.dtype.kind == "u" else "LL"
        tree_set = getattr(load(f"BTrees.{family}BTree"), f"{family}TreeSet")
        self.last = keys[-1]
        self.set = tree_set(keys.tolist())
        self.scalar = self.set.minKey

    def prepare(self, queries: Array) -> Sequence[Any]:
        """Clip to the last key, since `minKey` raises beyond it."""
        return super().prepare(np.minimum(queries, self.last))
