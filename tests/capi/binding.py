"""The C library as ctypes sees it: statuses, structures, and an open view."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = {"u4": "u32", "u8": "u64", "i4": "i32", "i8": "i64", "f4": "f32", "f8": "f64"}
CTYPES: dict[str, Any] = {
    "u4": ctypes.c_uint32,
    "u8": ctypes.c_uint64,
    "i4": ctypes.c_int32,
    "i8": ctypes.c_int64,
    "f4": ctypes.c_float,
    "f8": ctypes.c_double,
}
OK, TRUNCATED, DAMAGED, UNSORTED, BAD_FILTER, NO_FILTER = 0, 2, 14, 15, 16, 17
NULL_ARGUMENT, NOT_OPEN, WRONG_KIND, UNSUPPORTED, NO_KEYS, OTHER_KEYS = range(32, 38)
UNVERIFIED, UNSORTED_KEYS, BAD_OPTION, NO_MEMORY, OVERLAP = range(38, 43)
MISALIGNED, NOT_FOUND, NAN_KEY, STALE, FULL, WRONG_FILTER = range(43, 49)
NO_MODEL, RMI, BTREE, SPLINE, PGM = range(5)
AUTO = 6


class Options(ctypes.Structure):
    _fields_ = (
        ("struct_bytes", ctypes.c_size_t),
        ("model", ctypes.c_int),
        ("with_keys", ctypes.c_int),
        ("epsilon", ctypes.c_uint64),
        ("radix_bits", ctypes.c_uint32),
        ("node", ctypes.c_uint32),
        ("leaves", ctypes.c_uint64),
    )


ALLOCATE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Allocator(ctypes.Structure):
    _fields_ = (("allocate", ALLOCATE), ("release", RELEASE), ("context", ctypes.c_void_p))


class View:
    """A lidx_view, and the bytes and keys that it reads."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.c, self.words, self.held = library, (ctypes.c_uint64 * 128)(), []  # type: ignore[var-annotated]

    def open(self, blob: Any, offset: int = 0) -> int:
        memory = np.empty(len(blob) + 8, np.uint8)[offset : offset + len(blob)]
        memory[:] = np.frombuffer(blob, np.uint8)
        self.held.append(memory)
        return int(self.c.lidx_open(self.words, pointer(memory), ctypes.c_size_t(len(blob))))

    def open_with(self, blob: bytes, keys: NDArray[Any], kind: int) -> int:
        memory = np.frombuffer(blob, np.uint8).copy()
        self.held += [memory, keys]
        sizes = ctypes.c_size_t(len(blob)), ctypes.c_size_t(keys.size)
        where = pointer(memory), sizes[0], pointer(keys), sizes[1], ctypes.c_int(kind)
        return int(self.c.lidx_open_with_keys(self.words, *where))

    def verify(self, full: bool) -> int:
        return int(self.c.lidx_verify(self.words, int(full)))

    def one(self, verb: str, q: Any, kind: str, outputs: int = 1) -> tuple[int, ...]:
        found = [ctypes.c_int64(-1) for _ in range(outputs)]
        call = getattr(self.c, f"lidx_{verb}_{NAMES[kind]}")
        status = call(self.words, CTYPES[kind](q), *map(ctypes.byref, found))
        return (int(status), *(number.value for number in found))

    def many(self, queries: NDArray[Any], kind: str) -> NDArray[np.int64]:
        out = np.empty((2, queries.size), np.int64)
        for row, verb in zip(out, ("lower", "upper"), strict=True):
            call = getattr(self.c, f"lidx_{verb}_bounds_{NAMES[kind]}")
            count = ctypes.c_size_t(queries.size)
            assert call(self.words, pointer(queries), count, pointer(row)) == OK
        return out.reshape(-1)


def pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
