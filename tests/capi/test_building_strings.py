"""The C library makes files of strings: the bytes that Python saves, from any allocator."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.capi.binding import (
    ALLOCATE,
    AUTO,
    BAD_OPTION,
    BTREE,
    NO_MEMORY,
    NULL_ARGUMENT,
    OK,
    PGM,
    RELEASE,
    UNSORTED_KEYS,
    Allocator,
    Options,
    pointer,
)


def build(
    c: ctypes.CDLL,
    keys: list[bytes],
    *,
    text: int = 0,
    starts: Any = None,
    allocator: Any = None,
    **options: int,
) -> Any:
    """Return status and bytes of a file that C builds, which it is given back."""
    blob, size = ctypes.c_void_p(), ctypes.c_size_t()
    wanted = Options(
        struct_bytes=ctypes.sizeof(Options), **{"model": AUTO, "with_keys": 1, **options}
    )
    hook = None if allocator is None else ctypes.byref(allocator)
    given = starts if starts is not None else np.cumsum([0, *map(len, keys)]).astype(np.uint64)
    count = ctypes.c_size_t(len(keys))
    where = ctypes.byref(wanted), hook, ctypes.byref(blob), ctypes.byref(size)
    status = c.lidx_build_bytes(b"".join(keys), pointer(given), count, ctypes.c_int(text), *where)
    made = ctypes.string_at(blob, size.value) if blob else None
    c.lidx_release(hook, blob, size)
    return status, made


def keys_of(n: int) -> list[bytes]:
    """Return strings that share much: two layers and more."""
    hosts = ("https://example.com/", "https://example.com/archive/of/pages/", "z")
    return sorted({f"{hosts[i % 3]}{i * 7919 % 100_003}".encode() for i in range(n)})


@pytest.mark.parametrize("n", [0, 1, 40, 5_000])
@pytest.mark.parametrize("name", ["auto", "btree", "pgm"])
def test_c_builds_the_bytes_that_python_saves(library: ctypes.CDLL, n: int, name: str) -> None:
    keys = keys_of(n)
    model, number = {"auto": ("auto", AUTO), "btree": (lx.BTree(), BTREE), "pgm": (lx.PGM(), PGM)}[
        name
    ]
    for text in (0, 1):
        if n == 0 and not text:
            continue  # an array of no objects says of no kind
        given = np.array([k.decode() for k in keys], "T") if text else np.array(keys, object)
        index = lx.LearnedIndex(given, model)
        for with_keys in (0, 1):
            saved = index.save(bytes, keys=bool(with_keys))
            made = build(library, keys, text=text, model=number, with_keys=with_keys)
            assert made == (OK, saved)


def test_the_builder_refuses(library: ctypes.CDLL) -> None:
    keys = keys_of(100)
    assert build(library, keys[::-1]) == (UNSORTED_KEYS, None)
    falling = np.array([0, 5, 3], np.uint64)
    assert build(library, [b"ab", b"cd"], starts=falling) == (UNSORTED_KEYS, None)
    assert build(library, keys, text=2) == (BAD_OPTION, None)
    for wrong in ({"model": 9}, {"with_keys": 2}, {"node": 7}, {"radix_bits": 25}):
        assert build(library, keys, **wrong) == (BAD_OPTION, None)
    blob, size = ctypes.c_void_p(), ctypes.c_size_t()
    ends = ctypes.byref(blob), ctypes.byref(size)
    count, no_text = ctypes.c_size_t(1), ctypes.c_int(0)
    starts = np.array([0, 3], np.uint64)
    for data, where in ((b"abc", None), (None, pointer(starts))):
        call = library.lidx_build_bytes(data, where, count, no_text, None, None, *ends)
        assert call == NULL_ARGUMENT and not blob


def test_the_blob_comes_from_the_hook(library: ctypes.CDLL) -> None:
    held: dict[int, Any] = {}
    room = [2**20]

    def allocate(context: int, size: int) -> int:
        memory = ctypes.create_string_buffer(size) if size <= room[0] else None
        address = 0 if memory is None else ctypes.addressof(memory)
        held[address] = (memory, size)
        return address

    def release(context: int, address: int, size: int) -> None:
        assert context == 77 and held.pop(address)[1] == size

    hook = Allocator(ALLOCATE(allocate), RELEASE(release), 77)
    keys = keys_of(1000)
    status, made = build(library, keys, allocator=hook)
    assert status == OK and lx.open(made).find(keys[7]) == 7 and not held
    room[0] = 100
    assert build(library, keys, allocator=hook) == (NO_MEMORY, None)
