"""Views of a SortedDict: its keys, items and values as sequences that follow its changes."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


set_of: Callable[[Iterable[Any]], Any] = set  # what set algebra gives: SortedSet sets itself


class SortedKeysView(KeysView[K], Sequence[K]):
    """The keys of a SortedDict in order: a set and a sequence.

    >>> import learnedidx as lx
    >>> keys = lx.SortedDict({3: "c", 1: "a"}).keys()
    >>> keys[0], keys[-1:], 3 in keys, keys.index(3)
    (1, [3], True, 1)
    """

    __slots__ = ()
    _mapping: Any

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return set_of(it)

    def __iter__(self) -> Iterator[K]:
        return self._mapping._iterate("keys", False)  # type: ignore[no-any-return]

    def __reversed__(self) -> Iterator[K]:
        return self._mapping._iterate("keys", True)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return self._mapping._pick(index, "keys")

    def __delitem__(self, index: Any) -> None:
        _erase(self._mapping, index)

    def index(self, value: Any, start: int | None = None, stop: int | None = None) -> int:
        """Return the index of a key; ValueError if it is not there. O(log n)."""
        return self._mapping.index(value, start, stop)  # type: ignore[no-any-return]

    def count(self, value: Any) -> int:
        """Return 1 if the key is there, else 0. O(log n)."""
        return int(value in self._mapping)


class SortedItemsView(ItemsView[K, V], Sequence[tuple[K, V]]):  # type: ignore[misc]
    """The items of a SortedDict in the order of their keys: a set and a sequence.

    >>> import learnedidx as lx
    >>> items = lx.SortedDict({3: "c", 1: "a"}).items()
    >>> items[0], (3, "c") in items
    ((1, 'a'), True)
    """

    __slots__ = ()
    _mapping: Any

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return set_of(it)

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return self._mapping._iterate("items", False)  # type: ignore[no-any-return]

    def __reversed__(self) -> Iterator[tuple[K, V]]:
        return self._mapping._iterate("items", True)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return self._mapping._pick(index, "items")

    def __delitem__(self, index: Any) -> None:
        _erase(self._mapping, index)


class SortedValuesView(ValuesView[V], Sequence[V]):
    """The values of a SortedDict in the order of their keys: a sequence.

    >>> import learnedidx as lx
    >>> values = lx.SortedDict({3: "c", 1: "a"}).values()
    >>> values[0], values[:], "c" in values
    ('a', ['a', 'c'], True)
    """

    __slots__ = ()
    _mapping: Any

    def __iter__(self) -> Iterator[V]:
        return self._mapping._iterate("values", False)  # type: ignore[no-any-return]

    def __reversed__(self) -> Iterator[V]:
        return self._mapping._iterate("values", True)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return self._mapping._pick(index, "values")

    def __delitem__(self, index: Any) -> None:
        _erase(self._mapping, index)


def _erase(mapping: Any, index: Any) -> None:
    """Erase the items at an index or a slice."""
    if mapping.kind == "object":
        keys = mapping._objects.keys()[index]
        keys = keys if isinstance(index, slice) else [keys]
        erased = [mapping._pop_object(key) for key in keys]  # released last of all
        del erased
    else:
        mapping._erase(index)
