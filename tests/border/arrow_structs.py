"""Arrow arrays and streams made by hand with ctypes, right or wrong, that count their releases."""

from __future__ import annotations

import ctypes as c
from typing import Any

import numpy as np
from numpy.typing import NDArray

Parts = list[tuple[str, Any]]
RELEASE = c.CFUNCTYPE(None, c.c_void_p)
GET = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p)
SAY = c.CFUNCTYPE(c.c_void_p, c.c_void_p)
NO_MORE = c.create_string_buffer(b"no more")
KEPT: list[Any] = []  # whatever was exported: the core calls back when it pleases


class Schema(c.Structure):
    """ArrowSchema."""

    _fields_ = (
        ("format", c.c_char_p),
        ("name", c.c_char_p),
        ("metadata", c.c_char_p),
        ("flags", c.c_int64),
        ("n_children", c.c_int64),
        ("children", c.c_void_p),
        ("dictionary", c.c_void_p),
        ("release", RELEASE),
        ("private_data", c.c_void_p),
    )


class Array(c.Structure):
    """ArrowArray."""

    _fields_ = (
        ("length", c.c_int64),
        ("null_count", c.c_int64),
        ("offset", c.c_int64),
        ("n_buffers", c.c_int64),
        ("n_children", c.c_int64),
        ("buffers", c.POINTER(c.c_void_p)),
        ("children", c.c_void_p),
        ("dictionary", c.c_void_p),
        ("release", RELEASE),
        ("private_data", c.c_void_p),
    )


class Stream(c.Structure):
    """ArrowArrayStream."""

    _fields_ = (
        ("get_schema", GET),
        ("get_next", GET),
        ("get_last_error", SAY),
        ("release", RELEASE),
        ("private_data", c.c_void_p),
    )


_new = c.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = c.py_object, (c.c_void_p, c.c_char_p, c.c_void_p)
_NAMES = {Schema: b"arrow_schema", Array: b"arrow_array", Stream: b"arrow_array_stream"}


def capsule(struct: Any) -> Any:
    """Return a capsule of a struct, which must outlive it; it releases nothing itself."""
    return _new(c.addressof(struct), _NAMES[type(struct)], None)


class Made:
    """A schema and an array of buffers, whose releases are counted."""

    def __init__(
        self,
        form: str,
        length: int,
        buffers: list[NDArray[Any] | bytes | None],
        entries: Made | None = None,
        **fields: int,
    ) -> None:
        self.released, self.entries = 0, entries
        self.kept = [None if b is None else np.frombuffer(b, np.uint8) for b in buffers]
        pointers = [None if b is None else b.ctypes.data or 8 for b in self.kept]
        self.pointers = (c.c_void_p * max(len(pointers), 1))(*pointers)
        self._release = RELEASE(self._count)
        self._leave = RELEASE(lambda _: None)
        self.schema = Schema(form.encode(), release=self._leave)
        self.array = Array(
            length,
            -1,
            0,
            len(pointers),
            buffers=c.cast(self.pointers, c.POINTER(c.c_void_p)),
            release=self._release,
        )
        if entries is not None:
            self.schema.dictionary = c.addressof(entries.schema)
            self.array.dictionary = c.addressof(entries.array)
        for name, value in fields.items():
            setattr(self.array, name, value)

    def _count(self, at: int) -> None:
        self.released += 1
        Array.from_address(at).release = RELEASE()

    def capsules(self) -> tuple[Any, Any]:
        """Return what __arrow_c_array__ returns."""
        KEPT.append(self)
        return capsule(self.schema), capsule(self.array)


class MadeStream:
    """A stream of arrays of one schema; `error`: the chunk that fails."""

    def __init__(self, chunks: list[Made], form: str = "u", error: int = -1) -> None:
        self.chunks, self.form, self.error, self.at, self.released = chunks, form, error, 0, 0
        self.parts = (
            GET(self._schema),
            GET(self._next),
            SAY(lambda _: c.addressof(NO_MORE)),
            self._end(),
        )
        self.stream = Stream(*self.parts)
        KEPT.extend((self, *chunks))

    def _end(self) -> Any:
        def release(at: int) -> None:
            self.released += 1
            Stream.from_address(at).release = RELEASE()

        return RELEASE(release)

    def _schema(self, _: int, out: int) -> int:
        self._leave = RELEASE(lambda _: None)
        self.schema = Schema(self.form.encode(), release=self._leave)
        c.memmove(out, c.addressof(self.schema), c.sizeof(Schema))
        return 0

    def _next(self, _: int, out: int) -> int:
        if self.at == self.error:
            return 5
        if self.at < len(self.chunks):
            c.memmove(out, c.addressof(self.chunks[self.at].array), c.sizeof(Array))
        else:
            c.memset(out, 0, c.sizeof(Array))
        self.at += 1
        return 0


def offsets(*values: int, wide: bool = False) -> NDArray[Any]:
    """Return offsets as a buffer."""
    return np.array(values, np.int64 if wide else np.int32).view(np.uint8)


def view(size: int, buffer: int = 0, start: int = 0, inside: bytes = b"") -> bytes:
    """Return one view: with what is inside it, or where its bytes lie."""
    if inside or size <= 12:
        return size.to_bytes(4, "little", signed=True) + inside.ljust(12, b"\0")
    numbers = b"".join(part.to_bytes(4, "little", signed=True) for part in (buffer, start))
    return size.to_bytes(4, "little", signed=True) + b"abcd" + numbers
