"""The prefetch hint: decided by a large batch, never seen in an answer."""

from collections.abc import Iterator

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core

LARGE_KEYS = 2**22  # 32 MiB of uint64: what fits into caches tells nothing
LARGE_BATCH = 2**19


@pytest.fixture(autouse=True)
def undecided() -> Iterator[None]:
    before = _core.kernels.hint()
    _core.kernels.use_hint(None)
    yield
    _core.kernels.use_hint(before)


def queries_of(keys: np.ndarray, count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, int(keys[-1]) + 9, count, dtype=np.uint64)


def test_nothing_is_decided_on_import_or_by_small_work() -> None:
    keys = np.arange(0, 30_000, 3, dtype=np.uint64)
    index = lx.LearnedIndex(keys, "rmi")
    index.searchsorted(queries_of(keys, LARGE_BATCH))
    assert _core.kernels.hint() is None


@pytest.mark.parametrize("model", ["rmi", "btree", "none"])
def test_answers_are_the_same_while_it_decides_and_with_every_hint(model: str) -> None:
    keys = np.arange(0, 7 * LARGE_KEYS, 7, dtype=np.uint64)
    index = lx.LearnedIndex(keys, model)
    queries = queries_of(keys, LARGE_BATCH + 77)
    expected = (queries + np.uint64(6)) // np.uint64(7)
    expected = np.minimum(expected, LARGE_KEYS).astype(np.intp)
    first = index.searchsorted(queries)
    np.testing.assert_array_equal(first, expected)
    assert _core.kernels.hint() in ("l1", "l2", None)  # None: both were equally fast
    for hint in ("l1", "l2"):
        _core.kernels.use_hint(hint)
        assert _core.kernels.hint() == hint
        np.testing.assert_array_equal(index.searchsorted(queries), expected)
        np.testing.assert_array_equal(index.searchsorted(queries[:9]), expected[:9])


def test_only_the_two_hints_have_names() -> None:
    with pytest.raises(ValueError, match=r"'l1', 'l2' or None"):
        _core.kernels.use_hint("l3")
