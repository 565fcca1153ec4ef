"""The table of synthetic sets, and the one function that makes them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from datasets.keytypes import AnyKeys
from datasets.synthetic import attacks, plain, traps
from datasets.synthetic.floats import floats
from datasets.synthetic.mimics import books, fb
from datasets.synthetic.osm import osm
from datasets.synthetic.poison import poison, poison_greedy
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
    SyntheticSet(
        "uniform",
        "random words: a straight line, the easy control",
        plain.uniform,
        "49cce5723484540d8de15d0ffd4c592dd9b1e060f6dc69438046046ecf57aafb",
    ),
    SyntheticSet(
        "lognormal",
        "a steep rise, then a long tail",
        plain.lognormal,
        "c0279b6839f4bd1a59eba8757c6793400583dd61fc47b72b43c2f3e317fcf8fe",
    ),
    SyntheticSet(
        "seq",
        "0, 1, 2 ...: a line without error",
        plain.seq,
        "9e1c19b3fdc185411bd1a987deb6a9fda2531116aac060a84c4d878854d1c099",
    ),
    SyntheticSet(
        "books",
        "smooth, with an extreme tail, as of sales of books",
        books,
        "10ddf7e85df5e8fbf020bf2eddc3723786dfc3fa5ff07ebb1469dfbdabf4003c",
    ),
    SyntheticSet(
        "fb",
        "a noisy line, then 21 giant outliers, as of user ids",
        fb,
        "759a5be392cc53047be9174e5386870d96de840d052451d39cabd14839d6323c",
    ),
    SyntheticSet(
        "osm",
        "fractal clusters, as of places on a map",
        osm,
        "49176c7ede760d03fb5a4651abac21e4230382ffdd37fbf1900d37540d1a08e3",
    ),
    SyntheticSet(
        "wiki",
        "times with days, weeks and bursts, two thirds of them repeats",
        wiki,
        "5a8b5f073dfa06c5e1fe353481cf8186e4e2ba3aa0f5b4e798073d0d794b483c",
    ),
    SyntheticSet(
        "poison",
        "a straight line with a cluster in each block that spoils its fit",
        poison,
        "2ac211b7a342117b51c69d7dbf8a67763a2a004900bbb2ba07a436f3555b9e53",
    ),
    SyntheticSet(
        "expgap",
        "dense at first, then gaps that grow exponentially",
        traps.expgap,
        "2720d526288340f09f1dde005aa87ce3c7b63e3ee6364c7b7b7ee68001bf2ba7",
    ),
    SyntheticSet(
        "equal",
        "one key, 42, n times",
        traps.equal,
        "76d5fa5a19ae38b2af46917e7f7829e0fef329ea897689b27893ebfb42f01d5e",
    ),
    SyntheticSet(
        "equal_zero",
        "one key, 0, n times",
        traps.equal_zero,
        "f8c784aa6b57396e7c5e094c34d079d8252473e46e2f60593a921dbebf941fcc",
    ),
    SyntheticSet(
        "equal_max",
        "one key, 2^64 - 1, n times",
        traps.equal_max,
        "1f03e851c1a311847b3f633780f6c82eb6f89354ac1f432641c8ca502340c870",
    ),
    SyntheticSet(
        "two",
        "two dense runs, half the range apart",
        traps.two,
        "f57bd580d0a42741a4c7711883817c52ca0f193ce16933028e6bf2ea6b30d9f3",
    ),
    SyntheticSet(
        "runs",
        "dense runs with lengths of a power law, and five outliers",
        runs,
        "e42b1d8a989565e74eaa164ab8386e73b63f3807e51ebca73473b2faa08a5352",
    ),
    SyntheticSet(
        "stair",
        "steps of 520 consecutive keys",
        traps.stair,
        "bace164da420f4f548134601a438dd6f6bfbcac941bbc8286f2df61db98de6f1",
    ),
    SyntheticSet(
        "stair_equal",
        "steps of 520 equal keys",
        traps.stair_equal,
        "f92a04c23e27ab2ae46ef3e03e4658708b198213b2f53e58e32c8fea8283f622",
    ),
    SyntheticSet(
        "lastbit",
        "two dense runs of keys that doubles cannot tell apart",
        traps.lastbit,
        "6a48f583d6481bbd344b64b84c322ae4550d782ed4654ce692235bbd6947b99c",
    ),
    SyntheticSet(
        "lastbit_top",
        "a dense run that ends at 2^64 - 1",
        traps.lastbit_top,
        "6e876454888dbef9f6ae683b2057905fef2eeff8518ec5ade5eb23885976b73f",
    ),
    SyntheticSet(
        "poison_greedy",
        "a straight line with keys inserted one by one where they spoil its fit most",
        poison_greedy,
        "c170d2d86e8ecaf7ea97a872539cc53d7bf7ab9baf6f93f2995abe9949a86dd6",
    ),
    SyntheticSet(
        "outliers",
        "a straight line between eight giant outliers at each end",
        attacks.outliers,
        "5e86df40fd88d5ba00b0daf0bd70dd8cb810cda1076a9196d42578cb7cb0ded4",
    ),
    SyntheticSet(
        "stair_fine",
        "steps of 130 consecutive keys",
        attacks.stair_fine,
        "ff89bb872d50b0506110f8eac973b55bf08203a2417d133d2a8620f05f847a64",
    ),
    SyntheticSet(
        "tails",
        "a dense line, then 24 dense runs, each twice as far off",
        attacks.tails,
        "db76cbc95a4c799f9810765b836a9c1c24308b35f53ddce8b10daf5a22731fae",
    ),
    SyntheticSet(
        "floats",
        "doubles of every size, both signs, zeros, subnormals and infinities",
        floats,
        "9b88d4fc0cc8d1ced232f9491cc6c64bb528cf6fffd2a2ddeb6506103cba6181",
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
