"""A reader of .lidx files, written from FORMAT.md alone: no line of the library is used."""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

HEADER, ENTRY = struct.Struct("<8sHHIQIIBBBBIQQQQII48s"), struct.Struct("<4sIQQII")
MAGIC = bytes.fromhex("894c44580d0a1a0a")
KINDS = ("<u1", "<u2", "<u4", "<u8", "<i1", "<i2", "<i4", "<i8", "<f4", "<f8")
UNITS = ("", "generic", "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")
MODELS = ("none", "rmi", "btree", "radix_spline", "pgm", "direct")


def crc32c(data: bytes) -> int:
    """Return the checksum, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@dataclass
class Section:
    """A line of the table, and where its bytes end."""

    type: str
    required: int
    offset: int
    length: int
    crc: int

    @property
    def end(self) -> int:
        return self.offset + self.length


class Reader:
    """A file: its fields, its arrays, and what its model predicts."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        (magic, self.major, self.minor, order, length, count, self.crc) = HEADER.unpack(data[:128])[
            :7
        ]
        (kind, self.meaning, model, unit, multiple, self.n, self.numbers) = HEADER.unpack(
            data[:128]
        )[7:14]
        (self.first, self.last, self.keys_crc, self.sample_crc, zeros) = HEADER.unpack(data[:128])[
            14:
        ]
        require(magic == MAGIC and self.major == 1 and order == 0x04030201, "header")
        require(length == len(data) and not any(zeros), "length")
        self.table_end = 128 + 32 * count
        signed = data[:28] + bytes(4) + data[32 : self.table_end]
        require(crc32c(signed) == self.crc, "checksum")
        self.model = MODELS[model]
        self.raw = np.dtype(KINDS[kind])
        self.dtype = self._dtype(unit, multiple)
        self.sections = [
            Section(entry[0].decode(), *entry[1:5])
            for entry in ENTRY.iter_unpack(data[128 : self.table_end])
        ]
        self._check_places()
        self.meta = json.loads(self.bytes_of("META"))
        self.at = 0  # the array of the model that comes next

    def _dtype(self, unit: int, multiple: int) -> np.dtype[Any]:
        if self.meaning >= 2:
            letter = "M" if self.meaning == 2 else "m"
            step = "" if UNITS[unit] == "generic" else f"[{multiple}{UNITS[unit]}]"
            return np.dtype(f"<{letter}8{step}")
        return np.dtype(np.bool_) if self.meaning == 1 else self.raw

    def _check_places(self) -> None:
        end = self.table_end
        for section in self.sections:
            step = 4096 if section.type == "KEYS" else 64
            require(section.offset == -(-end // step) * step, f"offset of {section.type}")
            require(not any(self.data[end : section.offset]), f"zeros before {section.type}")
            end = section.end
        require(end == len(self.data), "end")

    def bytes_of(self, kind: str) -> bytes:
        """Return the bytes of the first section of a type; none if there is no such section."""
        found = [s for s in self.sections if s.type == kind]
        return self.data[found[0].offset : found[0].end] if found else b""

    def check_all(self) -> None:
        """Check the checksum of every section, and of all keys."""
        for section in self.sections:
            require(crc32c(self.data[section.offset : section.end]) == section.crc, section.type)
        if self.keys is not None:
            require(crc32c(self.bytes_of("KEYS")) == self.keys_crc, "all keys")
            require(crc32c(self._sample(self.bytes_of("KEYS"))) == self.sample_crc, "sampled keys")

    def _sample(self, keys: bytes) -> bytes:
        size, gaps = self.raw.itemsize, self.n - 1
        at = [gaps // 1023 * i + gaps % 1023 * i // 1023 for i in range(1024 if self.n else 0)]
        return b"".join(keys[i * size : (i + 1) * size] for i in at)

    @property
    def keys(self) -> Array | None:
        has_keys = any(s.type == "KEYS" for s in self.sections)
        return np.frombuffer(self.bytes_of("KEYS"), self.dtype) if has_keys else None

    @property
    def values(self) -> Array | None:
        if "values" not in self.meta:
            return None
        text, shape = self.meta["values"]
        dtype = np.dtype(text)
        if "fields" in self.meta:
            dtype = record(dtype.itemsize, self.meta["fields"])
        return np.frombuffer(self.bytes_of("VALS"), dtype).reshape(self.n, *shape)

    def arrays(self) -> list[tuple[str, bytes]]:
        """Return the arrays of the model in order."""
        inner = [s for s in self.sections if s.type not in ("META", "MODL", "KEYS", "VALS")]
        return [(s.type, self.data[s.offset : s.end]) for s in inner]


def record(size: int, fields: list[Any]) -> Any:
    """Return the dtype of rows with fields."""
    names, offsets, kinds, shapes = zip(*fields, strict=True)
    formats = [
        (kind if isinstance(kind, str) else record(*kind), tuple(shape))
        for kind, shape in zip(kinds, shapes, strict=True)
    ]
    spec: Any = {"names": names, "offsets": offsets, "formats": formats, "itemsize": size}
    return np.dtype(spec)


def require(right: bool, what: str) -> None:
    """Raise ValueError about a part of the file unless it is right."""
    if not right:
        raise ValueError(f"{what}: not as FORMAT.md says")
