"""Byte strings in one buffer, pairs of numbers, and keys held out of both."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from datasets.keytypes import Keys
from datasets.synthetic.counter import base, mix
from datasets.synthetic.draws import BLOCK

Positions: TypeAlias = npt.NDArray[np.int64]
HELD_OUT = 10  # one key in so many becomes a query that finds nothing


@dataclass(frozen=True)
class Text:
    """Byte strings: number i is ``data[offsets[i]:offsets[i + 1]]``, as in a large Arrow array."""

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, strings: Sequence[bytes]) -> Text:
        """Join strings, in their order."""
        lengths = np.fromiter(map(len, strings), np.int64, len(strings))
        return cls(ends(lengths), np.frombuffer(b"".join(strings), np.uint8))

    def __len__(self) -> int:
        """Count the strings."""
        return len(self.offsets) - 1

    def tolist(self) -> list[bytes]:
        """Cut the buffer into bytes objects."""
        data, at = self.data.tobytes(), self.offsets.tolist()
        return [data[i:j] for i, j in itertools.pairwise(at)]

    def take(self, at: Positions) -> Text:
        """Copy the strings at some positions, in the order of these."""
        starts = self.offsets[at]
        offsets = ends(self.offsets[at + 1] - starts)
        data = np.empty(offsets[-1], np.uint8)
        for i in range(0, len(at), BLOCK):  # the positions of bytes stay in the cache
            rows = offsets[i : i + BLOCK + 1]
            shifts = np.repeat(starts[i : i + BLOCK] - rows[:-1], np.diff(rows))
            data[rows[0] : rows[-1]] = self.data[np.arange(rows[0], rows[-1]) + shifts]
        return Text(offsets, data)


@dataclass(frozen=True)
class Pairs:
    """Keys of two numbers each, which sort by the first one and then by the second."""

    hi: Keys
    lo: Keys

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.hi)

    def tolist(self) -> list[tuple[int, int]]:
        """Give tuples of ints."""
        return list(zip(self.hi.tolist(), self.lo.tolist(), strict=True))

    def take(self, at: Positions) -> Pairs:
        """Copy the pairs at some positions, in the order of these."""
        return Pairs(self.hi[at], self.lo[at])


SomeText = TypeVar("SomeText", Text, Pairs)


def ends(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the offsets of strings with these lengths: one more than there are strings."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def held_out(n: int, seed: int = 1) -> npt.NDArray[np.bool_]:
    """Choose every tenth of n keys, by chance."""
    chance = mix(np.arange(n, dtype=np.uint64) ^ np.uint64(base(seed, HELD_OUT)))
    chosen: npt.NDArray[np.bool_] = chance % np.uint64(HELD_OUT) == 0
    return chosen


def split(keys: SomeText, seed: int = 1) -> tuple[SomeText, SomeText]:
    """Hold every tenth key out, by chance: both parts are sorted.

    Keys that were held out are queries that look like keys and are none.
    """
    out = held_out(len(keys), seed)
    return keys.take(np.flatnonzero(~out)), keys.take(np.flatnonzero(out))


def sha256_of_text(keys: Text | Pairs) -> str:
    """Return the SHA-256 of both arrays in little-endian order, one after the other."""
    found = hashlib.sha256()
    for array in vars(keys).values():
        little: Any = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        found.update(little.view(np.uint8).data)
    return found.hexdigest()
