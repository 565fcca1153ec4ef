"""The C library from Python: what it refuses, what it builds, and files that lie."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import learnedidx as lx
from learnedidx._formats.keys import Keys
from learnedidx.files._stored import plan
from tests.capi.binding import (
    DAMAGED,
    NAMES,
    NO_KEYS,
    NOT_OPEN,
    NULL_ARGUMENT,
    OK,
    OTHER_KEYS,
    OVERLAP,
    RMI,
    TRUNCATED,
    UNSORTED,
    UNSUPPORTED,
    UNVERIFIED,
    WRONG_KIND,
    View,
    pointer,
)
from tests.capi.cases import KINDS, MODELS, answers_of, keys_of, queries_of
from tests.format.spoil import with_header


def damaged(blob: bytes, trial: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a file whose model's sections hold other bytes: few, many, or all of them."""
    bad = np.frombuffer(blob, np.uint8).copy()
    for at in range(128, 128 + 32 * int(bad[24]), 32):
        start, size = (int(x) for x in bad[at + 8 : at + 24].view(np.uint64))
        kind = bad[at : at + 4].tobytes()
        if kind in (b"KEYS", b"META") or size == 0 or (kind == b"MODL" and trial % 4 > 0):
            continue
        section = bad[start : start + size]
        places = rng.integers(0, size, 1 + trial * trial // 4)
        section[places] = rng.integers(0, 256, places.size)
        if trial % 3 == 2 and kind != b"MODL":
            section[size // 3 :] = rng.choice([0, 127, 128, 255])
    return bad


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(set(MODELS) - {"none"}))
def test_damaged_arrays_cost_time_not_answers(view: View, kind: str, name: str) -> None:
    """Whatever stands in the sections of the model, keys prove the positions; seeds are fixed."""
    keys = keys_of(kind, 2000)
    blob = lx.LearnedIndex(keys, MODELS[name]).save(bytes)
    assert blob is not None
    queries = queries_of(keys, 200)
    answers = answers_of(keys, queries)
    rng = np.random.default_rng(7)
    opened = 0
    for trial in range(24):
        bad = damaged(blob, trial, rng)
        if view.open(bad, trial % 8 if trial % 2 else 0) != OK:
            continue
        opened += 1
        assert np.array_equal(view.many(queries, kind), answers)
        for q, answer in zip(queries[:40], answers[:40], strict=True):
            assert view.one("lower_bound", q, kind) == (OK, answer)
            status, low, high = view.one("bounds", q, kind, 2)
            assert status == OK and 0 <= low <= answer <= high <= keys.size
        assert view.verify(False) == DAMAGED
    assert opened >= 18


def test_each_refusal_has_its_status(view: View, library: ctypes.CDLL) -> None:
    keys = keys_of("u8", 500)
    index = lx.LearnedIndex(keys, lx.PGM(epsilon=8))
    model, whole = index.save(bytes, keys=False), index.save(bytes)
    assert view.one("lower_bound", 5, "u8") == (NOT_OPEN, -1)
    assert view.verify(True) == NOT_OPEN
    assert view.open(whole) == OK
    assert view.one("lower_bound", 5, "i8") == (WRONG_KIND, -1)
    null = ctypes.c_void_p(None)
    assert library.lidx_lower_bound_u64(view.words, ctypes.c_uint64(5), null) == NULL_ARGUMENT
    assert (
        library.lidx_lower_bounds_u64(view.words, null, ctypes.c_size_t(1), null) == NULL_ARGUMENT
    )
    assert library.lidx_lower_bounds_u64(view.words, null, ctypes.c_size_t(0), null) == OK
    assert library.lidx_open(null, null, ctypes.c_size_t(0)) == NULL_ARGUMENT
    assert whole is not None and view.open(whole[:-1]) == TRUNCATED
    assert view.one("lower_bound", 5, "u8") == (NOT_OPEN, -1)
    assert library.lidx_n(view.words) == 0
    assert view.open(model) == OK
    assert view.one("lower_bound", 5, "u8") == (NO_KEYS, -1)
    assert view.one("bounds", keys[250], "u8", 2) == (UNVERIFIED, -1, -1)
    assert view.verify(False) == OK
    status, low, high = view.one("bounds", keys[250], "u8", 2)
    assert status == OK and low <= np.searchsorted(keys, keys[250]) <= high < low + 40
    assert model is not None
    assert view.open(damaged(model, 1, np.random.default_rng(0))) == OK
    assert view.verify(False) == DAMAGED
    assert view.one("bounds", keys[250], "u8", 2) == (UNVERIFIED, -1, -1)
    assert view.open(lx.LearnedIndex(np.arange(9, dtype=np.int16)).save(bytes)) == UNSUPPORTED


@pytest.mark.parametrize("kind", KINDS)
def test_positions_that_lie_over_queries_are_refused(view: View, kind: str) -> None:
    keys = keys_of(kind, 500)
    assert view.open(lx.LearnedIndex(keys, "btree").save(bytes)) == OK
    item = keys.itemsize
    memory = np.concatenate([keys[:40].view(np.uint8), np.zeros(320, np.uint8)])
    before, call = memory.copy(), getattr(view.c, f"lidx_upper_bounds_{NAMES[kind]}")
    for at in (0, 8, 39 * item // 8 * 8, 40 * item):
        status = call(view.words, pointer(memory), ctypes.c_size_t(40), pointer(memory[at:]))
        untouched = bool((memory == before).all())
        assert (status, untouched) == ((OVERLAP, True) if at < 40 * item else (OK, False))


def test_given_keys_must_have_as_many_numbers_as_the_file_says(view: View) -> None:
    keys = np.arange(200) / 7
    blob = lx.LearnedIndex(keys, "pgm").save(bytes, keys=False) or b""
    fewer = with_header(blob, 48, np.uint64(195).tobytes() + keys[[0, 194]].tobytes())
    assert view.open_with(fewer, keys, KINDS["f8"]) == OTHER_KEYS


def test_given_keys_must_have_the_fingerprint(view: View) -> None:
    keys = keys_of("i8", 5000)
    blob = lx.LearnedIndex(keys, "pgm").save(bytes, keys=False)
    assert blob is not None
    assert view.open_with(blob, keys, KINDS["i8"]) == OK
    assert view.verify(True) == OK
    assert view.open_with(blob, keys.view("u8"), KINDS["u8"]) == OTHER_KEYS
    assert view.open_with(blob, keys[:-1], KINDS["i8"]) == OTHER_KEYS
    for at in (0, 4, 5, -1):
        other = keys.copy()
        other[at] -= 1
        sampled = at != 5  # what lies between the samples, the whole checksum finds
        assert view.open_with(blob, other, KINDS["i8"]) == (OTHER_KEYS if sampled else OK)
        assert view.verify(True) == (NOT_OPEN if sampled else OTHER_KEYS)


def test_the_last_number_is_part_of_the_fingerprint(view: View) -> None:
    keys = np.arange(5000.0)
    last = 4001
    keys[last + 1 :] = np.nan
    blob = lx.LearnedIndex(keys, "none").save(bytes, keys=False)
    assert blob is not None and view.open_with(blob, keys, KINDS["f8"]) == OK
    other = keys.copy()
    other[last] *= 2
    sampled = lx._core.sampled_crc(keys) != lx._core.sampled_crc(other)
    assert not sampled and view.open_with(blob, other, KINDS["f8"]) == OTHER_KEYS


@pytest.mark.parametrize(
    ("numbers", "keys"),
    [
        (4, np.array([1, 5, 3, 9])),
        (4, np.array([1.0, 2, 0, 3])),
        (3, np.array([1, np.nan, 3, np.nan])),
        (2, np.array([1, 2, np.nan, 3, np.nan])),
    ],
)
def test_keys_out_of_order_are_found(view: View, numbers: int, keys: NDArray[Any]) -> None:
    """Checksums are right, the keys are not: someone else wrote this file."""
    made = plan(Keys(keys, numbers, None), None, None, True, None)
    blob = b"".join(piece.tobytes() for piece in made.pieces)
    assert view.open(blob) == OK
    assert view.verify(False) == OK
    assert view.verify(True) == UNSORTED


def test_values_and_keys_lie_in_the_file(view: View, library: ctypes.CDLL) -> None:
    keys = keys_of("f4", 300)
    rows = np.arange(600, dtype=np.float32).reshape(300, 2)
    assert view.open(lx.LearnedIndex(keys, "rmi").save(bytes, values=rows)) == OK
    size = ctypes.c_uint64()
    where = library.lidx_values(view.words, ctypes.byref(size))
    assert size.value == rows.nbytes
    assert ctypes.string_at(where, rows.nbytes) == rows.tobytes()
    assert ctypes.string_at(library.lidx_keys(view.words), keys.nbytes) == keys.tobytes()
    assert (library.lidx_n(view.words), library.lidx_numbers(view.words)) == (300, 285)
    assert library.lidx_model_of(view.words) == RMI
    assert view.open(lx.LearnedIndex(keys, "rmi").save(bytes)) == OK
    assert library.lidx_values(view.words, ctypes.byref(size)) is None and size.value == 0


def test_times_have_nat_last(view: View) -> None:
    keys = np.array(["2020", "2021", "NaT"], "M8[D]").repeat(100)
    assert view.open(lx.LearnedIndex(keys, "pgm").save(bytes)) == OK
    assert view.verify(True) == OK
    nat = np.iinfo(np.int64).min
    assert view.one("lower_bound", nat, "i8") == (OK, 200)
    assert view.one("upper_bound", nat, "i8") == (OK, 300)
    assert view.one("bounds", nat, "i8", 2) == (OK, 200, 200)
    assert view.many(np.array([nat, nat + 1, 2**40]), "i8").tolist() == [200, 0, 200, 300, 0, 200]


def test_every_status_has_a_sentence(library: ctypes.CDLL) -> None:
    known = [*range(18), *range(32, 49)]
    sentences = {library.lidx_message(status) for status in known}
    assert len(sentences) == len(known)
    assert library.lidx_message(99) == library.lidx_message(-1) == b"unknown status"
