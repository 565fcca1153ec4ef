"""The table of synthetic sets, and the one function that makes them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from datasets.keytypes import AnyKeys
from datasets.synthetic import plain
from datasets.synthetic.osm import osm

# A seed is one 64-bit word of the counter.
_SEED_LIMIT = 1 << 64


@dataclass(frozen=True)
class SyntheticSet:
    """One synthetic set: its law in words, its function, and its keys' SHA-256.

    The checksum is that of the 10,000 keys of seed 1.
    """

    name: str
    shape: str
    make: Callable[..., AnyKeys]
    sha256: str


_SETS = (
    SyntheticSet("uniform", "a straight line", plain.uniform, ""),
    SyntheticSet("lognormal", "a steep rise, then a long tail", plain.lognormal, ""),
    SyntheticSet("seq", "0, 1, 2 ...: a line without error", plain.seq, ""),
    SyntheticSet("osm", "fractal clusters, as of places on a map", osm, ""),
)

SYNTHETIC = {entry.name: entry for entry in _SETS}


def gen(name: str, n: int, seed: int = 1, **knobs: float) -> AnyKeys:
    """Return exactly n sorted keys of a synthetic set.

    Parameters
    ----------
    name
        One of ``SYNTHETIC``.
    n
        The number of keys.
    seed
        From 0 to 2^64 - 1. The same name, n and seed give the same bits on every machine.
    **knobs
        Numbers that the set's function takes beside n and seed, such as ``sigma`` of "books".

    Raises
    ------
    ValueError
        The name, n or seed is out of its range.

    Examples
    --------
    >>> gen("seq", 4)
    array([0, 1, 2, 3], dtype=uint64)
    """
    if name not in SYNTHETIC:
        raise ValueError(f"no synthetic set {name!r}; there are {', '.join(SYNTHETIC)}")
    count, start = operator.index(n), operator.index(seed)
    if count < 0:
        raise ValueError(f"n={count} is negative")
    if not 0 <= start < _SEED_LIMIT:
        raise ValueError(f"seed={start} is not in 0 to 2^64 - 1")
    return SYNTHETIC[name].make(count, start, **knobs)
