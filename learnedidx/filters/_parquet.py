"""Bloom filters as Parquet files hold them: a header in Thrift's compact protocol, and the bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32  # bytes
BEGIN = b"\x15"  # field 1 is an i32: the bytes of the bits
KINDS = b"\x1c\x1c\x00\x00" * 3 + b"\x00"  # split blocks, XXH64, not compressed, and the end
HEADER = 64  # bytes before the bits of a filter of ours
INSTANTS = ("M8[ms]", "M8[us]", "M8[ns]")  # units that Parquet has
MOST_BYTES = 2**31 - BLOCK


def require_hashed(dtype: np.dtype[Any]) -> None:
    """Refuse a dtype whose values no column of Parquet hashes as they are hashed here.

    Bool and float16 are no INT32 or FLOAT there, dates no INT64, and instants have three units.
    """
    name = dtype.str[1:]
    if name not in INSTANTS and name.startswith(("b1", "f2", "M8")):
        raise TypeError(
            f"dtype: no column of Parquet is hashed as {dtype}; dates are 'i4', in days since "
            "1970, instants 'M8[ms]', 'M8[us]' or 'M8[ns]'"
        )


def header_of(nbytes: int) -> bytes:
    """Return the header before so many bytes."""
    if nbytes > MOST_BYTES:
        raise ValueError(f"filter: has {nbytes} bytes; Parquet takes {MOST_BYTES} at most")
    rest, varint = 2 * nbytes, bytearray()
    while rest > 127:
        varint.append(rest & 127 | 128)
        rest >>= 7
    return BEGIN + bytes((*varint, rest)) + KINDS


def words_of(data: Any) -> NDArray[np.uint8]:
    """Return the words of a point filter with the bits in data, a header and what lies behind it.

    Raises ValueError for other filters.
    """
    view = memoryview(data).cast("B")
    nbytes, at = 0, 1
    while at < min(view.nbytes, 6):
        nbytes |= (view[at] & 127) << 7 * (at - 1)
        at += 1
        if view[at - 1] < 128:
            break
    nbytes //= 2
    whole = view.nbytes == at + len(KINDS) + nbytes and bytes(view[:1]) == BEGIN
    if not whole or bytes(view[at : at + len(KINDS)]) != KINDS or nbytes < BLOCK or nbytes % BLOCK:
        raise ValueError(
            "data: is no split-block Bloom filter of Parquet, header and bits; pass the bytes of "
            "the file from bloom_filter_offset on, bloom_filter_length of them"
        )
    words = np.zeros(HEADER + nbytes, np.uint8)
    bits = words[HEADER:]
    bits[:] = np.frombuffer(view[at + len(KINDS) :], np.uint8)
    words[:24].view(np.uint64)[:] = 16, _keys(bits), nbytes // BLOCK
    return words


def _keys(bits: NDArray[np.uint8]) -> int:
    """Return about how many keys set so many bits."""
    share = int(np.bitwise_count(bits).sum()) / (8 * bits.size)
    each = math.log(max(1 - share, 1e-9)) / math.log(31 / 32)
    return math.ceil(each * bits.size / BLOCK)
