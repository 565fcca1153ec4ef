"""index.extended on what was opened from a file or unpickled."""

import pickle
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.contract.key_sets import Array
from tests.contract.models import MODELS, NARROW, build
from tests.format import spoil
from tests.format.questions import aligned


def keys_of(n: int = 20_000) -> Array:
    return np.sort(np.random.default_rng(0).integers(0, 2**40, n))


def saved(index: lx.LearnedIndex, keys: bool = True) -> bytes:
    blob = index.save(bytes, keys=keys)
    assert blob is not None
    return blob


def check(index: lx.LearnedIndex, keys: Array) -> None:
    queries = np.concatenate([keys, keys[::3] + 1])
    expected = np.searchsorted(keys, queries)
    np.testing.assert_array_equal(index.searchsorted(queries), expected)
    low, high = index.bounds(queries)
    assert (low <= expected).all() and (expected <= high).all()
    index.verify()


@pytest.mark.parametrize("model", MODELS)
def test_an_opened_index_grows_as_the_one_that_was_saved(model: str) -> None:
    keys = keys_of()
    index = build(keys[:18_000], model)
    for twin in (lx.open(saved(index)), pickle.loads(pickle.dumps(index))):
        longer = twin.extended(keys)
        check(longer, keys)
        check(longer.extended(keys), keys)
        fitting = isinstance(index.model, (lx.PGM, lx.RadixSpline))
        if model.startswith(("rmi", "btree")):
            assert longer.stats()["refitted"] == index.extended(keys).stats()["refitted"]
        assert longer.stats()["refitted"] or not fitting  # where the fit stands is in no file


@pytest.mark.parametrize("model", NARROW)
def test_an_opened_table_grows(model: str) -> None:
    keys = np.sort(np.random.default_rng(0).integers(0, 2**16, 5000)).astype(np.uint16)
    opened = lx.open(saved(build(keys[:4000], model)))
    longer = opened.extended(keys)
    np.testing.assert_array_equal(longer.searchsorted(keys), np.searchsorted(keys, keys))
    longer.verify()


@pytest.mark.parametrize("model", ["rmi", "btree"])
def test_an_index_over_keys_beside_the_file_grows_in_the_same_memory(model: str) -> None:
    keys = keys_of()
    blob = saved(lx.LearnedIndex(keys[:18_000], model), keys=False)
    opened = lx.open(blob, keys=keys[:18_000])
    check(opened.extended(keys), keys)
    keys[5] += 1
    with pytest.raises(ValueError, match="longer_keys: the first 18000 share memory"):
        opened.extended(keys)


@pytest.mark.parametrize("model", ["rmi", "pgm", "btree", "none"])
def test_a_model_without_keys_grows_over_those_of_its_fingerprint(model: str) -> None:
    keys = keys_of()
    opened = lx.open(saved(lx.LearnedIndex(keys[:18_000], model), keys=False))
    check(opened.extended(keys), keys)
    for at in (0, 9_001, 17_999):
        other = keys.copy()
        other[at] = keys[at - 1] if at else keys[0] - 1
        with pytest.raises(lx.FormatError, match="other keys: longer_keys begin with"):
            opened.extended(other)
    with pytest.raises(lx.FormatError, match="17000 keys"):
        opened.extended(keys[:17_000])
    with pytest.raises(lx.FormatError, match="dtype float64"):
        opened.extended(keys.astype(float))


def test_a_saved_extension_opens() -> None:
    keys = keys_of()
    for model in ("rmi", "pgm", "radix_spline", "btree"):
        longer = lx.LearnedIndex(keys[:18_000], model).extended(keys)
        opened = lx.open(saved(longer))
        check(opened, keys)
        if model != "btree":  # whose leaves lie as the keys do in memory
            np.testing.assert_array_equal(opened.bounds(keys + 1), longer.bounds(keys + 1))


@pytest.mark.parametrize("model", ["rmi", "rmi linear linear", "btree"])
def test_a_damaged_model_is_trained_anew(model: str) -> None:
    keys = keys_of()
    blob = saved(build(keys[:18_000], model))
    for kind, offset, size in _core.File(blob, "blob").sections:
        if kind in (b"KEYS", b"META", b"MODL") or size == 0:
            continue
        damaged = bytearray(blob)
        damaged[offset + size // 2] ^= 0x55
        longer = lx.open(bytes(damaged)).extended(keys)
        check(longer, keys)
        assert longer.stats()["refitted"], kind


def flat(words: Array) -> Array:
    """Return what ascends as before, but stays where it is for a quarter of its length."""
    made = words.copy()
    made[words.size // 4 : words.size // 2] = words[words.size // 4]
    return made


SPOILERS: dict[str, Callable[[Array], Array]] = {
    "halved": lambda words: words // np.uint64(2),
    "zeros": np.zeros_like,
    "reversed": lambda words: words[::-1],
    "moved": lambda words: np.roll(words, 3),
    "flat": flat,
}


def spoiled(blob: bytes) -> Iterator[bytes]:
    """Yield files with one array of the model altered, and all checksums made right again."""
    for kind, offset, size in _core.File(blob, "blob").sections:
        if kind in (b"KEYS", b"META", b"MODL") or size < 8:
            continue
        for change in SPOILERS.values():
            made = bytearray(blob)
            words = np.frombuffer(blob, np.uint64, size // 8, offset)
            made[offset : offset + size // 8 * 8] = change(words).tobytes()
            yield spoil.signed(made)


@pytest.mark.parametrize("with_keys", [True, False])
@pytest.mark.parametrize("model", MODELS)
def test_an_extension_believes_nothing_that_a_file_says(model: str, with_keys: bool) -> None:
    keys = aligned(keys_of(6000))
    for blob in spoiled(saved(build(keys[:5000], model), with_keys)):
        longer = lx.open(blob).extended(keys)
        check(longer, keys)
        check(lx.open(saved(longer)), keys)
        check(pickle.loads(pickle.dumps(longer)), keys)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "none"])
def test_an_index_of_the_model_of_a_file_believes_nothing_that_it_says(model: str) -> None:
    keys = keys_of(6000)
    for blob in spoiled(saved(build(keys, model))):
        check(lx.LearnedIndex(keys, lx.open(blob).model), keys)


def test_an_opened_table_is_filled_again_if_its_keys_have_changed() -> None:
    keys = np.sort(np.random.default_rng(0).integers(0, 2**16, 5000)).astype(np.uint16)
    blob = np.frombuffer(saved(build(keys, next(iter(NARROW)))), np.uint8).copy()
    opened = lx.open(blob)
    opened.searchsorted(keys)  # fills the table
    offset = next(o for kind, o, _ in _core.File(blob, "blob").sections if kind == b"KEYS")
    now = blob[offset : offset + keys.nbytes].view(keys.dtype)
    now[1000:2000] = now[1000]
    longer = opened.extended(now.copy())
    np.testing.assert_array_equal(longer.searchsorted(keys), np.searchsorted(now, keys))
