"""SortedKeyList: a list sorted by a key function, held by sortedcontainers behind our type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar

from learnedidx._core import SortedListBase
from learnedidx.containers import objects, sorted_list, values
from learnedidx.containers.sorted_list import SortedList

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")


def identity(value: T) -> T:
    """Return the value itself."""
    return value


class SortedKeyList(SortedList[T]):
    """A list in ascending order of a key function: ``sortedcontainers.SortedKeyList``.

    Values are objects, so the container is always of kind 'object': it needs sortedcontainers and
    has its speed, and the rules of SortedList for iteration and for what raises.

    Parameters
    ----------
    iterable : iterable, optional
        Values in any order.
    key : callable
        Called once for each value that is added; by default the value is its own key.

    Examples
    --------
    >>> import learnedidx as lx
    >>> words = lx.SortedKeyList(["ccc", "a", "bb"], key=len)
    >>> list(words), words.bisect_key_left(2), words.kind
    (['a', 'bb', 'ccc'], 1, 'object')
    """

    __slots__ = ()

    def __new__(cls, iterable: Any = None, key: Any = identity) -> Any:
        """Make an empty list."""
        return SortedListBase.__new__(cls)

    def __init__(
        self, iterable: Iterable[T] | None = None, key: Callable[[T], Any] = identity
    ) -> None:
        items = [] if iterable is None else values.items_of(iterable)
        objects.refuse_nan(items)
        self._become(objects.list_class("SortedKeyList")(items, key=key))

    @property
    def key(self) -> Callable[[T], Any]:
        """The function that values are sorted by."""
        return self._objects.key  # type: ignore[no-any-return]

    def update(self, iterable: Iterable[T]) -> None:
        """Add all values of an iterable: all, or none if a key or a comparison raises.

        >>> import learnedidx as lx
        >>> words = lx.SortedKeyList(["bb"], key=len)
        >>> words.update(["a", "ccc"])
        >>> list(words)
        ['a', 'bb', 'ccc']
        """
        self._update_objects(values.items_of(iterable))

    _update = update

    def _add_other(self, value: Any) -> None:
        objects.refuse_nan((value,))
        self._objects.add(value)
        self._become(self._objects)

    def _update_objects(self, items: list[Any]) -> None:
        objects.refuse_nan(items)
        held = self._objects
        if 4 * len(items) >= len(held):
            self._become(type(held)([*held, *items], key=held.key))
        else:
            objects.add_each(held, sorted(items, key=held.key), held.add)
            self._become(held)

    irange_key = values.irange_key

    def bisect_key_left(self, key: Any) -> int:
        """Return how many keys are below this one."""
        return self._objects.bisect_key_left(key)  # type: ignore[no-any-return]

    def bisect_key_right(self, key: Any) -> int:
        """Return how many keys are not above this one."""
        return self._objects.bisect_key_right(key)  # type: ignore[no-any-return]

    bisect_key = bisect_key_right

    def _like(self, items: list[Any]) -> Self:
        return type(self)(items, key=self.key)

    def copy(self) -> Self:
        """Return a copy. O(n)."""
        return self._like(list(self))

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self), self.key)

    @recursive_repr()
    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r}, key={self.key!r})"


sorted_list.with_key = SortedKeyList
