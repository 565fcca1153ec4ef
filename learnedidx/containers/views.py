"""Views of a SortedDict: its keys, items and values as sequences that follow its changes."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


set_of: Callable[[Iterable[Any]], Any] = set  # what set algebra gives: SortedSet sets itself


class _View(Generic[T]):
    """What is the same of all three: ``_part`` names what a view shows of the items."""

    __slots__ = ()
    _mapping: Any
    _part: str

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return set_of(it)

    def __iter__(self) -> Iterator[T]:
        return self._mapping._iterate(self._part, False)  # type: ignore[no-any-return]

    def __reversed__(self) -> Iterator[T]:
        return self._mapping._iterate(self._part, True)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return self._mapping._pick(index, self._part)

    def __delitem__(self, index: Any) -> None:
        """Erase the items at an index or a slice."""
        mapping = self._mapping
        if mapping.kind == "object":
            keys = mapping._objects.keys()[index]
            keys = keys if isinstance(index, slice) else [keys]
            erased = [mapping._pop_object(key) for key in keys]  # released last of all
            del erased
        else:
            mapping._erase(index)


class SortedKeysView(_View[K], KeysView[K], Sequence[K]):
    """The keys of a SortedDict in order: a set and a sequence.

    >>> import learnedidx as lx
    >>> keys = lx.SortedDict({3: "c", 1: "a"}).keys()
    >>> keys[0], keys[-1:], 3 in keys, keys.index(3)
    (1, [3], True, 1)
    """

    __slots__ = ()
    _part = "keys"

    def index(self, value: Any, start: int | None = None, stop: int | None = None) -> int:
        """Return the index of a key; ValueError if it is not there. O(log n)."""
        return self._mapping.index(value, start, stop)  # type: ignore[no-any-return]

    def count(self, value: Any) -> int:
        """Return 1 if the key is there, else 0. O(log n)."""
        return int(value in self._mapping)


class SortedItemsView(_View[tuple[K, V]], ItemsView[K, V], Sequence[tuple[K, V]]):  # type: ignore[misc]
    """The items of a SortedDict in the order of their keys: a set and a sequence.

    >>> import learnedidx as lx
    >>> items = lx.SortedDict({3: "c", 1: "a"}).items()
    >>> items[0], (3, "c") in items
    ((1, 'a'), True)
    """

    __slots__ = ()
    _part = "items"


class SortedValuesView(_View[V], ValuesView[V], Sequence[V]):
    """The values of a SortedDict in the order of their keys: a sequence.

    >>> import learnedidx as lx
    >>> values = lx.SortedDict({3: "c", 1: "a"}).values()
    >>> values[0], values[:], "c" in values
    ('a', ['a', 'c'], True)
    """

    __slots__ = ()
    _part = "values"
