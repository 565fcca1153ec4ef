"""Rows of several columns as FORMAT.md says: their bytes, and what these stand for."""

import ipaddress
import struct
import uuid
from typing import Any

import numpy as np

from tests.format.reader import KINDS, require, time_dtype

END = b"\0\0"
MAKE: tuple[Any, ...] = (
    bytes.decode,
    bytes,
    lambda raw: uuid.UUID(bytes=raw),
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
)


class RowColumn:
    """One column, as 8 bytes of COLS say."""

    def __init__(self, said: bytes) -> None:
        self.kind, self.meaning, unit, zeros, multiple = struct.unpack("<BBBBI", said)
        require(zeros == 0 and self.kind < len(KINDS) + len(MAKE), "COLS")
        self.is_string = self.kind >= len(KINDS)
        require(not self.is_string or not (self.meaning or unit or multiple), "COLS")
        self.dtype = np.dtype(KINDS[0 if self.is_string else self.kind])
        self.width = 0 if self.is_string else self.dtype.itemsize
        self.top = 1 << (8 * self.width) >> 1
        if self.meaning >= 2:
            self.dtype = time_dtype(self.meaning, unit, multiple)

    def bytes_of(self, item: Any) -> bytes:
        """Return what a row has of an item."""
        if self.is_string:
            raw = item.encode() if isinstance(item, str) else item
            raw = raw if isinstance(raw, bytes) else getattr(raw, "bytes", None) or raw.packed
            return b"".join(ESCAPED.get(byte, bytes([byte])) for byte in raw) + END
        bits = int(np.array(item, self.dtype).view(f"<u{self.width}"))
        if item != item:
            bits = 2 * self.top - 1
        elif self.dtype.kind == "f":
            bits = 2 * self.top - bits if bits & self.top else bits | self.top
        elif self.dtype.kind in "imM":
            bits = (bits ^ self.top) - (self.meaning >= 2)
        return bits.to_bytes(self.width, "big")

    def read(self, raw: bytes) -> tuple[Any, bytes]:
        """Return the item that some bytes begin with, and the others."""
        if self.is_string:
            return self._read_string(raw)
        bits, rest = int.from_bytes(raw[: self.width], "big"), raw[self.width :]
        require(len(raw) >= self.width and (self.meaning != 1 or bits < 2), "a number of a row")
        if self.dtype.kind == "f" and bits < 2 * self.top - 1:
            bits = bits ^ self.top if bits & self.top else 2 * self.top - bits
        elif self.dtype.kind in "imM":
            bits = (bits + (self.meaning >= 2)) % (2 * self.top) ^ self.top
        item = np.array(bits, f"<u{self.width}").view(self.dtype)[()]
        return (bool(item) if self.meaning == 1 else item), rest

    def _read_string(self, raw: bytes) -> tuple[Any, bytes]:
        found, at = b"", 0
        while raw[at : at + 2] != END:
            step = 2 if raw[at] in (0, 0xFE) else 1
            part = raw[at : at + step]
            require(part[0] != 0xFF and (step == 1 or part in UNESCAPED), "a string of a row")
            found, at = found + UNESCAPED.get(part, part), at + step
            require(len(raw) >= at + 2, "the end of a string of a row")
        return MAKE[self.kind - len(KINDS)](found), raw[at + 2 :]


ESCAPED = {0: b"\0\xff", 0xFE: b"\xfe\xfe", 0xFF: b"\xfe\xff"}
UNESCAPED = {pair: bytes([byte]) for byte, pair in ESCAPED.items()}


def columns_in(said: bytes) -> list[RowColumn]:
    """Return the columns of COLS."""
    require(len(said) % 8 == 0 and 1 <= len(said) // 8 <= 64, "COLS")
    return [RowColumn(said[at : at + 8]) for at in range(0, len(said), 8)]


def bytes_of(columns: list[RowColumn], row: tuple[Any, ...]) -> bytes:
    """Return the string of a row, or of its beginning."""
    return b"".join(column.bytes_of(item) for column, item in zip(columns, row, strict=False))


def row_of(columns: list[RowColumn], raw: bytes) -> tuple[Any, ...]:
    """Return the row of a string."""
    items = []
    for column in columns:
        item, raw = column.read(raw)
        items.append(item)
    require(not raw, "the end of a row")
    return tuple(items)
