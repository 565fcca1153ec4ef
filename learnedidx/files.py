"""Saving an index and opening it: paths, file objects, bytes, memory maps, pickles."""

from __future__ import annotations

import contextlib
import errno
import io
import mmap as memory_maps
import os
import stat
import tempfile
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx.index import LearnedIndex
from learnedidx.keys import Array, Keys, as_array, as_keys
from learnedidx.models import BTree, DirectTable
from learnedidx.stored import FormatError, Stored, as_values, plan

if TYPE_CHECKING:
    from _typeshed import SupportsRead

__all__ = ["FormatError", "open"]

PIECE = 1 << 24  # bytes that are written in one go, between two looks at Ctrl-C
ALIGNMENT = 4096
REBUILT = (BTree, DirectTable)  # from their keys in no time; a tree also finds their cache lines


def save(index: LearnedIndex, path: Any, keys: bool, values: Any) -> bytes | None:
    """Write an index; see LearnedIndex.save."""
    values = index.values if values is None else as_values(values, len(index))
    pieces = _pieces(index, keys, values)
    if path is bytes:
        return b"".join(piece.tobytes() for piece in pieces)
    if hasattr(path, "write"):
        _write(path.write, pieces)
        return None
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(
            "path: must be a path, a file object opened for writing bytes, or the type bytes, "
            f"got {type(path).__name__}"
        )
    _replace(os.path.realpath(os.fsdecode(path)), pieces)
    return None


def _pieces(index: LearnedIndex, keys: bool, values: Array | None) -> list[Any]:
    stored = index._stored
    if stored is not None and _is_without_keys(index):
        if keys:
            raise ValueError(
                "keys: this index was opened without its keys and cannot save them; "
                "pass keys=False, or open it with lx.open(path, keys=keys)"
            )
        return [stored.file.raw]
    made = plan(index._checked, index._model, index._core_model, keys, values)
    return made.pieces


def _is_without_keys(index: LearnedIndex) -> bool:
    """Tell whether this is a model that was opened without its keys."""
    return index._checked.array.size != len(index)


def _write(write: Callable[[Any], Any], pieces: list[Any]) -> None:
    for piece in pieces:
        for start in range(0, piece.size, PIECE):
            part = memoryview(piece[start : start + PIECE])
            while part.nbytes:
                written = write(part)
                if not isinstance(written, int):  # what buffers may not say
                    break
                if written <= 0 and part.nbytes:
                    raise OSError(errno.EIO, "the file object takes no more bytes")
                part = part[written:]


def _replace(path: str, pieces: list[Any]) -> None:
    """Write beside the old file, make it last, then put it in the old one's place."""
    folder, name = os.path.split(path)
    mode = _mode_for(path)
    handle, beside = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".tmp", dir=folder)
    try:
        with io.FileIO(handle, "wb") as file:
            if hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            _write(file.write, pieces)
            os.fsync(handle)
        os.replace(beside, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        if isinstance(error, OSError):
            text = f"{error.strerror or error}; nothing was saved and what was there before stays"
            raise type(error)(error.errno, text, path) from None
        raise
    _sync_folder(folder)


def _mode_for(path: str) -> int:
    """Return the permissions of the file that is there, or those of a new one."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    if not stat.S_ISREG(found.st_mode):
        what = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise OSError(errno.EINVAL, f"is {what}; name a file to save to", path)
    return stat.S_IMODE(found.st_mode)


def _sync_folder(folder: str) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open(
    path: str | os.PathLike[str] | SupportsRead[bytes] | bytes | bytearray | memoryview | Array,
    keys: Any = None,
    verify: str = "header",
    mmap: bool = True,
) -> LearnedIndex:
    """Open an index that was saved, without reading more of it than a few pages.

    Parameters
    ----------
    path : str, os.PathLike, bytes-like or file object
        A path, the bytes of a file, or an object to read them from.
        Bytes that are borrowed must not change.
    keys : array_like, optional
        The keys that the index was made over, if the file does not hold them; they are borrowed.
        They must have its fingerprint: dtype, length, first and last key and 1,024 sampled ones;
        with verify="full" all of them.
    verify : {"header", "full"}
        "header" checks header, table of sections and description of the model, which makes any file
        safe to use: damaged arrays cost time, not answers. "full" reads all of it: the checksum
        of every section, and the order of the keys.
    mmap : bool
        Map the file, so that its pages are read when they are needed and shared by all
        processes that map it; False reads it into memory. A file that another process truncates
        while it is mapped ends this one with SIGBUS, which no check can prevent: read such files.

    Returns
    -------
    LearnedIndex
        Without keys, neither in the file nor given, it answers ``bounds`` only.

    Raises
    ------
    FormatError
        No whole .lidx file of this version, or one of other keys: the message says what is wrong.
    OSError
        The file cannot be read.

    Notes
    -----
    O(1) time and memory, whatever the number of keys, for a path that is mapped.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> blob = lx.LearnedIndex(np.arange(0, 3000, 3), "rmi").save(bytes)
    >>> index = lx.open(blob)
    >>> index.searchsorted(300), len(index)
    (100, 1000)
    >>> lx.open(blob, keys=np.arange(1000))
    Traceback (most recent call last):
    learnedidx.FormatError: bytes: was made over other keys: keys has the last key 999, the \
file says another; pass the keys that it was saved with, or build a new index over these
    """
    if verify not in ("header", "full"):
        raise ValueError(f"verify: must be 'header' or 'full', got {verify!r}")
    if not isinstance(mmap, (bool, np.bool_)):
        raise TypeError(f"mmap: must be True or False, got {mmap!r}")
    stored = _stored(path, bool(mmap))
    return over(LearnedIndex, stored, keys, verify == "full")


def over(
    kind: type[LearnedIndex],
    stored: Stored,
    keys: Any = None,
    full: bool = False,
    given: str = "keys has",
) -> LearnedIndex:
    """Return an index of that class over the given keys, those in the file, or none."""
    array = stored.keys()
    if stored.header["n"] == 0:
        array = np.empty(0, stored.dtype)
    if keys is not None:
        array = as_array(keys)
        stored.require_keys(array, given)
    if full:
        _verify_all(stored, array)
    checked = None if array is None else Keys(array, stored.header["numbers"], None)
    model, core = stored.model(checked)
    index = kind.__new__(kind)
    index._bind(checked or Keys(np.empty(0, stored.dtype), 0, None), model, core, stored)
    index._values = stored.values()
    index._own_keys = keys is not None
    return index


def _verify_all(stored: Stored, array: Array | None) -> None:
    stored.verified(array)
    if array is None:
        return
    try:
        numbers = as_keys(array).numbers
    except ValueError as error:
        raise FormatError(f"{stored.name}: {error}") from None
    if numbers != stored.header["numbers"]:
        raise FormatError(f"{stored.name}: is damaged: it counts {numbers} numbers otherwise")


def _stored(path: Any, mmap: bool) -> Stored:
    if isinstance(path, (str, os.PathLike)):
        return _of_path(os.path.abspath(os.fsdecode(path)), mmap)
    if hasattr(path, "read"):
        name = f"file object {getattr(path, 'name', '') or type(path).__name__}"
        try:
            data = path.read()
        except ValueError as error:
            raise FormatError(f"{name}: cannot be read ({error}); pass one that is open") from None
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"path: {name} gives {type(data).__name__}; open it in binary mode")
        if not data:
            raise FormatError(f"{name}: is empty or at its end; rewind it with seek(0)")
        return Stored(_aligned(data), name)
    try:
        data = memoryview(path).cast("B")
    except TypeError:
        raise TypeError(
            f"path: must be a path, bytes or a file object, got {type(path).__name__}"
        ) from None
    return Stored(_aligned(data), type(path).__name__)


def _aligned(data: Any) -> Any:
    """Return the bytes themselves if they begin at a multiple of 8, else a copy that does."""
    array = np.frombuffer(data, np.uint8)
    if array.ctypes.data % 8 == 0:
        return data
    return _copied(array.size, lambda target: np.copyto(target, array))


def _copied(size: int, fill: Callable[[Array], Any]) -> Array:
    """Return memory of that size that begins at a page, filled."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    fill(memory[start : start + size])
    return memory[start : start + size]


def _of_path(path: str, mmap: bool) -> Stored:
    # A FIFO is not waited for.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "is a directory; name a .lidx file", path)
        if not stat.S_ISREG(found.st_mode):
            raise FormatError(f"{path}: is no regular file; save the index to one, or pass bytes")
        if found.st_size == 0:
            raise FormatError(f"{path}: is empty; save the index again")
        if mmap:
            buffer: Any = memory_maps.mmap(handle, 0, access=memory_maps.ACCESS_READ)
        else:
            buffer = _copied(found.st_size, lambda target: _read_all(handle, target, path))
    finally:
        os.close(handle)
    return Stored(buffer, path, path, mmap)


def _read_all(handle: int, target: Array, path: str) -> None:
    at = 0
    with io.FileIO(handle, closefd=False) as file:
        while at < target.size:
            count = file.readinto(memoryview(target[at : at + PIECE]))
            if not count:
                raise FormatError(f"{path}: was truncated while it was read; save the index again")
            at += count


# Files that pickles reopened: one map for all of them, as long as an index uses it.
_reopened_files: weakref.WeakValueDictionary[tuple[Any, ...], Stored] = (
    weakref.WeakValueDictionary()
)


def reduce(index: LearnedIndex) -> Any:
    """Return what pickle keeps: path and fingerprint of a file, or keys and the model's bytes."""
    stored = index._stored
    if stored is not None and not index._own_keys:
        if stored.path is not None:
            return _reopened, (type(index), stored.path, stored.fingerprint, stored.mmap)
        if _is_without_keys(index):
            return _from_bytes, (type(index), save(index, bytes, False, None))
    model, keys = index._model, index._checked.array
    if model is None:
        return _from_keys, (type(index), keys, b"", None, None)
    blob = b"" if isinstance(model, REBUILT) else save(index, bytes, False, None)
    return _from_keys, (type(index), keys, blob, type(model), model.get_params(deep=False))


def _reopened(kind: type[LearnedIndex], path: str, fingerprint: Any, mmap: bool) -> LearnedIndex:
    name = (path, tuple(fingerprint), mmap)
    stored = _reopened_files.get(name)
    if stored is None:
        stored = _of_path(path, mmap)
        if stored.fingerprint != tuple(fingerprint):
            raise FormatError(
                f"{path}: is not the file that was pickled: its fingerprint differs; "
                "pickle the index again"
            )
        _reopened_files[name] = stored
    return over(kind, stored)


def _from_bytes(kind: type[LearnedIndex], blob: bytes) -> LearnedIndex:
    return over(kind, Stored(_aligned(blob), "pickle"))


def _from_keys(
    kind: type[LearnedIndex], keys: Array, blob: bytes, model: Any, params: Any
) -> LearnedIndex:
    """Rebuild an index over keys that are checked; what the model says of them is hints."""
    checked = as_keys(keys)
    if model is None or issubclass(model, REBUILT):
        return kind(checked.array, "none" if model is None else model(**params))
    stored = Stored(_aligned(blob), "pickle")
    stored.require_keys(checked.array)
    index = kind.__new__(kind)
    index._bind(checked, *stored.model(checked, model(**params)))
    return index
