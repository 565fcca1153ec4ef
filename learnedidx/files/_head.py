"""The beginning of a .lidx file: where its parts lie, and the file of what bounds need."""

from __future__ import annotations

import struct

import numpy as np

from learnedidx import _core
from learnedidx.files._stored import FormatError

MAGIC = b"\x89LDX\r\n\x1a\n"
HEADER, ENTRY, MAX_SECTIONS = 128, 32, 48  # bytes of a header and of a section in the table
MOST_BYTES = HEADER + ENTRY * MAX_SECTIONS  # of header and table
BEHIND_BOUNDS = (b"CORR", b"KEYS", b"PLAC", b"RUNS", b"VALS", b"FLTR")
CORRECTIONS = slice(44, 48)  # in MODL of a PGM and of a RadixSpline: is there CORR?
ALIGNMENT, INSTANTS = 64, 4

Section = tuple[bytes, int, int]  # type, offset, bytes


def sections_in(head: bytes, file_bytes: int, name: str) -> list[Section]:
    """Return the sections of a file of so many bytes, by the first MOST_BYTES of them or more.

    They lie inside the file. What else a header may lie about is found when the file is opened.
    """
    if head[:8] != MAGIC or len(head) < HEADER:
        raise FormatError(f"{name}: is no .lidx file")
    count, length = int.from_bytes(head[24:28], "little"), int.from_bytes(head[16:24], "little")
    end = HEADER + ENTRY * count
    if count > MAX_SECTIONS or end > len(head) or _checksum(head[:end]) != head[28:32]:
        raise FormatError(f"{name}: is damaged: the checksum of its header differs")
    if length != file_bytes:
        raise FormatError(f"{name}: is damaged: it has {file_bytes} bytes, it says {length}")
    found = [struct.unpack_from("<4s4xQQ", head, at) for at in range(HEADER, end, ENTRY)]
    if any(offset + size > length for _, offset, size in found):
        raise FormatError(f"{name}: is damaged: a section ends behind the file")
    return found


def for_bounds(sections: list[Section]) -> list[Section]:
    """Return the sections that a PGM or a RadixSpline needs for its bounds: the first ones."""
    kinds = [kind for kind, _, _ in sections]
    others = (i for i, kind in enumerate(kinds) if kind in BEHIND_BOUNDS)
    return sections[: next(others, len(kinds))]


def bounds_alone(head: bytes, sections: list[Section], name: str) -> bytes:
    """Return the file of a PGM or RadixSpline without corrections, which serve lookups, and keys.

    `head` ends behind `sections`, those for bounds. What is wrong with them is wrong with the file
    that is returned, too.
    """
    start = -(-(HEADER + ENTRY * len(sections)) // ALIGNMENT) * ALIGNMENT
    table, body = b"", b""
    for i, (kind, offset, size) in enumerate(sections):
        entry = head[HEADER + ENTRY * i : HEADER + ENTRY * (i + 1)]
        part, checksum = head[offset : offset + size], entry[24:28]
        if kind == b"MODL":
            if _crc(part) != checksum:
                raise FormatError(f"{name}: is damaged: the checksum of MODL differs")
            part = part[: CORRECTIONS.start] + bytes(4) + part[CORRECTIONS.stop :]
            checksum = _crc(part)
        body += bytes(-len(body) % ALIGNMENT)
        table += (
            entry[:8] + struct.pack("<Q", start + len(body)) + entry[16:24] + checksum + entry[28:]
        )
        body += part
    minor = 1 if head[33] == INSTANTS else 0  # without a filter
    first = head[:10] + struct.pack(
        "<H4sQI4x", minor, head[12:16], start + len(body), len(sections)
    )
    whole = first + head[32:HEADER] + table
    return (whole[:28] + _checksum(whole) + whole[32:]).ljust(start, b"\0") + body


def _checksum(table: bytes) -> bytes:
    """Return the checksum of a header and its table, as it stands in the header."""
    return _crc(table[:28] + bytes(4) + table[32:])


def _crc(data: bytes) -> bytes:
    return struct.pack("<I", _core.crc32c(np.frombuffer(data, np.uint8)))
