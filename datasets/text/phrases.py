"""Strings that are made as numbers and written out once they are sorted.

A phrase is one entry of each of some tables, joined. Tables are sorted, and no entry is the
beginning of another one of its table (the last table may have such): then phrases sort as the
numbers of their entries do, in mixed radix. So millions of them are drawn, sorted and parted from
repeats as 64-bit words.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datasets.keytypes import Keys
from datasets.synthetic.counter import mix, raw, unit
from datasets.synthetic.draws import BLOCK, distinct
from datasets.synthetic.portable_maths import exp, log
from datasets.text.texts import Text, ends

Rows = npt.NDArray[np.uint8]  # a string in each, zeros behind it


class Table:
    """Some entries; popular ones are drawn by Zipf's law, with ranks that no order tells."""

    def __init__(self, entries: Iterable[str], *, popular: bool = False) -> None:
        texts = sorted(entry.encode() for entry in entries)
        self.entries = np.array(texts)
        self.rows = self.entries.view(np.uint8).reshape(len(texts), -1)
        self.ranked = np.argsort(mix(np.arange(len(texts), dtype=np.uint64))) if popular else None

    def __len__(self) -> int:
        """Count the entries."""
        return len(self.rows)

    def draw(self, seed: int, stream: int, start: int, stop: int) -> Keys:
        """Draw entries, by their numbers."""
        size = np.uint64(len(self))
        if self.ranked is None:
            return raw(seed, stream, start, stop) % size
        most = log(np.array([len(self) + 1.0]))
        ranks = exp(unit(seed, stream, start, stop) * most).astype(np.int64) - 1
        return self.ranked[np.minimum(ranks, len(self) - 1)].astype(np.uint64)


@dataclass(frozen=True)
class Phrase:
    """Tables whose entries are joined."""

    tables: tuple[Table, ...]

    @property
    def size(self) -> int:
        """Count the strings that there can be."""
        return math.prod(map(len, self.tables))

    def draw(self, seed: int, stream: int, start: int, stop: int) -> Keys:
        """Draw phrases, by their numbers."""
        codes = np.zeros(stop - start, np.uint64)
        for i, table in enumerate(self.tables):
            codes *= np.uint64(len(table))
            codes += table.draw(seed, stream + i, start, stop)
        return codes

    def write(self, codes: Keys) -> Rows:
        """Write phrases; zeros may stand between the entries."""
        columns: list[Rows] = []
        for table in reversed(self.tables):
            codes, entry = np.divmod(codes, np.uint64(len(table)))
            columns.insert(0, table.rows[entry])
        return np.concatenate(columns, axis=1)


@dataclass(frozen=True)
class Law:
    """A head, and behind it one of some tails, whose first tables have one entry and ascend."""

    head: Phrase
    tails: tuple[Phrase, ...]

    @property
    def room(self) -> int:
        """Give the numbers that each tail has."""
        return max(tail.size for tail in self.tails)

    def draw(self, seed: int, start: int, stop: int) -> Keys:
        """Draw strings, by numbers that sort as they do."""
        codes = self.head.draw(seed, 0, start, stop)
        which = raw(seed, 10, start, stop) % np.uint64(len(self.tails))
        rests = [tail.draw(seed, 20 + 10 * i, start, stop) for i, tail in enumerate(self.tails)]
        rest = np.choose(which.astype(np.intp), rests)
        return (codes * np.uint64(len(self.tails)) + which) * np.uint64(self.room) + rest

    def write(self, codes: Keys) -> Rows:
        """Write strings; zeros may stand between their entries."""
        codes, rest = np.divmod(codes, np.uint64(self.room))
        codes, which = np.divmod(codes, np.uint64(len(self.tails)))
        found = [(rows := which == i, tail.write(rest[rows])) for i, tail in enumerate(self.tails)]
        ends_at = max(written.shape[1] for _, written in found)
        tails = np.zeros((len(codes), ends_at), np.uint8)
        for rows, written in found:
            tails[rows, : written.shape[1]] = written
        return np.concatenate([self.head.write(codes), tails], axis=1)

    def __call__(self, n: int, seed: int) -> Text:
        """Make exactly n strings."""
        return written(distinct(n, functools.partial(self.draw, seed)), self.write)


def written(codes: Keys, write: Callable[[Keys], Rows]) -> Text:
    """Join the strings of sorted codes, a block at a time, without the zeros of their rows."""
    lengths, data = [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
    for start in range(0, len(codes), BLOCK):
        rows = write(codes[start : start + BLOCK])
        there = rows != 0
        lengths.append(np.count_nonzero(there, axis=1))
        data.append(rows[there])
    return Text(ends(np.concatenate(lengths)), np.concatenate(data))
