"""The table of synthetic sets, and the one function that makes them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from datasets.keytypes import AnyKeys
from datasets.synthetic import plain, traps
from datasets.synthetic.floats import floats
from datasets.synthetic.mimics import books, fb
from datasets.synthetic.osm import osm
from datasets.synthetic.poison import poison
from datasets.synthetic.runs import runs
from datasets.synthetic.wiki import wiki

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
    SyntheticSet("uniform", "random words: a straight line, the easy control", plain.uniform, ""),
    SyntheticSet("lognormal", "a steep rise, then a long tail", plain.lognormal, ""),
    SyntheticSet("seq", "0, 1, 2 ...: a line without error", plain.seq, ""),
    SyntheticSet("books", "smooth, with an extreme tail, as of sales of books", books, ""),
    SyntheticSet("fb", "a noisy line, then 21 giant outliers, as of user ids", fb, ""),
    SyntheticSet("osm", "fractal clusters, as of places on a map", osm, ""),
    SyntheticSet("wiki", "times with days, weeks and bursts, two thirds of them repeats", wiki, ""),
    SyntheticSet(
        "poison", "a straight line with a cluster in each block that spoils its fit", poison, ""
    ),
    SyntheticSet("expgap", "dense at first, then gaps that grow exponentially", traps.expgap, ""),
    SyntheticSet("equal", "one key, 42, n times", traps.equal, ""),
    SyntheticSet("equal_zero", "one key, 0, n times", traps.equal_zero, ""),
    SyntheticSet("equal_max", "one key, 2^64 - 1, n times", traps.equal_max, ""),
    SyntheticSet("two", "two dense runs, half the range apart", traps.two, ""),
    SyntheticSet("runs", "dense runs with lengths of a power law, and five outliers", runs, ""),
    SyntheticSet("stair", "steps of 520 consecutive keys", traps.stair, ""),
    SyntheticSet("stair_equal", "steps of 520 equal keys", traps.stair_equal, ""),
    SyntheticSet(
        "lastbit", "two dense runs of keys that doubles cannot tell apart", traps.lastbit, ""
    ),
    SyntheticSet("lastbit_top", "a dense run that ends at 2^64 - 1", traps.lastbit_top, ""),
    SyntheticSet(
        "floats", "doubles of every size, both signs, zeros, subnormals and infinities", floats, ""
    ),
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
