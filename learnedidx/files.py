"""Opening what was saved: paths, file objects, bytes, memory maps; pickles and copies."""

from __future__ import annotations

import copy
import errno
import io
import mmap as memory_maps
import os
import stat
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx.index import LearnedIndex
from learnedidx.keys import Array, Keys, as_array, as_keys, read_only
from learnedidx.models import BTree, DirectTable
from learnedidx.models.choose import core_of
from learnedidx.saving import is_without_keys, joined, save
from learnedidx.stored import FormatError, Stored, plan

if TYPE_CHECKING:
    from _typeshed import SupportsRead

__all__ = ["FormatError", "open"]

PIECE = 1 << 24  # bytes that are read in one go, between two looks at Ctrl-C
ALIGNMENT = 4096
OWN = frozenset(LearnedIndex.__annotations__)  # attributes that the index itself has
REBUILT = (BTree, DirectTable)  # from their keys in no time; a tree also finds their cache lines


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
    index = LearnedIndex.__new__(kind)
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
    """Return what pickle keeps: how to make the index again, and what a subclass added to it."""
    return *_how_to_make(index), index.__getstate__()


def _how_to_make(index: LearnedIndex) -> Any:
    """Return a function and its arguments: of a file its path, else keys and the model's bytes."""
    stored = index._stored
    if stored is not None and not index._own_keys:
        if stored.path is not None:
            return _reopened, (type(index), stored.path, stored.fingerprint, stored.mmap)
        if is_without_keys(index):
            return _from_bytes, (type(index), save(index, bytes, False, None))
    model, keys, blob = index._model, index._checked, b""
    if model is not None and not isinstance(model, REBUILT):
        blob = joined(plan(keys, model, index._core_model, False, None).pieces)
    made_by = (None, None) if model is None else (type(model), model.get_params(deep=False))
    beside = index._values, index._growth
    return _from_keys, (type(index), keys.array, blob, *made_by, *beside)


def attributes(index: LearnedIndex) -> Any:
    """Return what a subclass added, as object.__getstate__ does: in __dict__ and in __slots__."""
    state = object.__getstate__(index)
    state, slots = state if isinstance(state, tuple) else (state, {})
    added = {name: item for name, item in (state or {}).items() if name not in OWN}
    return (added, slots) if slots else added or None


def copied(index: LearnedIndex) -> LearnedIndex:
    """Return another index over the same keys and the same model."""
    return _with_attributes(_twin(index), index.__getstate__())


def copied_deep(index: LearnedIndex, memo: dict[int, Any]) -> LearnedIndex:
    """Return an index over keys of its own; what lies in a file is shared: nobody writes it."""
    if index._stored is not None and not index._own_keys:
        other = _twin(index)
    else:
        other = _fitted(type(index), as_keys(np.array(index.keys)), index._model)
        other._values, other._growth = index._values, index._growth
    memo[id(index)] = other  # what a subclass added may lead back to the index
    return _with_attributes(other, copy.deepcopy(index.__getstate__(), memo))


def _twin(index: LearnedIndex) -> LearnedIndex:
    other = LearnedIndex.__new__(type(index))
    other._bind(index._checked, index._model, index._core_model, index._stored)
    other._own_keys, other._values, other._growth = index._own_keys, index._values, index._growth
    return other


def _with_attributes(index: LearnedIndex, state: Any) -> LearnedIndex:
    """Give an index what its twin had, in the way of pickle."""
    if state is None:
        return index
    if hasattr(index, "__setstate__"):
        index.__setstate__(state)
        return index
    added, slots = state if isinstance(state, tuple) else (state, {})
    index.__dict__.update(added or {})
    for name, item in slots.items():
        setattr(index, name, item)
    return index


def _fitted(kind: type[LearnedIndex], checked: Keys, model: Any) -> LearnedIndex:
    """Return an index of that class without asking its constructor."""
    index = LearnedIndex.__new__(kind)
    made = None if model is None else model._for_index(checked)
    index._bind(checked, made, core_of(made))
    return index


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
    kind: type[LearnedIndex],
    keys: Array,
    blob: bytes,
    model: Any,
    params: Any,
    values: Array | None,
    growth: Any,
) -> LearnedIndex:
    """Rebuild an index over keys that are checked; what the model says of them is hints."""
    checked = as_keys(keys)
    if model is None or issubclass(model, REBUILT):
        index = _fitted(kind, checked, None if model is None else model(**params))
    else:
        stored = Stored(_aligned(blob), "pickle")
        stored.require_keys(checked.array)
        index = LearnedIndex.__new__(kind)
        index._bind(checked, *stored.model(checked, model(**params)))
    index._values = None if values is None else read_only(values)
    index._growth = growth
    return index
