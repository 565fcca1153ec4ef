"""One state of a folder of shards, which answers: queries are routed by first and last keys.

The keys `first[0], last[0], first[1], last[1], ...` are sorted, and an index over them is the
router. A query with an odd number of them below it lies inside a shard, which answers it. With an
even number it lies between two shards, and what is asked follows from the router alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.queries import Positions
from learnedidx._state import without_zone
from learnedidx.index import LearnedIndex
from learnedidx.shards._manifest import Manifest


@dataclass(slots=True)
class Ask:
    """What is asked of each query; `name` is what errors call the queries."""

    verb: str  # "position", "find" or "contains"
    right: bool = False
    method: Any = None
    tolerance: Any = None
    name: str = "v"

    @property
    def dtype(self) -> Any:
        """Of the answers."""
        return np.bool_ if self.verb == "contains" else np.intp

    @property
    def routed_right(self) -> bool:
        """On which side a query is routed: the last key <= v may lie before the first key >= v."""
        return self.right or self.method == "pad"

    @property
    def absent(self) -> int | bool:
        """The answer for a query that is missing."""
        return False if self.verb == "contains" else -1

    def one(self, index: LearnedIndex, v: Any) -> Any:
        """Ask an index for one query."""
        if self.method is not None or self.tolerance is not None:
            return index.find(v, self.method, self.tolerance)
        if self.name != "v":
            return index._search_scalar(v, self.right, self.verb, self.name)
        if self.verb == "position":
            return index.searchsorted(v, "right" if self.right else "left")
        return index.find(v) if self.verb == "find" else index.contains(v)

    def many(self, index: LearnedIndex, batch: Any, threads: int) -> Any:
        """Ask an index for a batch that was read."""
        if self.method is not None or self.tolerance is not None:
            return door(index, batch).find(batch, self.method, self.tolerance, threads=threads)
        is_plain = threads == 1 and isinstance(batch, np.ndarray) and not index._state.checked.aware
        if is_plain and self.name == "v":  # the core itself reads it again, in no time
            return self.one(index, batch)
        return index._search_batch(batch, self.right, self.verb, None, threads, self.name)


def door(index: LearnedIndex, batch: Any) -> LearnedIndex:
    """Return an index that takes a batch which was read: times have no zone any more."""
    one_by_one = index._state.checked.family.goes_one_by_one(batch)
    return index if one_by_one else without_zone(index)


class View:
    """The shards of one manifest, of which so many are open at most."""

    def __init__(self, manifest: Manifest, most_open: int) -> None:
        self.manifest, self.most_open = manifest, most_open
        self.ends = manifest.ends  # the router
        self.family: Any = self.ends._state.checked.family  # what the keys are
        counts = [shard.count for shard in manifest.shards]
        self.numbers = np.flatnonzero(counts)  # of shards that have keys
        self.offsets: Positions = np.cumsum([0, *filter(None, counts)], dtype=np.intp)
        self.total = int(self.offsets[-1])
        self._open: dict[int, LearnedIndex] = {}
        self._asked: dict[int, int] = {}  # when each shard was asked last
        self._clock = itertools.count()

    def shard(self, slot: int) -> LearnedIndex:
        """Return one of the shards that have keys, opened if it was not."""
        # Without a lock: a child that is forked while another thread holds one would wait for ever.
        # So each step leaves whole what threads share, and dicts are plain: to take from an
        # OrderedDict while another thread lets go of a mapped file ends the process.
        index = self._open.get(slot)
        if index is None:
            index = self._open.setdefault(slot, self.manifest.opened(int(self.numbers[slot])))
        self._asked[slot] = next(self._clock)
        while len(self._open) > self.most_open:
            longest = min(list(self._open), key=lambda each: self._asked.get(each, 0), default=slot)
            self._open.pop(longest, None)
        return index

    def one(self, v: Any, ask: Ask) -> int | bool:
        """Answer one query."""
        if ask.verb != "position" and self.family.is_missing(v):
            return ask.absent
        below = int(Ask("position", ask.routed_right, name=ask.name).one(self.ends, v))
        slot = below >> 1
        if below & 1:
            answer = ask.one(self.shard(slot), v)
            if ask.verb == "contains":
                return bool(answer)
            return int(answer) if answer < 0 else int(answer) + int(self.offsets[slot])
        if ask.verb == "position":
            return int(self.offsets[slot])
        outside = ask.one(self.ends, v)
        if ask.verb == "contains":
            return bool(outside)
        return int(self._of_ends(np.array([outside]))[0])

    def many(self, batch: Any, ask: Ask, out: Any, threads: int) -> None:
        """Answer a batch that was read, into a flat array."""
        nulls = getattr(batch, "nulls", None)
        if nulls is not None:
            out[nulls] = self.total if ask.verb == "position" else ask.absent
            present = np.flatnonzero(~nulls)
            answers = np.empty(present.size, out.dtype)
            self.many(batch.take(present), ask, answers, threads)
            out[present] = answers
            return
        below = self.below(batch, ask.routed_right, threads, ask.name)
        for slot, at, part in groups(batch, below):
            answers = ask.many(self.shard(slot), part, threads)
            if ask.verb == "find":
                np.add(answers, self.offsets[slot], out=answers, where=answers >= 0)
            elif ask.verb == "position":
                answers += self.offsets[slot]
            out[at] = answers
        between = np.flatnonzero((below & 1) == 0)
        if between.size and ask.verb == "position":
            out[between] = self.offsets[below[between] >> 1]
        elif between.size:
            outside = ask.many(self.ends, batch.take(between), threads)
            out[between] = outside if ask.verb == "contains" else self._of_ends(outside)

    def below(self, batch: Any, right: bool, threads: int, name: str = "v") -> NDArray[Any]:
        """Return how many first and last keys lie below each query, in few bits."""
        found: Positions = Ask("position", right, name=name).many(self.ends, batch, threads)
        return found.astype(np.min_scalar_type(len(self.ends)))

    def _of_ends(self, found: Any) -> Positions:
        """Return positions of first and last keys among all keys; -1 stays."""
        positions = self.offsets[(found + 1) >> 1] - (found & 1)
        return np.where(found < 0, -1, positions)

    def bounds_one(self, v: Any, side: Any, right: bool) -> tuple[int, int]:
        """Return the lowest and the highest possible position of one query."""
        below = int(self.ends._search_scalar(v, right, "position"))
        start = int(self.offsets[below >> 1])
        if not below & 1:
            return start, start
        low, high = self.shard(below >> 1)._bounds(v, side)
        return start + int(low), start + int(high)

    def bounds_many(
        self, batch: Any, side: Any, right: bool, outs: tuple[Any, Any], threads: int
    ) -> None:
        """Put the lowest and the highest possible positions of a batch into flat arrays."""
        below = self.below(batch, right, threads)
        for out in outs:
            out[:] = self.offsets[below >> 1]
        for slot, at, part in groups(batch, below):
            found = door(self.shard(slot), part)._bounds(part, side, threads=threads)
            for out, answers in zip(outs, found, strict=True):
                out[at] = answers + self.offsets[slot]

    def key(self, i: int) -> Any:
        """Return the key at a position."""
        slot = int(np.searchsorted(self.offsets, i, "right")) - 1
        return self.shard(slot)[i - int(self.offsets[slot])]

    def keys(self, start: int, stop: int) -> Iterator[Any]:
        """Yield the keys between two positions as the core has them, a part for each shard."""
        reached = (self.offsets[:-1] < stop) & (self.offsets[1:] > start)
        for slot in np.flatnonzero(reached).tolist():
            first, last = max(start - self.offsets[slot], 0), stop - self.offsets[slot]
            yield self.shard(slot)._state.checked.array[first:last]


def groups(batch: Any, below: NDArray[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield each shard that queries lie in, where these stand in the batch, and the queries."""
    is_sorted = not np.any(below[1:] < below[:-1])
    # NumPy sorts numbers of 8 and 16 bits by radix.
    order = None if is_sorted else np.argsort(below, kind="stable")
    counts = np.bincount(below)
    stops = np.cumsum(counts)
    for number in (np.flatnonzero(counts[1::2]) * 2 + 1).tolist():
        at: Any = slice(stops[number] - counts[number], stops[number])
        if order is not None:
            at = order[at]
        elif not isinstance(batch, np.ndarray):
            at = np.arange(at.start, at.stop)
        yield number >> 1, at, batch[at] if isinstance(at, slice) else batch.take(at)
