"""Keys changed behind the index's back: stale answers, never a crash, and verify() says so."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.models import BORROWING, MODELS, build

N = 20_000
V = np.concatenate(
    [
        np.random.default_rng(8).integers(0, 2**64, 5_000, np.uint64, endpoint=False),
        np.arange(0, 60_000, 13, dtype=np.uint64),
    ]
)


def fresh() -> Any:
    return np.arange(0, 3 * N, 3, dtype=np.uint64)


def noise(keys: Any) -> None:
    keys[:] = np.random.default_rng(9).integers(0, 2**64, N, np.uint64, endpoint=False)


def backwards(keys: Any) -> None:
    keys[:] = keys[::-1].copy()


def all_high(keys: Any) -> None:
    keys[:] = 2**64 - 1


def all_low(keys: Any) -> None:
    keys[:] = 0


def one_key(keys: Any) -> None:
    keys[N // 2] += 1


def shifted(keys: Any) -> None:
    keys += np.uint64(10**12)


CHANGES = {
    change.__name__: change for change in (noise, backwards, all_high, all_low, one_key, shifted)
}


def use_everything(index: lx.LearnedIndex) -> None:
    """Call every verb, and check only what holds for any answer at all."""
    for answer in (
        index.searchsorted(V),
        index.searchsorted(V, "right"),
        index.searchsorted(np.sort(V)),
        index.searchsorted(V.astype(np.float64)),
        index.searchsorted(V, threads=2),
        index.rank(V),
        *index.range(V, V[::-1], "both"),
        *index.bounds(V),
        index.find(V) + 1,
        index.find(V, "nearest", 5) + 1,
        index.count(V, None),
    ):
        assert answer.min() >= 0 and answer.max() <= N
    assert index.contains(V).dtype == bool
    for v in V[:200]:
        assert 0 <= index.searchsorted(v) <= N
        assert -1 <= index.find(v, "nearest") < N
        assert (v in index) in (True, False)
        index.explain(v)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("model", BORROWING)
def test_changed_integers(kernel_row: str, model: str, change: str) -> None:
    keys = fresh()
    index = build(keys, model)
    index.verify()
    CHANGES[change](keys)
    use_everything(index)
    with pytest.raises(Exception) as caught:
        index.verify()
    assert isinstance(caught.value, ValueError | RuntimeError)
    assert "key" in str(caught.value)


@pytest.mark.parametrize("model", BORROWING)
def test_floats_that_become_nan(kernel_row: str, model: str) -> None:
    keys = np.linspace(-5, 5, N)
    index = build(keys, model)
    for position in (N // 2, slice(None, None, 3)):
        keys[position] = np.nan
        use_everything(index)
        with pytest.raises((ValueError, RuntimeError)):
            index.verify()


@pytest.mark.parametrize("model", ["rmi", "btree"])
def test_writers_while_readers_read(model: str) -> None:
    """Another thread writes all the time: any answer inside the array will do."""
    import threading

    keys, stop = fresh(), threading.Event()
    index = build(keys, model)

    def write() -> None:
        while not stop.is_set():
            noise(keys)
            backwards(keys)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(4):
            use_everything(index)
    finally:
        stop.set()
        writer.join()


def test_bounds_never_touch_the_keys() -> None:
    keys = fresh()
    for model in MODELS:
        index = build(keys, model)
        before = index.bounds(V), index.bounds(V, "right"), [index.bounds(v) for v in V[:50]]
        saved = keys.copy()
        noise(keys)
        after = index.bounds(V), index.bounds(V, "right"), [index.bounds(v) for v in V[:50]]
        keys[:] = saved
        np.testing.assert_array_equal(after[0], before[0], model)
        np.testing.assert_array_equal(after[1], before[1], model)
        assert after[2] == before[2], model


def test_learned_bounds_are_narrow() -> None:
    """Otherwise (0, n) would pass for a certificate."""
    keys = np.sort(np.random.default_rng(10).integers(0, 2**63, 200_000))
    for model in ("rmi", "auto", lx.RMI(root="linear", leaf="linear", n_leaves=4096)):
        low, high = lx.LearnedIndex(keys, model).bounds(np.random.default_rng(1).choice(keys, 9999))
        assert np.mean(high - low) < 2_000, model


def test_sound_keys_verify() -> None:
    for dtype in ("uint8", "int64", "float32", "M8[s]", "bool", "float16"):
        keys = np.sort(np.random.default_rng(2).integers(0, 2, 500).astype("i8")).astype(dtype)
        for model in MODELS:
            assert build(keys, model).verify() is None  # type: ignore[func-returns-value]


def test_a_change_that_fits_the_order_is_found() -> None:
    """Sorted still, and inside every bound: only a fingerprint of all keys can tell."""
    keys = fresh()
    index = lx.LearnedIndex(keys)
    keys[12_345] += 1
    with pytest.raises((ValueError, RuntimeError)):
        index.verify()
