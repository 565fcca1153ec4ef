"""What sorted containers hold and are asked: random integers, or words, URLs and addresses."""

import random
from typing import Any, NamedTuple, Self

import numpy as np

from benchmarks.contenders import Array

LOOKUPS = 100_000
WORDS = ("alpha", "beta", "gamma", "delta", "river", "stone", "maple", "orchid", "winter", "copper")


class Keys(NamedTuple):
    """Random keys, and what is asked of them: other objects than those that are held."""

    is_text: bool
    n: int
    array: Array
    values: list[Any]
    hits: list[Any]
    misses: list[Any]
    new: list[Any]
    batch: Array
    batch_values: list[Any]
    positions: list[int]
    ranges: list[tuple[Any, Any]]
    ascending: Array
    ascending_values: list[Any]
    made: list[Any]  # what constructors make, to be freed off the clock

    @classmethod
    def draw(cls, n: int, is_text: bool = False) -> Self:
        """Draw n keys, none of them twice, and the rest beside them."""
        rng = np.random.default_rng(n)
        few = min(n, LOOKUPS)
        drawn = rng.permutation((_texts if is_text else _numbers)(n + 2 * few, n))
        array, beside = drawn[:n].copy(), drawn[n : n + 2 * few]
        ascending = np.sort(array)
        at = rng.integers(0, max(n - 100, 1), 20_000)
        return cls(
            is_text,
            n,
            array,
            array.tolist(),
            rng.permutation(array)[:few].tolist(),
            beside[few:].tolist(),
            beside[: max(n // 20, 1)][:few].tolist(),
            beside[:few].copy(),
            beside[:few].tolist(),
            rng.integers(0, n, few).tolist(),
            list(
                zip(*(ascending[i].tolist() for i in (at, np.minimum(at + 99, n - 1))), strict=True)
            ),
            ascending,
            ascending.tolist(),
            [],
        )


def _numbers(count: int, seed: int) -> Array:
    return np.unique(np.random.default_rng(seed).integers(0, 2**41, count * 5 // 4 + 10))


def _texts(count: int, seed: int) -> Array:
    rng, found = random.Random(seed), dict[str, None]()
    while len(found) < count:
        found[_text(rng)] = None
    return np.array(list(found))


def _text(rng: random.Random) -> str:
    one, other, kind = rng.choice(WORDS), rng.choice(WORDS), rng.randrange(3)
    if kind == 0:
        return f"{one}{other}{rng.randrange(10**9)}"
    if kind == 1:
        return f"https://www.{one}.com/{other}/{rng.randrange(10**8)}"
    return f"{one}.{other}{rng.randrange(10**7)}@example.com"
