"""Attacks on learned indexes: answers stay right, no lookup touches more than O(log n) lines."""

import math
from functools import cache

import numpy as np
import pytest

import learnedidx as lx
from datasets import gen
from datasets.synthetic.attacks import TAILS, tail_of
from learnedidx import _core
from tests.contract.key_sets import Array, neighbours
from tests.contract.models import MODELS, build

ATTACKS = (
    "poison",
    "poison_greedy",
    "outliers",
    "stair",
    "stair_fine",
    "stair_equal",
    "tails",
    "runs",
    "lastbit",
    "expgap",
    "fb",
    "two",
)
N = 6_000
GROWN = ("rmi", "rmi three stages linear", "pgm", "pgm 12", "radix_spline", "btree")


@cache
def attack(name: str) -> Array:
    return gen(name, N)


@cache
def asked(name: str) -> Array:
    """Return all keys and both sides of each, so both ends of every gap, in random order."""
    keys = attack(name)
    return np.random.default_rng(7).permutation(np.concatenate([keys, neighbours(keys)]))[:6_000]


def most_lines(index: lx.LearnedIndex) -> float:
    """Bound the cache lines of a lookup: log2(n) for halving, and a constant for all the rest.

    That is two for each of the few stages or levels of the model, the first window, the window
    next door, and what is left in the end.
    """
    return 12 + math.log2(len(index))


def worst(index: lx.LearnedIndex, queries: Array) -> dict[str, int]:
    """Return the largest count of each kind, after the answers were found right."""
    rows = _core.trace_counts(index, queries, False)
    told = dict(zip(_core.trace_columns, rows.T, strict=True))
    np.testing.assert_array_equal(told["answer"], np.searchsorted(index.keys, queries))
    np.testing.assert_array_equal(told["answer"], index.searchsorted(queries))
    lines = told["model_lines"] + told["key_lines"]
    return {"lines": int(lines.max()), "keys": int(told["key_lines"].max())}


@pytest.mark.parametrize("model", MODELS)
def test_the_worst_lookup_is_counted(kernel_row: str, model: str) -> None:
    for name in ATTACKS:
        index = build(attack(name), model)
        found = worst(index, asked(name))
        assert found["lines"] <= most_lines(index), (name, found)


@pytest.mark.parametrize("model", GROWN)
@pytest.mark.parametrize("name", ["tails", "fb", "expgap", "lastbit"])
def test_appended_tails_spoil_no_model(model: str, name: str) -> None:
    """Grown tail by tail, an index stays right, and its worst lookup within the same bound."""
    keys, tail = attack(name), tail_of(N)
    ends = [int(np.count_nonzero(tail < number)) for number in range(TAILS)] + [N]
    index = build(keys[: ends[0]], model)
    for end in ends[1:]:
        index = index.extended(keys[:end])
    found = worst(index, asked(name))
    assert len(index) == N and found["lines"] <= most_lines(index), found


def test_cost_grows_as_a_logarithm() -> None:
    """Sixteen times the keys: two lines more for each doubling at most, for every attack."""
    for name in ("poison_greedy", "outliers", "stair_fine", "tails"):
        both = [gen(name, n) for n in (3_000, 48_000)]
        for model in ("rmi", "pgm", "radix_spline", "btree", "none"):
            few, many = (worst(lx.LearnedIndex(keys, model), keys)["lines"] for keys in both)
            assert many <= few + 8, (name, model, few, many)


def test_the_bound_tells_a_lost_model_from_a_good_one() -> None:
    """A model whose leaf borders are all 0 gallops from there: right, and beyond the bound."""
    keys = np.arange(0, 150_000, 3)
    model = lx.RMI(n_leaves=64).fit(keys)
    blob = bytearray(lx.LearnedIndex(keys, model).save(bytes, keys=False))
    borders = model.leaf_positions_.astype("<u4").tobytes()
    at = blob.index(borders)
    blob[at : at + len(borders)] = bytes(len(borders))
    lost, good = lx.open(bytes(blob), keys=keys), lx.LearnedIndex(keys, model)
    assert worst(good, keys)["lines"] <= most_lines(good)
    assert most_lines(lost) < worst(lost, keys)["lines"] < 3 * most_lines(lost)
