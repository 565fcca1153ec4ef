"""Members in great number, of every dtype and kind of filter: none is denied."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.filters.key_sets import DTYPES, Array, beside, keys_of

STRATEGIES = ("auto", "robust", "exact", "learned")


def filters(random: np.random.Generator) -> list[Any]:
    """Choose parameters at random for one filter of each kind."""
    seed, bits = int(random.integers(2**63)), float(random.uniform(4, 24))
    rate = float(random.choice([0.3, 0.01, 0.0001]))
    step, fingerprint = (int(random.choice(some)) for some in ((64, 128, 256), (0, 8, 16)))
    return [
        *(lx.RangeFilter(bits, strategy, seed) for strategy in STRATEGIES),
        *(lx.PointFilter(rate, seed=seed), lx.PointFilter(0.01, compact=True, seed=seed)),
        lx.LearnedHash(step, fingerprint, seed),
    ]


def denied(one: Any, keys: Array, asked: Array, ends: tuple[Array, Array]) -> tuple[int, int]:
    """Ask for members, alone and in ranges from neighbour to neighbour; count who is denied."""
    if isinstance(one, lx.LearnedHash):
        return int((keys[one.position(asked)] != asked).sum()), asked.size
    answers = [one.may_contain(asked), one.may_contain(keys)]
    if isinstance(one, lx.RangeFilter):
        low, high = ends
        pairs = (low, high), (keys, keys), (low, keys), (keys, high)
        answers += [one.may_contain_range(*pair, "both") for pair in pairs]
    return sum(int((~each).sum()) for each in answers), sum(each.size for each in answers)


def ask_strings(random: np.random.Generator) -> int:
    """Ask filters of strings for all of these; return how many that were."""
    n, drawn = int(10 ** random.uniform(1, 5)), int(random.integers(2**31))
    keys = np.unique(np.random.default_rng(drawn).integers(0, 2**36, n).astype("S12"))
    absent, shuffled = np.sort(keys)[:: 2 + n // 1000], random.permutation(keys)
    seed, rate = int(random.integers(2**63)), float(random.choice([0.3, 0.01, 0.001]))
    regions = int(random.integers(1, 9))
    made = [
        lx.PointFilter(rate, compact=bool(random.integers(2)), seed=seed).fit(keys),
        lx.LearnedHash(int(random.choice([64, 128, 256])), 8, seed).fit(keys),
        lx.LearnedFilter(fpr=rate, regions=regions, seed=seed).fit(keys, np.char.add(absent, b"x")),
    ]
    for one in made:
        wrong, _ = denied(one, keys, shuffled, (keys, keys))
        assert wrong == 0, f"{one!r} over {n} strings, {drawn}: {wrong} denied"
    return 5 * keys.size


def ask(count: int, seed: int) -> None:
    """Ask so many members of filters over keys that differ each time."""
    random, asked, turn = np.random.default_rng(seed), 0, 0
    while asked < count:
        if turn % len(DTYPES) == 0:
            asked += ask_strings(np.random.default_rng([seed, turn]))
        dtype, n = DTYPES[turn % len(DTYPES)], int(10 ** random.uniform(1, 6))
        drawn = int(random.integers(2**31))
        keys = keys_of(dtype, n, drawn)
        keys = np.unique(keys[keys == keys])
        shuffled = random.permutation(keys)
        around = beside(keys)
        high, low = (around, around) if dtype == "?" else np.split(around[keys.size :], 2)
        for one in filters(random):
            wrong, more = denied(one.fit(keys), keys, shuffled, (low, high))
            assert wrong == 0, f"{one!r} over keys_of({dtype!r}, {n}, {drawn}): {wrong} denied"
            asked += more
        turn += 1


def test_three_million_members() -> None:
    ask(3 * 10**6, 1)


@pytest.mark.long
def test_a_thousand_million_members() -> None:
    ask(10**9, 2)
