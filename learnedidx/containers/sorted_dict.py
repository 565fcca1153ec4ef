"""SortedDict: a dict that is always sorted. Scalar verbs are in the core (SortedDictBase)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import partial
from itertools import chain
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from learnedidx._core import SortedDictBase
from learnedidx.containers import codes, objects, values
from learnedidx.containers.views import SortedItemsView, SortedKeysView, SortedValuesView

if TYPE_CHECKING:
    from typing import Self

    from _typeshed import SupportsKeysAndGetItem

K = TypeVar("K")
V = TypeVar("V")
_MISSING = object()


class SortedDict(SortedDictBase[K, V]):
    """A dict in ascending order of its keys: the interface of ``sortedcontainers.SortedDict``.

    Keys that are numbers of one type, int of 64 bits or float, live with references to their
    values in the leaves of a counted B+-tree: 16 bytes and a little each, every single operation
    O(log n). Keys that are text, all of them str or all bytes, are in order there, and in a dict
    beside it, which answers ``d[key]`` and ``in``. The first key of anything else moves the
    container, once, to sortedcontainers, and warns (see SortedList). It is a MutableMapping, but no
    subclass of dict.

    Parameters
    ----------
    key : callable or None, optional
        First and by position: sorts by what it returns. The dict then holds objects.
    *args, **kwargs
        As those of dict.

    Examples
    --------
    >>> import learnedidx as lx
    >>> names = lx.SortedDict({3: "c", 1: "a"})
    >>> names[2] = "b"
    >>> names, names.peekitem(0), names.keys()[1:], list(names.irange(2))
    (SortedDict({1: 'a', 2: 'b', 3: 'c'}), (1, 'a'), [2, 3], [2, 3])
    """

    __slots__ = ("__weakref__",)

    @overload
    def __init__(self, /) -> None: ...
    @overload
    def __init__(self, mapping: SupportsKeysAndGetItem[K, V], /) -> None: ...
    @overload
    def __init__(self, pairs: Iterable[tuple[K, V]], /) -> None: ...
    @overload
    def __init__(self: SortedDict[str, V], /, **kwargs: V) -> None: ...
    @overload
    def __init__(self, key: Callable[[K], Any] | None, /, *args: Any, **kwargs: V) -> None: ...
    @overload
    def __init__(self, /, *args: Any, **kwargs: Any) -> None: ...
    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if len(self) or self.kind == "object":
            self._become(None)
        if args and (args[0] is None or callable(args[0])):
            if args[0] is not None:
                self._become(objects.sortedcontainers().SortedDict(args[0]))
            args = args[1:]
        if args or kwargs:
            self._update(*args, **kwargs)

    @property
    def key(self) -> Callable[[K], Any] | None:
        """The function that keys are sorted by, or None."""
        return None if self._objects is None else self._objects.key

    @property
    def iloc(self) -> SortedKeysView[K]:
        """The keys by index. Deprecated: use keys()."""
        warnings.warn(
            "sorted_dict.iloc is deprecated. Use SortedDict.keys() instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.keys()

    def __getattr__(self, name: str) -> Any:
        return values.keyed(self, name)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set items from a mapping, from pairs or from keywords: all, or none if one is refused.

        O(k log n), or O(n + k) if they are many.

        >>> import learnedidx as lx
        >>> names = lx.SortedDict({1: "a"})
        >>> names.update([(2, "b"), (1, "A")])
        >>> names
        SortedDict({1: 'A', 2: 'b'})
        """
        warned = len(args) == 1 and isinstance(args[0], SortedDict) and args[0].kind == "object"
        only = args[0] if len(args) == 1 and not kwargs else None
        if isinstance(only, SortedDict):
            only = dict(only.items())
        pairs = only if type(only) is dict else dict(*args, **kwargs)
        if not self._take_pairs(pairs):
            self._update_objects(pairs, warned)

    _update = update
    _rank_other = values.bisect_keys
    _irange_of_objects = values.range_of_objects
    _array_of_objects = values.array_of_objects

    def _find_other(self, key: Any, right: bool) -> int:
        return values.find_hashed(self, key)

    def contains(self, keys: Any) -> Any:
        """Return whether keys are held: a bool, or for an array a bool array of its shape."""
        return values.contains(self, keys)

    def _get_other(self, key: Any, default: Any) -> Any:
        if isinstance(key, np.ndarray):
            return self._get_array(key, default)
        if self._objects is not None:
            return self._objects.get(key, default)
        at = self._find_other(key, False)
        return default if at < 0 else self._pick(at, "values")

    def _get_array(self, keys: NDArray[Any], default: Any) -> list[Any]:
        codes.refuse_masked(keys, "key")
        if self.kind not in codes.NUMBERS or not codes.are_numbers(keys):
            return [self.get(key, default) for key in keys.reshape(-1).tolist()]
        asked = codes.query_codes(keys, self.kind == "float", "key")
        return self._values_of_codes(asked.codes, asked.exact, default)

    def _set_other(self, key: Any, value: Any) -> None:
        if isinstance(key, np.float16):
            self[float(key)] = value  # type: ignore[index]
        else:
            self._update_objects({key: value})

    def _update_objects(self, pairs: dict[Any, Any], warned: bool = False) -> None:
        """Set items of which some keys are objects, or in a container of objects: all or none."""
        objects.refuse_nan(pairs)
        new = [key for key in pairs if key not in self]
        held = self._objects
        if held is None:
            self._move(pairs, objects.AlreadyWarned(new) if warned else new)
        elif 10 * len(new) > len(held):
            self._become(type(held)(held.key, chain(held.items(), pairs.items())))
        else:
            self._put_each(held, pairs, new)
            self._become(held)

    @staticmethod
    def _put_each(held: Any, pairs: dict[Any, Any], new: list[Any]) -> None:
        """Set items in a dict of sortedcontainers one by one: all or none."""
        replaced = {key: held[key] for key in pairs if key in held}  # released last of all
        put, take_out = partial(dict.__setitem__, held), partial(dict.__delitem__, held)

        def add(key: Any) -> None:
            objects.add_to_both(held, key, put, pairs[key])

        def replace() -> None:
            try:
                dict.update(held, {key: pairs[key] for key in replaced})
            except BaseException:
                dict.update(held, replaced)
                raise

        objects.add_each(held, new, add, take_out, replace)

    def _move(self, pairs: dict[Any, Any], new: list[Any]) -> None:
        fresh: SortedDictBase[Any, Any] = SortedDictBase()
        numbers = dict.fromkeys(new)
        if fresh._take_pairs(numbers) and (not numbers or not len(self) or fresh.kind == self.kind):
            # others equal numbers that are there
            plain = [key if key in numbers else self._held(key) for key in pairs]
            if self._take_pairs(dict(zip(plain, pairs.values(), strict=True))):
                return
        moved = objects.sortedcontainers().SortedDict(self.items())
        moved.update(pairs)
        objects.warn_of_move(self, new)
        self._become(moved)

    def _held(self, key: Any) -> Any:
        """Return the number that equals a key and is held, else the key."""
        at = self._find_other(key, False)
        return key if at < 0 else self._pick(at, "keys")

    def _set_object(self, key: Any, value: Any) -> None:
        objects.refuse_nan((key,))
        held, put = self._objects, partial(dict.__setitem__, self._objects)
        if key in held:
            put(key, value)
        else:
            objects.add_to_both(held, key, put, value)
            self._become(self._objects)

    def _delete_object(self, key: Any) -> None:
        self._pop_object(key)

    def _pop_object(self, key: Any, *default: Any, **named: Any) -> Any:
        held = self._objects
        if key not in held:
            return dict.pop({}, key, *default, *named.values())
        value = objects.take_from_both(held, key, partial(dict.pop, held))
        self._become(self._objects)
        return value

    def _clear_objects(self) -> None:
        self._become(type(self._objects)(self._objects.key))

    def _popitem_object(self, index: Any = -1) -> Any:
        held = self._objects
        if not held:
            return held.popitem()  # raises
        key = held._list[index]
        value = objects.take_at(held, index, partial(dict.pop, held))
        self._become(held)
        return key, value

    def _setdefault_object(self, key: Any, default: Any) -> Any:
        value = self._objects.get(key, _MISSING)
        if value is _MISSING:
            self._set_object(key, default)
        return default if value is _MISSING else value

    def keys(self) -> SortedKeysView[K]:
        """Return a view of the keys, which can be indexed."""
        return SortedKeysView(self)

    def items(self) -> SortedItemsView[K, V]:
        """Return a view of the items, which can be indexed."""
        return SortedItemsView(self)

    def values(self) -> SortedValuesView[V]:
        """Return a view of the values in the order of their keys, which can be indexed."""
        return SortedValuesView(self)

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], value: Any = None) -> Self:
        """Return a dict of the keys of an iterable, all with one value.

        >>> import learnedidx as lx
        >>> lx.SortedDict.fromkeys([2, 1], "?")
        SortedDict({1: '?', 2: '?'})
        """
        return cls((key, value) for key in iterable)

    def copy(self) -> Self:
        """Return a copy that refers to the same values. O(n)."""
        return type(self)(self.key, self)

    __copy__ = copy

    def __or__(self, other: Mapping[Any, Any]) -> Self:
        if not isinstance(other, Mapping):
            return NotImplemented
        both = self.copy()
        both._update(other)
        return both

    def __ror__(self, other: Mapping[Any, Any]) -> Self:
        if not isinstance(other, Mapping):
            return NotImplemented
        return type(self)(self.key, chain(other.items(), self.items()))

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
        self._update(other)
        return self

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, Mapping):
            return NotImplemented
        return len(self) == len(other) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.key, dict(self.items()))

    def _reset(self, load: int) -> None:
        """Do nothing: sortedcontainers sets its load factor here, and leaves need none."""

    @recursive_repr()
    def __repr__(self) -> str:
        key = "" if self.key is None else f"{self.key!r}, "
        items = ", ".join(f"{key!r}: {value!r}" for key, value in self.items())
        return f"{type(self).__name__}({key}{{{items}}})"


SortedDict._declare_plain()
MutableMapping.register(SortedDict)
