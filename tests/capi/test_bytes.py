"""Strings from C: files that Python saved, what is refused, and files that lie."""

from __future__ import annotations

import bisect
import ctypes
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.capi.binding import (
    ALLOCATE,
    DAMAGED,
    MISALIGNED,
    NO_KEYS,
    NO_MEMORY,
    NOT_FOUND,
    NULL_ARGUMENT,
    OK,
    OVERLAP,
    RELEASE,
    TRUNCATED,
    UNSORTED_KEYS,
    WRONG_KIND,
    Allocator,
    pointer,
)

VERBS = ("lower_bound", "upper_bound", "find", "predecessor")


class Strings:
    """An index over strings, the bytes that it reads, and its calls."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.c, self.index, self.memory = library, ctypes.c_void_p(), np.empty(0, np.uint64)

    def open(self, blob: bytes, offset: int = 0, allocator: Any = None) -> int:
        self.close()
        self.memory = np.zeros(len(blob) // 8 + 2, np.uint64)
        room = self.memory.view(np.uint8)[offset : offset + len(blob)]
        room[:] = np.frombuffer(blob, np.uint8)
        hook = None if allocator is None else ctypes.byref(allocator)
        size = ctypes.c_size_t(len(blob))
        return int(self.c.lidx_open_bytes(ctypes.byref(self.index), pointer(room), size, hook))

    def close(self) -> None:
        self.c.lidx_close_bytes(self.index)
        self.index = ctypes.c_void_p()

    def one(self, verb: str, q: bytes, outputs: int = 1) -> tuple[int, ...]:
        found = [ctypes.c_int64(-7) for _ in range(outputs)]
        call = getattr(self.c, f"lidx_{verb}_bytes")
        status = call(self.index, q, ctypes.c_size_t(len(q)), *map(ctypes.byref, found))
        return (int(status), *(number.value for number in found))

    def many(self, verb: str, queries: list[bytes]) -> list[int]:
        starts = np.cumsum([0, *map(len, queries)]).astype(np.uint64)
        out = np.empty(len(queries), np.int64)
        call = getattr(self.c, f"lidx_{verb}s_bytes")
        count = ctypes.c_size_t(len(queries))
        assert call(self.index, b"".join(queries), pointer(starts), count, pointer(out)) == OK
        return [int(x) for x in out]

    def key(self, position: int) -> bytes | int:
        where, size = ctypes.c_void_p(), ctypes.c_size_t()
        place = ctypes.c_int64(position)
        ends = ctypes.byref(where), ctypes.byref(size)
        status = int(self.c.lidx_key_bytes(self.index, place, *ends))
        return status or ctypes.string_at(where, size.value)


@pytest.fixture
def strings(library: ctypes.CDLL) -> Iterator[Strings]:
    made = Strings(library)
    yield made
    made.close()


def some_keys(n: int, seed: int = 0) -> list[bytes]:
    rng = np.random.default_rng(seed)
    parts = [b"https://example.org/", b"http://a.b/", b"", b"item/", b"\0", b"\xff", b"long" * 9]
    made = (b"".join(parts[i] for i in rng.integers(0, 7, rng.integers(0, 7))) for _ in range(n))
    return sorted(made)


def queries_of(keys: list[bytes]) -> list[bytes]:
    beside = [key + b"\0" for key in keys[::7]] + [key[:-1] for key in keys[::5]]
    return [*keys[::3], *beside, b"", b"\xff" * 20, b"z"]


def expected(keys: list[bytes], q: bytes) -> tuple[int, int, int, int]:
    low, high = bisect.bisect_left(keys, q), bisect.bisect_right(keys, q)
    return low, high, low if low < high else -1, high - 1


@pytest.mark.parametrize("model", ["auto", "none", "btree", "pgm", "rmi", "radix_spline"])
@pytest.mark.parametrize("n", [0, 1, 40, 4000])
def test_answers_are_those_of_bisect(strings: Strings, model: str, n: int) -> None:
    keys = some_keys(n, n)
    keys = keys or [b"only"]
    blob = lx.LearnedIndex(keys, model).save(bytes)
    assert strings.open(blob) == OK
    assert strings.c.lidx_verify_bytes(strings.index) == OK
    assert strings.c.lidx_n_bytes(strings.index) == len(keys)
    queries = queries_of(keys)
    wanted = [expected(keys, q) for q in queries]
    for i, verb in enumerate(VERBS):
        assert strings.many(verb, queries) == [each[i] for each in wanted]
        for q, each in zip(queries[:200], wanted, strict=False):
            assert strings.one(verb, q) == (OK, each[i])
    for q, each in zip(queries[:200], wanted, strict=False):
        assert strings.one("contains", q)[1] & 0xFFFFFFFF == (each[2] >= 0)
        stop = each[0] + sum(key.startswith(q) for key in keys)
        assert strings.one("prefix", q, 2) == (OK, each[0], stop)
    assert [strings.key(i) for i in (0, len(keys) - 1)] == [keys[0], keys[-1]]
    assert strings.key(len(keys)) == strings.key(-1) == NOT_FOUND


def test_every_form_of_string_is_opened(strings: Strings) -> None:
    words = sorted(["a", "bé", "naïve", "zoo", "日本"])
    ids = sorted(uuid.UUID(int=7**i) for i in range(40))
    fixed = np.array([b"ab", b"ab\0d", b"b", b"c"], "S4")
    for keys, query, at in (
        (words, words[2].encode(), 2),
        (ids, ids[9].bytes, 9),
        (fixed, b"ab\0d", 1),
        (fixed, b"b\0\0", 2),
    ):
        assert strings.open(lx.LearnedIndex(keys).save(bytes)) == OK
        assert strings.one("find", query) == (OK, at)
    assert strings.one("prefix", b"ab\0", 2) == (OK, 0, 2)  # zeros at the end are no part of it


def test_values_lie_beside_the_strings(strings: Strings) -> None:
    keys, values = some_keys(50), np.arange(50.0)
    assert strings.open(lx.LearnedIndex(keys).save(bytes, values=values)) == OK
    size = ctypes.c_uint64()
    where = strings.c.lidx_values_bytes(strings.index, ctypes.byref(size))
    assert ctypes.string_at(where, size.value) == values.tobytes()


def test_what_is_no_file_of_strings_is_refused(strings: Strings) -> None:
    blob = lx.LearnedIndex(some_keys(100)).save(bytes)
    assert strings.open(lx.LearnedIndex(np.arange(9)).save(bytes)) == WRONG_KIND
    assert strings.open(lx.LearnedIndex(some_keys(100)).save(bytes, keys=False)) == NO_KEYS
    assert strings.open(blob[:-1]) == TRUNCATED
    assert strings.open(blob, 4) == MISALIGNED
    assert not strings.index
    assert strings.one("find", b"x")[0] == NULL_ARGUMENT
    assert strings.c.lidx_open_bytes(None, blob, len(blob), None) == NULL_ARGUMENT
    assert strings.c.lidx_verify_bytes(None) == NULL_ARGUMENT
    assert strings.c.lidx_n_bytes(None) == 0


def test_wrong_calls_are_refused(strings: Strings) -> None:
    assert strings.open(lx.LearnedIndex(some_keys(100)).save(bytes)) == OK
    c, index, out = strings.c, strings.index, np.empty(2, np.int64)
    falling = np.array([0, 3, 1], np.uint64)
    two = ctypes.c_size_t(2)
    assert c.lidx_finds_bytes(index, b"abc", pointer(falling), two, pointer(out)) == UNSORTED_KEYS
    starts = np.array([0, 1, 2], np.uint64)
    assert c.lidx_finds_bytes(index, b"abc", pointer(starts), two, pointer(starts)) == OVERLAP
    assert c.lidx_finds_bytes(index, pointer(out), pointer(starts), two, pointer(out)) == OVERLAP
    assert c.lidx_finds_bytes(index, None, pointer(starts), two, pointer(out)) == NULL_ARGUMENT
    assert c.lidx_finds_bytes(index, b"abc", None, two, pointer(out)) == NULL_ARGUMENT
    assert c.lidx_finds_bytes(index, None, None, ctypes.c_size_t(0), None) == OK
    assert c.lidx_find_bytes(index, None, ctypes.c_size_t(3), pointer(out)) == NULL_ARGUMENT
    assert c.lidx_find_bytes(index, b"a", ctypes.c_size_t(1), None) == NULL_ARGUMENT
    assert c.lidx_find_bytes(index, None, ctypes.c_size_t(0), pointer(out)) == OK


def test_the_index_lies_in_memory_of_the_hook(strings: Strings) -> None:
    held: dict[int, Any] = {}
    gives = [True]

    def allocate(context: int, size: int) -> int:
        memory = ctypes.create_string_buffer(size) if gives[0] else None
        address = 0 if memory is None else ctypes.addressof(memory)
        held[address] = (memory, size)
        return address

    def release(context: int, address: int, size: int) -> None:
        assert held.pop(address)[1] == size

    hook = Allocator(ALLOCATE(allocate), RELEASE(release), 5)
    blob = lx.LearnedIndex(some_keys(100)).save(bytes)
    assert strings.open(blob, allocator=hook) == OK and len(held) == 1
    strings.close()
    assert not held
    assert strings.open(blob[:200], allocator=hook) == TRUNCATED and not held
    gives[0] = False
    assert strings.open(blob, allocator=hook) == NO_MEMORY


def test_damaged_files_cost_time_not_answers(strings: Strings) -> None:
    """Where keys and offsets are whole, answers stay right; else they lie inside the keys."""
    keys = some_keys(600, 3)
    blob = lx.LearnedIndex(keys).save(bytes)
    rng = np.random.default_rng(4)
    queries, opened = queries_of(keys)[::4], 0
    layers = blob.index(b"LAYR")
    start, size = (int(x) for x in np.frombuffer(blob[layers + 8 : layers + 24], np.uint64))
    for trial in range(60):
        bad = bytearray(blob)
        for at in rng.integers(start + 4096, start + size, 1 + trial // 8):
            bad[at] = rng.integers(0, 256)
        if strings.open(bytes(bad)) != OK:
            continue
        opened += 1
        for verb, i in (("lower_bound", 0), ("upper_bound", 1), ("find", 2)):
            assert strings.many(verb, queries) == [expected(keys, q)[i] for q in queries]
        assert strings.c.lidx_verify_bytes(strings.index) in (OK, DAMAGED)
    assert opened > 20
    for _ in range(200):
        bad = bytearray(blob)
        for at in rng.integers(0, len(blob), 4):
            bad[at] = rng.integers(0, 256)
        if strings.open(bytes(bad)) == OK:
            assert all(0 <= at <= len(keys) for at in strings.many("lower_bound", queries))
