"""An index over what a file holds: opened, unpickled, copied."""

from __future__ import annotations

import copy
import errno
import io
import mmap as memory_maps
import os
import stat
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx._formats.keys import Array, Keys, as_array, as_keys, as_strings, read_only
from learnedidx._formats.rows import as_rows
from learnedidx._formats.tables import one_of
from learnedidx._formats.text import column_of
from learnedidx._formats.zones import zone_of
from learnedidx._state import State, index_of, with_attributes
from learnedidx.files._saving import joined, save
from learnedidx.files._stored import FormatError, Stored, plan
from learnedidx.files._strings import layers_in, verify_items
from learnedidx.models import BTree, DirectTable
from learnedidx.models.choose import core_of

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

PIECE = 1 << 24  # bytes that are read in one go, between two looks at Ctrl-C
ALIGNMENT = 4096
OWN = {"_state"}  # attributes that the index itself has
REBUILT = (BTree, DirectTable)  # from their keys in no time; a tree also finds their cache lines


def over(
    kind: type[LearnedIndex],
    stored: Stored,
    keys: Any = None,
    full: bool = False,
    given: str = "keys has",
    aware: bool = False,
) -> LearnedIndex:
    """Return an index of that class over the given keys, those in the file, or none.

    `aware`: the keys are instants, though they have no zone any more.
    """
    array, source = stored.keys(), None
    if stored.header["n"] == 0:
        array = stored.empty()
    if keys is not None:
        array, source, has_zone = _as_stored(keys)
        stored.require_keys(array, given, aware or has_zone)
    if full:
        _verify_all(stored, array)
    if stored.form is not None:
        return index_of(kind, _over_strings(kind, stored, array, source, full, keys is not None))
    numbers, aware = stored.header["numbers"], stored.aware
    checked = None if array is None else Keys(array, numbers, None, aware)
    model, core = stored.model(checked)
    checked = checked or Keys(stored.empty(), 0, None, aware)
    state = State(checked, model, core, stored, keys is not None, stored.values(), source=source)
    return index_of(kind, state)


def _as_stored(keys: Any) -> tuple[Any, Any, bool]:
    """Return given keys as the core reads them; as they are, where that is another form; aware?"""
    keys = one_of(keys, "keys")
    rows = as_rows(keys, None, "keys")
    if rows is not None:
        return *rows, False
    column = column_of(keys)
    if column is not None:
        return column, None if column.copied else keys, False
    aware = zone_of(keys) is not None
    return as_array(keys, zones=True), keys if aware else None, aware


def _over_strings(
    kind: type[LearnedIndex],
    stored: Stored,
    column: Any,
    source: Any = None,
    full: bool = False,
    given: bool = False,
    made: Any = None,
) -> State:
    """Return the parts of an index over strings, the given ones or those in the file."""
    if column is None:
        what = "rows" if stored.header["columns"] else "strings"
        raise FormatError(
            f"{stored.name}: does not hold its {what}, and nothing is answered without them; "
            "open it with lx.open(path, keys=keys)"
        )
    layers = layers_in(stored, column, kind, made)
    for part in layers.parts if full else ():
        part._state.stored.verified(part.keys)
    source = source if given else stored.source()
    checked = Keys(column, column.size, None)
    return State(checked, layers, layers.core, stored, given, stored.values(), None, source)


def _verify_all(stored: Stored, array: Any) -> None:
    stored.verified(array if stored.form is None else None)
    if array is None:
        return
    try:
        numbers = (as_strings(array) or as_keys(array)).numbers
    except ValueError as error:
        raise FormatError(f"{stored.name}: {error}") from None
    if numbers != stored.header["numbers"]:
        raise FormatError(f"{stored.name}: is damaged: it counts {numbers} numbers otherwise")
    if stored.form is not None:  # after their order, since strings that overlap are many bytes
        verify_items(stored)
        stored.require_all_keys(array)


def stored_in(path: Any, mmap: bool) -> Stored:
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
    state = index._state
    stored, keys, model, blob = state.stored, state.checked, state.model, b""
    if stored is not None and not state.own_keys:
        if stored.path is not None:
            return _reopened, (type(index), stored.path, stored.fingerprint, stored.mmap)
        if state.keyless is not None:
            return _from_bytes, (type(index), save(state, bytes, False, None))
    if state.layers is not None:
        return _from_strings, _strings_of(index)
    if model is not None and not isinstance(model, REBUILT):
        blob = joined(plan(keys, model, state.core_model, False, None).pieces)
    made_by = _made_by(model)
    beside = state.values, state.growth
    return _from_keys, (type(index), keys.array, blob, *made_by, *beside, keys.aware)


def _made_by(model: Any) -> tuple[Any, Any]:
    return (None, None) if model is None else (type(model), model.get_params(deep=False))


def _strings_of(index: LearnedIndex) -> tuple[Any, ...]:
    """Return the class, the file and the models of an index over strings."""
    state = index._state
    assert state.layers is not None
    made_by = [_made_by(part.model) for part in state.layers.parts]
    return type(index), save(state, bytes, True, None), made_by, state.growth, state.layers.size


def attributes(index: LearnedIndex) -> Any:
    """Return what a subclass added, as object.__getstate__ does: in __dict__ and in __slots__."""
    state = object.__getstate__(index)
    state, slots = state if isinstance(state, tuple) else (state, {})
    added = {name: item for name, item in (state or {}).items() if name not in OWN}
    return (added, slots) if slots else added or None


def copied(index: LearnedIndex) -> LearnedIndex:
    """Return another index over the same keys and the same model."""
    other = index_of(type(index), replace(index._state))
    return with_attributes(other, index.__getstate__())


def copied_deep(index: LearnedIndex, memo: dict[int, Any]) -> LearnedIndex:
    """Return an index over keys of its own; what lies in a file is shared: nobody writes it."""
    state = index._state
    if not state.own_keys:
        state = replace(state)
    elif state.layers is None:
        source = copy.deepcopy(state.source, memo)
        own = np.array(state.checked.array) if source is None else source
        checked = replace(as_keys(own, zones=True), aware=state.checked.aware)
        state = _fitted(checked, state.model, state.values, state.growth, source)
    elif state.source is not None and state.checked.array.copied:  # rows: nobody writes their bytes
        state = replace(state, source=copy.deepcopy(state.source, memo))
    else:
        state = _from_strings(*_strings_of(index))._state
    other = index_of(type(index), state)
    memo[id(index)] = other  # what a subclass added may lead back to the index
    return with_attributes(other, copy.deepcopy(index.__getstate__(), memo))


def _fitted(
    checked: Keys, model: Any, values: Array | None, growth: Any, source: Any = None
) -> State:
    """Return the parts of an index over these keys, to which the model is fitted anew."""
    made = None if model is None else model._for_index(checked)
    return State(checked, made, core_of(made), values=values, growth=growth, source=source)


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


def _from_strings(
    kind: type[LearnedIndex],
    blob: bytes,
    made_by: list[tuple[Any, Any]],
    growth: Any,
    size: str | None = None,
) -> LearnedIndex:
    """Rebuild an index over strings; what the file says of them is hints."""
    stored = Stored(_aligned(blob), "pickle")
    made = [None if model is None else model(**params) for model, params in made_by]
    column = stored.keys() if stored.header["n"] else stored.empty()
    state = _over_strings(kind, stored, column, made=made)
    if size == "large":
        state.core_model.add_table()
    return index_of(kind, replace(state, growth=growth))


def _from_keys(
    kind: type[LearnedIndex],
    keys: Array,
    blob: bytes,
    model: Any,
    params: Any,
    values: Array | None,
    growth: Any,
    aware: bool = False,
) -> LearnedIndex:
    """Rebuild an index over keys that are checked; what the model says of them is hints."""
    checked = replace(as_keys(keys), aware=aware)
    values = None if values is None else read_only(values)
    if model is None or issubclass(model, REBUILT):
        made = None if model is None else model(**params)
        return index_of(kind, _fitted(checked, made, values, growth))
    stored = Stored(_aligned(blob), "pickle")
    stored.require_keys(checked.array, aware=aware)
    made, core = stored.model(checked, model(**params))
    return index_of(kind, State(checked, made, core, values=values, growth=growth))


for _maker in (_reopened, _from_bytes, _from_keys, _from_strings):
    _maker.__module__ = "learnedidx.files"  # pickles name what is public
