"""Saving an index: the bytes of a file, written to a path, a file object or memory."""

from __future__ import annotations

import contextlib
import errno
import io
import operator
import os
import stat
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx.files._strings import plan_of
from learnedidx.files._values import as_values

if TYPE_CHECKING:
    from learnedidx._state import State
    from learnedidx.files._stored import InFile, Parquet

PIECE = 1 << 24  # bytes that are written in one go, between two looks at Ctrl-C
CREATED = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
NAME_PART = 20  # characters of a file's name in that of its temporary one: 255 bytes are the most


def save(
    state: State, path: Any, keys: bool, values: Any, filter: InFile | None = None
) -> bytes | None:
    """Write an index; see LearnedIndex.save."""
    if not isinstance(keys, (bool, np.bool_)):
        raise TypeError(
            f"keys: must be True or False, got {type(keys).__name__}; an index saves the keys that "
            "it was built over, or none"
        )
    return put(_pieces(state, bool(keys), values, filter), path)


def save_beside(state: State, path: Any, parquet: Parquet) -> bytes | None:
    """Write an index with its keys, which a column of Parquet files has; see LearnedIndex.save."""
    return put(plan_of(state, True, None, None, parquet).pieces, path)


def put(pieces: list[Any], path: Any) -> bytes | None:
    """Write the bytes of a file to a path or a file object, or return them."""
    if path is bytes:
        return joined(pieces)
    if isinstance(path, io.TextIOBase):
        raise TypeError("path: this file object takes text; open it in binary mode ('wb')")
    if hasattr(path, "write"):
        _write(path, pieces)
        return None
    if not isinstance(path, (str, os.PathLike)):
        advice = "; for a path of bytes pass os.fsdecode(path)" if isinstance(path, bytes) else ""
        raise TypeError(
            "path: must be a path, a file object opened for writing bytes, or the type bytes, "
            f"got {type(path).__name__}{advice}"
        )
    _replace(os.path.realpath(os.fsdecode(path)), pieces)
    return None


def joined(pieces: list[Any]) -> bytes:
    """Return the bytes of a file as one object."""
    return b"".join(piece.tobytes() for piece in pieces)


def _pieces(state: State, keys: bool, values: Any, filter: InFile | None) -> list[Any]:
    if state.keyless is None:
        given = state.values if values is None else as_values(values, state.n)
        return plan_of(state, keys, given, filter).pieces
    wished = {"keys": keys, "values": values is not None, "filter": filter is not None}
    for name, wanted in wished.items():
        if wanted:
            raise ValueError(
                f"{name}: this index was opened without its keys and cannot save {name}; "
                f"leave out {name}, or open it with lx.open(path, keys=keys)"
            )
    return [state.keyless.file.raw]


def _write(file: Any, pieces: list[Any]) -> None:
    for piece in pieces:
        for start in range(0, piece.size, PIECE):
            part = memoryview(piece[start : start + PIECE])
            while part.nbytes:
                part = part[_taken(file, part) :]


def _taken(file: Any, part: memoryview) -> int:
    """Write some bytes and return how many of them the file object took, at least one."""
    try:
        said = file.write(part)
    except (AttributeError, TypeError) as error:  # of what takes text
        raise TypeError(
            f"path: {type(file).__name__}.write takes no bytes ({error}); open it in binary mode "
            "('wb')"
        ) from error
    if said is None:
        if _would_block(file):
            raise BlockingIOError(
                errno.EAGAIN,
                f"path: {type(file).__name__}.write would block and took nothing, so that the file "
                "is not whole; make it blocking, or write what save(bytes) returns yourself",
            )
        return part.nbytes
    try:
        taken = operator.index(said)
    except TypeError:
        raise TypeError(
            f"path: {type(file).__name__}.write returned {said!r}; it must return the number of "
            "bytes that it took"
        ) from None
    if not 0 < taken <= part.nbytes:
        raise OSError(
            errno.EIO, f"path: {type(file).__name__}.write took {taken} of {part.nbytes} bytes"
        )
    return taken


def _would_block(file: Any) -> bool:
    """Tell whether None from ``write`` means that nothing was taken.

    It does of raw files. Other objects with a ``write`` need not return anything.
    """
    if isinstance(file, io.RawIOBase):
        return True
    try:
        return not os.get_blocking(file.fileno())
    except (AttributeError, OSError, TypeError, ValueError):
        return False


def _replace(path: str, pieces: list[Any]) -> None:
    """Write beside the old file, make it last, then put it in the old one's place."""
    mode = _mode_of(path)
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name[:NAME_PART]}.{os.urandom(8).hex()}.tmp")
    try:
        # The kernel takes the umask away from 0o666. Reading the umask here would change it for all
        # threads of the process.
        handle = os.open(beside, CREATED, 0o666 if mode is None else 0o600)
        with io.FileIO(handle, "wb") as file:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            _write(file, pieces)
            os.fsync(handle)
        os.replace(beside, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        if isinstance(error, OSError):
            text = f"{error.strerror or error}; nothing was saved and what was there before stays"
            raise OSError(error.errno, text, path) from None
        raise
    _sync_folder(folder)


def _mode_of(path: str) -> int | None:
    """Return the permissions of the file that is there; None if there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        what = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise OSError(errno.EINVAL, f"is {what}; name a file to save to", path)
    return stat.S_IMODE(found.st_mode)


def _sync_folder(folder: str) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # who may write in it need not read it, and the file is in its place
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
