"""SortedList: a list that is always sorted. Scalar verbs are in the core (SortedListBase)."""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from itertools import chain
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from learnedidx._core import SortedListBase
from learnedidx.containers import codes, objects, values

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")


class SortedList(SortedListBase[T], values.ListOrSet):
    """A list of values in ascending order: the interface of ``sortedcontainers.SortedList``.

    Numbers of one type, int of 64 bits or float, live in the leaves of a counted B+-tree: 8 bytes
    and a little each, every single operation O(log n). Text, all of it str or all bytes, stands
    there as references to the objects beside codes of 8 bytes. The first insertion of anything else
    moves the container, once, to sortedcontainers, and warns; ``kind`` says what is held. Lookups
    never move it and are exact across types. Arrays and NumPy scalars give int and float items.

    NaN is refused. Changing a list while iterating over it raises RuntimeError.

    Parameters
    ----------
    iterable : iterable or 1-D array, optional
        Values in any order. An array of numbers is taken without making objects.
    key : callable, optional
        Makes it a SortedKeyList.

    Raises
    ------
    ValueError
        There is a NaN among the values, or an array is not 1-D.
    TypeError
        Values cannot be compared, or an array has no int or float items.
    ImportError
        Objects are to be held and sortedcontainers is missing.

    Examples
    --------
    >>> import learnedidx as lx
    >>> numbers = lx.SortedList([5, 1, 3])
    >>> numbers.add(4)
    >>> numbers, numbers[1], 4.0 in numbers, numbers.bisect_left(4)
    (SortedList([1, 3, 4, 5]), 3, True, 2)
    >>> numbers.kind
    'int'
    """

    __slots__ = ("__weakref__",)

    def __new__(cls, iterable: Any = None, key: Any = None) -> Any:
        """Make a list, or with a key function a SortedKeyList."""
        if key is None:
            return super().__new__(cls)
        if cls is not SortedList:
            raise TypeError("inherit SortedKeyList for key argument")
        return super().__new__(with_key)

    def __init__(
        self, iterable: Iterable[T] | None = None, key: Callable[[T], Any] | None = None
    ) -> None:
        if len(self) or self.kind == "object":
            self._become(None)
        if iterable is not None:
            self._update(iterable)

    @property
    def key(self) -> Callable[[T], Any] | None:
        """The function that values are sorted by: None, they are compared themselves."""
        return None

    def update(self, iterable: Iterable[T]) -> None:
        """Add all values of an iterable or a 1-D array. O(k log n), or O(n + k) if they are many.

        If one of them cannot be added, none is.

        >>> import numpy as np, learnedidx as lx
        >>> numbers = lx.SortedList([2])
        >>> numbers.update(np.array([3, 1]))
        >>> numbers
        SortedList([1, 2, 3])
        """
        if isinstance(iterable, SortedListBase) and iterable.kind in codes.NUMBERS:
            iterable = iterable.to_numpy()
        if isinstance(iterable, np.ndarray):
            values.take_array(self, iterable)
            return
        warned = isinstance(iterable, SortedListBase) and iterable.kind == "object"
        items: list[T] = iterable if type(iterable) is list else list(iterable)
        if not self._take_list(items):
            self._update_objects(objects.AlreadyWarned(items) if warned else items)

    _update = update

    def _find_other(self, value: Any, right: bool) -> int:
        value = values.plain(value)
        at = bisect_left(self, value)
        return at if at < len(self) and self[at] == value else -1

    def _add_other(self, value: Any) -> None:
        if isinstance(value, np.ndarray) and len(self) and self.kind != "object":
            self.index(value)  # says what takes arrays
        super()._add_other(value)

    def _update_objects(self, items: list[Any]) -> None:
        """Add values of which some are objects, or to a container of objects: all or none."""
        objects.refuse_nan(items)
        held = self._objects
        if not items:
            return
        if held is None:
            moved = objects.list_class("SortedList")(chain(self, items))
            objects.warn_of_move(self, items)
            self._become(moved)
        elif 4 * len(items) >= len(held):
            self._become(type(held)(chain(held, items), key=held.key))
        else:
            objects.add_each(held, sorted(items, key=held.key), held.add)
            self._become(held)

    def _discard_object(self, value: Any) -> None:
        self._objects.discard(value)
        self._become(self._objects)

    def _remove_object(self, value: Any) -> None:
        self._objects.remove(value)
        self._become(self._objects)

    def _warned(self, items: list[Any]) -> list[Any]:
        return objects.AlreadyWarned(items) if self.kind == "object" else items

    def _like(self, items: list[Any]) -> Self:
        """Make a list of the same class, without warning again that it holds objects."""
        return type(self)(self._warned(items))

    def copy(self) -> Self:
        """Return a copy. O(n)."""
        return type(self)(self)

    __copy__ = copy

    def append(self, value: T) -> None:
        """Raise NotImplementedError: a sorted list decides itself where a value goes."""
        raise NotImplementedError("use ``sl.add(value)`` instead")

    def extend(self, values: Iterable[T]) -> None:
        """Raise NotImplementedError: use update."""
        raise NotImplementedError("use ``sl.update(values)`` instead")

    def insert(self, index: int, value: T) -> None:
        """Raise NotImplementedError: use add."""
        raise NotImplementedError("use ``sl.add(value)`` instead")

    def reverse(self) -> None:
        """Raise NotImplementedError: use reversed()."""
        raise NotImplementedError("use ``reversed(sl)`` instead")

    def __add__(self, other: Iterable[T]) -> Self:
        items = list(self)
        items.extend(other)
        return self._like(items)

    __radd__ = __add__

    def __iadd__(self, other: Iterable[T]) -> Self:
        self._update(other)
        return self

    def __mul__(self, num: int) -> Self:
        return self._like(list(self) * num)

    __rmul__ = __mul__

    def __imul__(self, num: int) -> Self:
        if num > 0:
            self._update(list(self) * (num - 1))
        else:
            list(self) * num  # a TypeError as that of lists
            self.clear()
        return self

    def _compare(self, other: Any, compare: Callable[[Any, Any], bool]) -> Any:
        if not isinstance(other, Sequence):
            return NotImplemented
        if compare in (operator.eq, operator.ne):
            if len(self) != len(other):
                return compare is operator.ne
            if isinstance(other, SortedListBase) and self.kind == other.kind in codes.NUMBERS:
                return compare(np.array_equal(self.to_numpy(), other.to_numpy()), True)
        for mine, theirs in zip(self, other, strict=False):
            if mine != theirs:
                return compare(mine, theirs)
        return compare(len(self), len(other))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = type(self) is SortedList and self.kind in codes.NUMBERS
        return values.packed(self) if plain else (type(self), (list(self),))

    @recursive_repr()
    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


MutableSequence.register(SortedList)


with_key: type[SortedList[Any]] = SortedList  # what a key makes: SortedKeyList sets itself
