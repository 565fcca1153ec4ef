"""What several threads build is what one builds: order check, separators and leaf borders."""

import io
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx._formats.keys import in_order

RANDOM = np.random.default_rng(8)
ROUND = 1024 * 4096  # keys of which the order check folds the sums at once
UNIFORM = np.sort(RANDOM.integers(0, 2**63, ROUND + 700_001, dtype=np.uint64))


def sets() -> dict[str, Any]:
    small = UNIFORM[:600_000]
    skewed = np.sort(RANDOM.lognormal(0, 3, 600_000))
    return {
        "uniform": UNIFORM,
        "float64": skewed,
        "NaN": np.concatenate([skewed, np.full(300_000, np.nan)]),
        "times": small.view("M8[ns]"),
        "NaT": np.concatenate([small.view("M8[ns]"), np.full(300_000, "NaT", "M8[ns]")]),
        "equal": np.zeros(600_000, np.int32),
        "two runs": np.concatenate([np.arange(500_000), 2**50 + np.arange(100_000)]),
        "two ends": np.repeat(np.array([-(2**62), 2**62]), 300_000),
        "uint16": np.sort(RANDOM.integers(0, 2**16, 600_000).astype(np.uint16)),
    }


SETS = sets()


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("name", SETS)
def test_order_is_checked_alike(name: str, threads: int) -> None:
    keys = SETS[name]
    for n in (keys.size, keys.size - 1, 300_001, 4097, 2, 1, 0):
        one = _core.check_sorted(keys[:n])
        assert _core.check_sorted(keys[:n], threads=threads) == one
        assert one[1] == -1


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_first_key_out_of_order_is_named(threads: int) -> None:
    for first, second in RANDOM.integers(1, UNIFORM.size, (12, 2)).tolist():
        keys = UNIFORM.copy()
        keys[first] = keys[second] = 0
        assert _core.check_sorted(keys, threads=threads)[1] == min(first, second)


@pytest.mark.parametrize("model", ["auto", "rmi", "btree", lx.BTree(8), lx.RMI(leaf="linear")])
@pytest.mark.parametrize("name", SETS)
def test_models_are_alike(name: str, model: Any) -> None:
    keys = SETS[name]
    one, three = lx.LearnedIndex(keys, model), lx.LearnedIndex(keys, model, threads=3)
    assert saved(one) == saved(three)
    low, high = three.bounds(keys[::331])
    truth = np.searchsorted(keys, keys[::331])
    assert (low <= truth).all() and (truth <= high).all()


def saved(index: lx.LearnedIndex) -> bytes:
    file = io.BytesIO()
    index.save(file)
    return file.getvalue()


def test_leaves_that_no_key_reaches() -> None:
    """Pieces of leaves behind the last key are filled too."""
    keys = np.concatenate([np.arange(400_000), [2**62]]).astype(np.uint64)
    checked = in_order(keys, threads=4)
    model = lx.RMI(root="linear", n_leaves=50_000)
    alone = model._for_index(in_order(keys))._training.core.leaf_positions
    assert (model._for_index(checked)._training.core.leaf_positions == alone).all()
    assert (np.diff(alone.astype(np.int64)) == 0).sum() > 8192


@pytest.mark.parametrize(
    ("threads", "error"), [(-1, ValueError), (True, TypeError), (2.0, TypeError)]
)
def test_threads_are_checked(threads: Any, error: type[Exception]) -> None:
    for keys in (np.arange(5), ["a", "b"]):
        with pytest.raises(error, match="^threads: must be"):
            lx.LearnedIndex(keys, threads=threads)


def test_none_at_all_is_every_core() -> None:
    assert lx.LearnedIndex(UNIFORM[:300_000], threads=0).find(UNIFORM[7]) == 7
