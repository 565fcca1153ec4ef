"""What no code stands for: containers of sortedcontainers, behind our types.

sortedcontainers is imported when it is first needed. Its changes are made so that a comparison or a
key function that raises leaves everything as it was.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOATS = (float, np.floating)
_PACKAGE = str(Path(__file__).resolve().parent)


class AlreadyWarned(list[Any]):
    """Values of a container whose move to sortedcontainers has warned before."""


def sortedcontainers() -> ModuleType:
    """Import sortedcontainers; ImportError says what it is needed for."""
    try:
        import sortedcontainers as module
    except ImportError as error:
        raise ImportError(
            "sorted containers of anything but int (of 64 bits), float, str or bytes hold their "
            "values in sortedcontainers, which is missing: pip install 'learnedidx[containers]'"
        ) from error
    return module  # type: ignore[no-any-return]


@cache
def list_class(name: str) -> Any:
    """Return SortedList or SortedKeyList of sortedcontainers, made safe against finalizers.

    A value that is removed is released when the list is whole again: a finalizer may come back.
    """
    base = getattr(sortedcontainers(), name)
    keyed = name == "SortedKeyList"

    class Whole(base):  # type: ignore[misc, valid-type]
        def _delete(self, pos: int, idx: int) -> None:
            removed = self._lists[pos][idx], self._keys[pos][idx] if keyed else None
            base._delete(self, pos, idx)
            del removed

    return Whole


class PerformanceWarning(UserWarning):
    """Something works, but much slower than it could: a container moved to sortedcontainers.

    It is shown once a process. A move that a filter ignores is not counted, so a later one is still
    told. The filter "always" shows each move, and "error" raises for each:

    >>> import warnings, learnedidx as lx
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", lx.PerformanceWarning)
    ...     lx.SortedList([1]).add(0.5)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    PerformanceWarning: SortedList moves to sortedcontainers
    """


has_warned = False  # that a container moved: Python showed the warning, in this process


def warn_of_move(container: object, values: Iterable[object]) -> None:
    """Warn that a container moves to sortedcontainers because of one of these values."""
    global has_warned
    if has_warned or isinstance(values, AlreadyWarned):
        return
    kinds = sorted({_describe(value) for value in values})
    message = (
        f"{type(container).__name__} moves to sortedcontainers, several times slower, to hold "
        f"{' and '.join(kinds[:3])}; only int of 64 bits alone, float alone (but not -0.0), str "
        "alone or bytes alone stay typed; `kind` says what a container holds, and this is said "
        "once a process"
    )
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    shown: dict[Any, Any] = {}  # as a module's __warningregistry__: nothing that was ignored
    where = frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__") or "<string>"
    warnings.warn_explicit(message, PerformanceWarning, *where, shown)
    has_warned = bool(shown.keys() - {"version"})


def _describe(value: object) -> str:
    if type(value) is int:
        return "int" if -(2**63) <= value < 2**63 else "int beyond 64 bits"
    return (
        "-0.0"
        if type(value) is float and value == 0 and str(value)[0] == "-"
        else type(value).__name__
    )


def refuse_nan(values: Iterable[object]) -> None:
    """Raise if there is a NaN among values."""
    for value in values:
        if isinstance(value, _FLOATS) and value != value:
            raise ValueError(
                "value or key: NaN is neither below nor above other numbers, so it has no place in "
                "a sorted container; leave it out"
            )


def array_of(values: Iterable[object]) -> NDArray[np.object_]:
    """Return values as a 1-D array of objects."""
    items = list(values)
    array = np.empty(len(items), np.object_)
    for i, item in enumerate(items):
        array[i] = item
    return array


def add_each(
    objects: Any,
    values: list[Any],
    add: Callable[[Any], object],
    take_out: Callable[[Any], object] = lambda value: None,
    then: Callable[[], object] = lambda: None,
) -> None:
    """Add values one by one, then call `then`; if that or a comparison raises, take them out again.

    They go to a list, and by `add` also to a set or a dict beside it, which `take_out` undoes.
    """
    added: list[Any] = []
    try:
        for value in values:
            add(value)
            added.append(value)
        then()
    except BaseException:
        take_back(getattr(objects, "_list", objects), added)
        for value in added:
            take_out(value)
        raise


def add_to_both(objects: Any, value: Any, put: Callable[..., object], *args: Any) -> None:
    """Add a value to the list of a set or dict and put it into its hash table: both, or none."""
    objects._list.add(value)
    try:
        put(value, *args)
    except BaseException:  # __eq__ raised
        take_back(objects._list, [value])
        raise


def take_from_both(objects: Any, value: Any, take: Callable[[Any], Any]) -> Any:
    """Take a value out of the list of a set or dict and of its hash table: of both, or of none."""
    return take_at(objects, objects._list.index(value), take)


def take_at(objects: Any, index: Any, take: Callable[[Any], Any]) -> Any:
    """Take what stands at an index out of the list of a set or dict and of its hash table."""
    held = objects._list[index]  # released last of all: a finalizer may come back
    taken = take(held)
    del objects._list[index]  # compares nothing
    return taken


def take_back(objects: Any, added: list[Any]) -> None:
    """Take values out of a list of sortedcontainers, by identity: nothing is compared."""
    left: dict[int, int] = {}
    for value in added:
        left[id(value)] = left.get(id(value), 0) + 1
    for number, values in enumerate(objects._lists):
        gone = set()
        for at in range(len(values) - 1, -1, -1):  # equal ones go in behind
            if left.get(id(values[at]), 0):
                left[id(values[at])] -= 1
                gone.add(at)
        for name in ("_lists", "_keys"):
            if gone and hasattr(objects, name):
                part = getattr(objects, name)[number]
                part[:] = [value for at, value in enumerate(part) if at not in gone]
    _restore_borders(objects)


def _restore_borders(objects: Any) -> None:
    keys = getattr(objects, "_keys", None)
    if keys is not None:
        keys[:] = [part for part in keys if part]
    objects._lists[:] = [part for part in objects._lists if part]
    objects._maxes[:] = [part[-1] for part in (objects._lists if keys is None else keys)]
    objects._len = sum(map(len, objects._lists))
    objects._index[:] = []


def erase(objects: Any, index: Any) -> Any:
    """Delete an index or a slice of a list or set; return the container that is left."""
    if not isinstance(index, slice) or 8 * len(range(*index.indices(len(objects)))) < len(objects):
        del objects[index]
        return objects
    rest = list(objects)
    del rest[index]
    return type(objects)(rest, key=objects.key)


# Types of which no instance equals a number, unless a subclass says so.
_NO_NUMBERS = frozenset({str, bytes, tuple, frozenset, type(None), type})


def is_no_number(value: Hashable) -> bool:
    """Return whether a value of this type never equals a number."""
    return type(value) in _NO_NUMBERS or type(value).__eq__ is object.__eq__
