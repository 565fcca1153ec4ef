"""index.extended(..., assume_unchanged=True): what the caller vouches for is not read again."""

import pickle
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.extend import VOUCHED_SAMPLE
from tests.border.test_stale_keys import use_everything
from tests.contract.key_sets import Array
from tests.contract.models import MODELS, NARROW, build

N, OLD = 20_000, 18_000


def keys_of(dtype: str = "i8") -> Array:
    return np.sort(np.random.default_rng(3).integers(0, 2**40, N)).astype(dtype)


def compared(old: int = OLD) -> Array:
    """Return the positions among the old keys that are compared all the same."""
    last = np.arange(old - VOUCHED_SAMPLE, old)
    return np.concatenate([np.linspace(0, old - 1, VOUCHED_SAMPLE).astype(np.intp), last])


@pytest.mark.parametrize("model", [*MODELS, *NARROW])
def test_a_true_vouch_changes_nothing(model: str) -> None:
    keys = (keys_of() >> 25).astype(np.uint16) if model in NARROW else keys_of()
    first = keys[:OLD].copy()
    for array in (keys, np.concatenate([first, keys[OLD:]])):  # in the same memory, and in other
        index = build(array[:OLD], model)
        whole = index.extended(keys)
        vouched = index.extended(keys, assume_unchanged=True)
        assert vouched._state.checked.fingerprint == whole._state.checked.fingerprint
        for name in ("extended_from", "refitted", "refit", "first_window_hits", "nbytes"):
            assert vouched.stats().get(name) == whole.stats().get(name)
        np.testing.assert_array_equal(vouched.bounds(keys), whole.bounds(keys))
        np.testing.assert_array_equal(vouched.searchsorted(keys), np.searchsorted(keys, keys))
        vouched.verify()


@pytest.mark.parametrize("dtype", ["f8", "f4", "u4", "M8[s]"])
def test_many_steps_are_one(dtype: str) -> None:
    keys = keys_of("i8").astype(dtype) if dtype != "u4" else (keys_of() >> 9).astype("u4")
    for model in ("rmi", "btree", "none"):
        index = lx.LearnedIndex(keys[:4000], model)
        for end in (4001, 4096, 4097, 4098, 9000, 9000, 12_289, N):
            index = index.extended(keys[:end], assume_unchanged=True)
            assert (
                index._state.checked.fingerprint
                == lx.LearnedIndex(keys[:end])._state.checked.fingerprint
            )
        index.verify()
        np.testing.assert_array_equal(index.searchsorted(keys), np.searchsorted(keys, keys))


def test_what_is_vouched_for_is_not_read() -> None:
    keys = keys_of()
    index = lx.LearnedIndex(keys[:OLD].copy(), "rmi")
    free = np.setdiff1d(np.arange(4097), compared())
    keys[free] = -5
    longer = index.extended(keys, assume_unchanged=True)
    assert longer.searchsorted(keys[N - 5]) == N - 5
    for raises in (longer.verify, lambda: index.extended(keys)):
        with pytest.raises(ValueError):
            raises()


def test_what_is_compared_all_the_same_is_named() -> None:
    keys = keys_of()
    index = lx.LearnedIndex(keys[:OLD].copy(), "rmi")
    for at in (0, compared()[500], OLD - 1, OLD - VOUCHED_SAMPLE):
        changed = keys.copy()
        changed[at] -= 1
        with pytest.raises(ValueError, match=f"^longer_keys: position {at} is {changed[at]}, but"):
            index.extended(changed, assume_unchanged=True)
    shifted = np.concatenate([keys[:9000], keys[9001:], keys[-1:]])  # one key was dropped
    with pytest.raises(ValueError, match="longer_keys: position 9"):
        index.extended(shifted, assume_unchanged=True)


def test_new_keys_are_checked() -> None:
    keys = keys_of()
    index = lx.LearnedIndex(keys[:OLD].copy())
    for at in (OLD, N - 1):
        bad = keys.copy()
        bad[at] = 0
        with pytest.raises(ValueError, match=rf"^longer_keys: .*: longer_keys\[{at}\] = 0 comes"):
            index.extended(bad, assume_unchanged=True)
    with pytest.raises(ValueError, match="longer_keys: 5 keys, fewer than"):
        index.extended(keys[:5], assume_unchanged=True)
    with pytest.raises(TypeError, match="assume_unchanged: must be True or False, got 'yes'"):
        index.extended(keys, assume_unchanged="yes")  # type: ignore[arg-type]
    empty = lx.LearnedIndex(keys[:0]).extended(keys, assume_unchanged=True)
    np.testing.assert_array_equal(empty.searchsorted(keys), np.arange(N))


@pytest.mark.parametrize("old", [OLD, 4 * 4096 + 1])  # the order is checked in such blocks
def test_missing_keys_among_those_that_are_vouched_for(old: int) -> None:
    keys = keys_of("f8")
    index = lx.LearnedIndex(keys[:old].copy(), "rmi")
    keys[np.setdiff1d(np.arange(old), compared(old))] = np.nan
    keys[old:] = np.nan
    with pytest.raises(ValueError, match=r"^longer_keys: .*nan"):
        index.extended(keys, assume_unchanged=True)


def noise(keys: Array) -> Array:
    return np.random.default_rng(9).integers(0, 2**64, keys.size, np.uint64, endpoint=False)


def backwards(keys: Array) -> Array:
    return keys[::-1]


def higher(keys: Array) -> Array:
    return keys + np.uint64(1)


@pytest.mark.parametrize("change", [noise, backwards, higher])
@pytest.mark.parametrize("model", MODELS)
def test_a_wrong_vouch_never_crashes_and_verify_tells(
    kernel_row: str, model: str, change: Any
) -> None:
    keys = keys_of("u8")
    index = build(keys[:OLD].copy(), model)
    if index._state.checked.fingerprint is None:
        return  # of a file: all keys are checked
    free = np.setdiff1d(np.arange(OLD), compared())
    keys[free] = change(keys[:OLD])[free]
    try:
        longer = index.extended(keys, assume_unchanged=True)
    except ValueError as error:
        assert str(error).startswith("longer_keys: ")
        return
    use_everything(longer)
    with pytest.raises((ValueError, RuntimeError), match="key"):
        longer.verify()


@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline"])
def test_training_anew_checks_the_order_of_all_keys(model: str) -> None:
    keys, old = keys_of(), 4500  # the keys double, and a pickle does not tell where a fit stands
    index = pickle.loads(pickle.dumps(lx.LearnedIndex(keys[:old].copy(), model)))
    assert index.extended(keys, assume_unchanged=True).stats()["refitted"]
    free = np.setdiff1d(np.arange(old), compared(old))
    keys[free] = keys[free][::-1]
    with pytest.raises(ValueError, match=r"^longer_keys: not sorted: longer_keys\[\d+\] = "):
        index.extended(keys, assume_unchanged=True)


@pytest.mark.parametrize("model", ["rmi", "pgm", "btree"])
def test_what_was_opened_is_checked_in_order(model: str) -> None:
    keys = keys_of()
    for with_keys in (True, False):
        blob = lx.LearnedIndex(keys[:OLD], model).save(bytes, keys=with_keys)
        longer = lx.open(blob).extended(keys, assume_unchanged=True)
        np.testing.assert_array_equal(longer.searchsorted(keys), np.arange(N))
        longer.verify()
        assert longer._state.checked.fingerprint == lx.LearnedIndex(keys)._state.checked.fingerprint
        bad = keys.copy()
        bad[np.setdiff1d(np.arange(OLD - VOUCHED_SAMPLE), compared())] = -5
        with pytest.raises(ValueError, match="longer_keys"):
            lx.open(blob).extended(bad, assume_unchanged=True)
