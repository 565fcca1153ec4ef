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
        self.strings = Strings(self) if self.bytes_of("STRS") else None

    def _dtype(self, unit: int, multiple: int) -> np.dtype[Any]:
        if self.meaning >= 2:
            require(self.meaning < 4 or self.minor >= 1, "minor version")
            return time_dtype(self.meaning, unit, multiple)
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
        if self.strings is not None:
            self.strings.check_all()
        elif self.keys is not None:
            require(crc32c(self.bytes_of("KEYS")) == self.keys_crc, "all keys")
            require(crc32c(self._sample(self.bytes_of("KEYS"))) == self.sample_crc, "sampled keys")

    def _sample(self, keys: bytes) -> bytes:
        size = self.raw.itemsize
        return b"".join(keys[i * size : (i + 1) * size] for i in self.sampled)

    @property
    def sampled(self) -> list[int]:
        """The positions of sampled keys."""
        gaps = self.n - 1
        return [gaps // 1023 * i + gaps % 1023 * i // 1023 for i in range(1024 if self.n else 0)]

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
        others = ("META", "MODL", "KEYS", "VALS", "PLAC", "RUNS", "FLTR")
        inner = [s for s in self.sections if s.type not in others]
        return [(s.type, self.data[s.offset : s.end]) for s in inner]


class Strings:
    """The strings of a file, if it holds them, and their layers."""

    def __init__(self, reader: Reader) -> None:
        self.reader, n = reader, reader.n
        said = struct.unpack("<BBBBI", reader.bytes_of("STRS"))
        self.form, self.layout, self.spacing_bits, zeros, self.width = said
        header = (reader.raw.kind, reader.raw.itemsize, reader.meaning, reader.model)
        require(header == ("u", 1, 0, "none") and reader.numbers == n, "header")
        require(zeros == reader.first == reader.last == 0 and reader.minor >= 1, "header")
        require((self.form == 5) == bool(reader.bytes_of("COLS")), "COLS")
        kinds = [s.type for s in reader.sections]
        self.items = self._items() if "DATA" in kinds else None
        layers = [s for s in reader.sections if s.type == "LAYR"]
        self.layers = [Layer(reader.data[s.offset : s.end]) for s in layers]
        require(bool(self.layers) == bool(n), "layers")

    def _items(self) -> list[bytes]:
        data, n, width = self.reader.bytes_of("DATA"), self.reader.n, self.width
        if self.layout:
            items = [data[i * width : (i + 1) * width] for i in range(n)]
            return [item.rstrip(b"\0") for item in items] if self.layout == 2 else items
        at = np.frombuffer(self.reader.bytes_of("OFFS"), "<u8").tolist()
        require(len(at) == n + 1 and at == sorted(at) and at[0] == 0 and at[n] == len(data), "OFFS")
        return [data[at[i] : at[i + 1]] for i in range(n)]

    def check_all(self) -> None:
        """Check the checksums of the strings, and the layers."""
        for layer in self.layers:
            layer.file.check_all()
        if self.items is None:
            return
        require(self.items == sorted(self.items), "order")
        counted = [struct.pack("<Q", len(item)) + item for item in self.items]
        require(crc32c(b"".join(counted)) == self.reader.keys_crc, "all strings")
        sample = b"".join(counted[i] for i in self.reader.sampled)
        require(crc32c(sample) == self.reader.sample_crc, "sampled strings")

    def find(self, q: bytes) -> int:
        """Return the number of strings below q, by the layers and few looks at strings."""
        assert self.items is not None
        step = 1 << self.spacing_bits
        end = self._among(self.items[::step], q) * step
        start: int = max(end - step, 0)
        return start + sum(item < q for item in self.items[start:end])

    def _among(self, separators: list[bytes], q: bytes) -> int:
        """Return the number of separators below q."""
        segment = 0
        for number, layer in enumerate(self.layers):
            begin, end, first, last, depth, _, before = layer.runs[segment]
            shared = separators[begin][:depth]
            require(all(s[:depth] == shared for s in separators[begin:end]), "depth")
            require(before == int.from_bytes(shared[-8:], "big"), "before")
            if q[:depth] != shared:
                return int(begin if q[:depth] < shared else end)
            entry = layer.entry(q, segment, depth)
            at = first + int(np.searchsorted(layer.column[first:last], np.uint64(entry)))
            if at == last or layer.column[at] != entry:
                return self.begin_of(number, segment, at)
            if layer.places is None or layer.places[at] < 2**31:
                start = self.begin_of(number, segment, at)
                return start + sum(s < q for s in separators[start:end])
            segment = int(layer.places[at]) - 2**31
        raise ValueError("the last layer leads deeper")

    def begin_of(self, number: int, segment: int, at: int) -> int:
        """Return the first string of the run of an entry; of the last the end of the segment."""
        layer = self.layers[number]
        begin, end, first, last = layer.runs[segment][:4]
        if at == last:
            return int(end)
        if layer.places is None:
            return int(begin + at - first)
        place = int(layer.places[at])
        return place if place < 2**31 else int(self.layers[number + 1].runs[place - 2**31][0])


def time_dtype(meaning: int, unit: int, multiple: int) -> np.dtype[Any]:
    """Return the dtype of times, with a zone or none, or of lengths of time, in some unit."""
    step = "" if UNITS[unit] == "generic" else f"[{multiple}{UNITS[unit]}]"
    return np.dtype(f"<{'m' if meaning == 3 else 'M'}8{step}")


class Layer:
    """A file in the file: a column, and the segments of strings that its entries are of."""

    def __init__(self, data: bytes) -> None:
        self.file = Reader(data)
        column: Any = self.file.keys
        require(column is not None and self.file.raw == np.uint64 and self.file.minor == 1, "LAYR")
        self.column = column
        places = self.file.bytes_of("PLAC")
        self.places = np.frombuffer(places, "<u4") if places else None
        require(not places or len(places) == 4 * self.column.size, "PLAC")
        self.runs = list(struct.iter_unpack("<IIIIIIQ", self.file.bytes_of("RUNS")))

    def entry(self, q: bytes, segment: int, depth: int) -> int:
        """Return what is searched in the column."""
        x = int.from_bytes(q[depth : depth + 8].ljust(8, b"\0"), "big")
        bits = (len(self.runs) - 1).bit_length()
        return segment << (64 - bits) | x >> bits if bits else x


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
