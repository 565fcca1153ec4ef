"""Spoils files: changes in any part of them, with checksums left or made right again."""

import json
import struct
from typing import Any

import numpy as np

from learnedidx import _core
from tests.format.reader import ENTRY, HEADER

Random = np.random.Generator
Section = tuple[bytes, int, bytes]
LIMITS = (0, 1, 2**16, 2**31, 2**32 - 1, 2**48, 2**52, 2**63, 2**64 - 1)


def crc(data: bytes | bytearray) -> int:
    """Return the checksum of some bytes, by the core: this is no test of it."""
    return int(_core.crc32c(np.frombuffer(bytes(data), np.uint8)))


def entries(blob: bytes | bytearray) -> list[list[Any]]:
    """Return the table: type, required, offset, length, checksum, zeros of each section."""
    count = min(struct.unpack_from("<I", blob, 24)[0], 48, (len(blob) - 128) // 32)
    return [list(ENTRY.unpack_from(blob, 128 + 32 * i)) for i in range(count)]


def parts(blob: bytes) -> dict[str, tuple[int, int]]:
    """Return where header, table, sections and pads lie, by name; so also those of layers."""
    table = entries(blob)
    end = 128 + 32 * len(table)
    found = {"header": (0, 128), "table": (128, end)}
    for number, (kind, _, offset, length, _, _) in enumerate(table):
        name = f"{kind.decode()} {number}"
        found[f"pad {number}"] = (end, offset)
        found[name] = (offset, offset + length)
        end = offset + length
        if kind == b"LAYR":
            inner = parts(blob[offset:end])
            found |= {f"{name} {n}": (a + offset, b + offset) for n, (a, b) in inner.items()}
    return {name: part for name, part in found.items() if part[0] < part[1]}


def signed(blob: bytes | bytearray) -> bytes:
    """Make all checksums right, of layers too; offsets, lengths and contents stay as they are."""
    made = bytearray(blob)
    fields = list(HEADER.unpack_from(made))
    table = entries(made)
    for i, entry in enumerate(table):
        if entry[0] == b"LAYR" and entry[2] >= 128 <= entry[3] <= len(made) - entry[2]:
            part = slice(entry[2], entry[2] + entry[3])
            made[part] = signed(made[part])
        entry[4] = crc(made[entry[2] : entry[2] + entry[3]])
        if entry[0] == b"KEYS":
            fields[16] = entry[4]
        ENTRY.pack_into(made, 128 + 32 * i, *entry)
    fields[4], fields[6] = len(made), 0
    HEADER.pack_into(made, 0, *fields)
    struct.pack_into("<I", made, 28, crc(made[: 128 + 32 * len(table)]))
    return bytes(made)


def flipped(blob: bytes, part: tuple[int, int], random: Random) -> bytes:
    """Change a bit, a byte, a number or all of what follows in one part of a file."""
    made = bytearray(blob)
    start, end = part
    at, how = int(random.integers(start, end)), random.integers(8)
    if how < 3:
        made[at] ^= 1 << int(random.integers(8))
    elif how < 4:
        made[at] = int(random.integers(256))
    elif how < 7:
        word = LIMITS[random.integers(len(LIMITS))] if how < 6 else int(random.integers(2**62))
        at -= (at - start) % 8
        made[at : min(at + 8, end)] = word.to_bytes(8, "little")[: end - at]
    else:
        made[at:end] = random.bytes(end - at)
    return bytes(made)


def sections(blob: bytes) -> list[Section]:
    """Return (type, required, contents) of each section."""
    return [(e[0], e[1], blob[e[2] : e[2] + e[3]]) for e in entries(blob)]


def built(blob: bytes, table: list[Section]) -> bytes:
    """Lay out a file of these sections with the header of another, and sign it."""
    made = bytearray(blob[:128] + bytes(32 * len(table)))
    struct.pack_into("<I", made, 24, len(table))
    for i, (kind, required, contents) in enumerate(table):
        step = 4096 if kind == b"KEYS" else 64
        made += bytes(-len(made) % step)
        ENTRY.pack_into(made, 128 + 32 * i, kind, required, len(made), len(contents), 0, 0)
        made += contents
    return signed(made)


def with_meta(blob: bytes, meta: Any) -> bytes:
    """Replace META by bytes, or by anything that JSON can say."""
    text = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
    return built(blob, [(b"META", 1, text), *sections(blob)[1:]])


def with_header(blob: bytes, at: int, fields: bytes) -> bytes:
    """Set fields of the header from an offset on, and sign."""
    return signed(blob[:at] + fields + blob[at + len(fields) :])
