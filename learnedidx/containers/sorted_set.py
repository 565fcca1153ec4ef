"""SortedSet: a set that is always sorted. Scalar verbs are in the core (SortedSetBase)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, MutableSet, Sequence, Set
from functools import partial
from itertools import chain
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from learnedidx._core import SortedListBase, SortedSetBase
from learnedidx.containers import codes, objects, values, views
from learnedidx.containers.algebra import combine, is_within, replace

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")


class SortedSet(SortedSetBase[T], values.ListOrSet):
    """A set of values in ascending order: the interface of ``sortedcontainers.SortedSet``.

    Numbers of one type, int of 64 bits or float, live in the leaves of a counted B+-tree; so does
    text, all of it str or all bytes, with a set beside it that answers ``in``. The first insertion
    of anything else moves the container, once, to sortedcontainers, and warns (see SortedList).
    Values are hashable, and equal to others as in a set.

    Parameters
    ----------
    iterable : iterable or 1-D array, optional
        Values in any order.
    key : callable, optional
        Sorts by what it returns; the set then holds objects.

    Examples
    --------
    >>> import learnedidx as lx
    >>> primes = lx.SortedSet([7, 2, 3, 3, 5])
    >>> primes, primes[0], primes & {3, 4, 5}
    (SortedSet([2, 3, 5, 7]), 2, SortedSet([3, 5]))
    """

    __slots__ = ("__weakref__",)

    def __init__(
        self, iterable: Iterable[T] | None = None, key: Callable[[T], Any] | None = None
    ) -> None:
        if key is not None:
            self._become(objects.sortedcontainers().SortedSet(key=key))
        elif len(self) or self.kind == "object":
            self._become(None)
        if iterable is not None:
            self._update(iterable)

    @property
    def key(self) -> Callable[[T], Any] | None:
        """The function that values are sorted by, or None."""
        return None if self._objects is None else self._objects.key

    def __getattr__(self, name: str) -> Any:
        return values.keyed(self, name)

    def update(self, *iterables: Iterable[T]) -> Self:
        """Add all values of iterables or 1-D arrays and return the set. O(k log n), or O(n + k).

        If one of them cannot be added, none is.

        >>> import learnedidx as lx
        >>> lx.SortedSet([2]).update([3, 1], {1})
        SortedSet([1, 2, 3])
        """
        warned = False
        if len(iterables) == 1:
            only = iterables[0]
            if isinstance(only, SortedListBase | SortedSetBase):
                warned = only.kind == "object"
                only = only.to_numpy() if only.kind in codes.NUMBERS else only
            if isinstance(only, np.ndarray):
                values.take_array(self, only)
                return self
        items: list[T] = objects.AlreadyWarned() if warned else []
        items.extend(chain(*iterables))
        if not self._take_list(items):
            self._update_objects(items)
        return self

    _update = __ior__ = update

    def _find_other(self, value: Any, right: bool) -> int:
        return values.find_hashed(self, value)

    def _update_objects(self, items: list[Any]) -> None:
        """Add values of which some are objects, or to a container of objects: all or none."""
        objects.refuse_nan(items)
        new = list(dict.fromkeys(value for value in items if value not in self))
        held = self._objects
        if not new:
            return
        if held is None:
            if not self._take_list(new):
                moved = objects.sortedcontainers().SortedSet(chain(self, new))
                objects.warn_of_move(
                    self,
                    objects.AlreadyWarned(new) if type(items) is objects.AlreadyWarned else new,
                )
                self._become(moved)
        elif 4 * len(new) >= len(held):
            self._become(type(held)(chain(held, new), key=held.key))
        else:
            add = partial(objects.add_to_both, held, put=held._set.add)
            objects.add_each(held, sorted(new, key=held.key), add, held._set.discard)
            self._become(held)

    def _discard_object(self, value: Any) -> None:
        if value in self._objects:
            self._remove_object(value)

    def _remove_object(self, value: Any) -> None:
        held = self._objects
        if value not in held:
            raise KeyError(value)
        objects.take_from_both(held, value, held._set.remove)
        self._become(self._objects)

    def _like(self, items: Any) -> Self:
        """Make a set of the same class and key, without warning again that it holds objects."""
        warned = self.kind == "object" and not isinstance(items, np.ndarray)
        return type(self)(objects.AlreadyWarned(items) if warned else items, key=self.key)

    def copy(self) -> Self:
        """Return a copy. O(n)."""
        return type(self)(self, key=self.key)

    __copy__ = copy

    def difference(self, *iterables: Iterable[Any]) -> Self:
        """Return a set of the values that are in none of the iterables."""
        return self._like(combine(self, "difference", iterables))

    __sub__ = difference

    def intersection(self, *iterables: Iterable[Any]) -> Self:
        """Return a set of the values that are in each of the iterables too."""
        return self._like(combine(self, "intersection", iterables))

    __and__ = __rand__ = intersection

    def symmetric_difference(self, other: Iterable[T]) -> Self:
        """Return a set of the values that are in exactly one of the two."""
        return self._like(combine(self, "symmetric_difference", (other,)))

    __xor__ = __rxor__ = symmetric_difference

    def union(self, *iterables: Iterable[T]) -> Self:
        """Return a set of all values of this one and of the iterables."""
        return self._like(combine(self, "union", iterables))

    __or__ = __ror__ = union

    def __rsub__(self, other: Any) -> Self:
        if not isinstance(other, Iterable):
            return NotImplemented
        return self._like([value for value in other if value not in self])

    def difference_update(self, *iterables: Iterable[Any]) -> Self:
        """Remove all values of the iterables and return the set."""
        replace(self, combine(self, "difference", iterables))
        return self

    __isub__ = difference_update

    def intersection_update(self, *iterables: Iterable[Any]) -> Self:
        """Keep the values that are in each of the iterables too, and return the set."""
        replace(self, combine(self, "intersection", iterables))
        return self

    __iand__ = intersection_update

    def symmetric_difference_update(self, other: Iterable[T]) -> Self:
        """Keep the values that are in exactly one of the two, and return the set."""
        replace(self, combine(self, "symmetric_difference", (other,)))
        return self

    __ixor__ = symmetric_difference_update

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Return whether no value of an iterable is held."""
        return not any(value in self for value in other)

    def issubset(self, other: Iterable[Any]) -> bool:
        """Return whether every value is in an iterable."""
        return is_within(self, other if isinstance(other, Set) else set(other))

    def issuperset(self, other: Iterable[Any]) -> bool:
        """Return whether every value of an iterable is held."""
        return is_within(other, self)

    def _compare(self, other: Any, compare: Callable[[int, int], bool]) -> Any:
        """Compare as sets: the sizes say which can be within the other."""
        if not isinstance(other, Set):
            return NotImplemented
        unequal = compare is operator.ne
        if compare in (operator.eq, operator.ne):
            return (len(self) == len(other) and is_within(self, other)) != unequal
        if not compare(len(self), len(other)):
            return False
        small, large = (self, other) if compare in (operator.lt, operator.le) else (other, self)
        return is_within(small, large)

    def __reduce__(self) -> tuple[Any, ...]:
        plain = type(self) is SortedSet and self.kind in codes.NUMBERS
        return values.packed(self) if plain else (type(self), (list(self), self.key))

    @recursive_repr()
    def __repr__(self) -> str:
        key = "" if self.key is None else f", key={self.key!r}"
        return f"{type(self).__name__}({list(self)!r}{key})"


MutableSet.register(SortedSet)
Sequence.register(SortedSet)
views.set_of = SortedSet
