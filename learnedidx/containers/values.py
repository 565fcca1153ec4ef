"""What the containers have in common: arrays, and values that no code stands for."""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._core import SortedListBase, SortedSetBase
from learnedidx.containers import codes, objects

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

_KEYED = frozenset({"bisect_key_left", "bisect_key_right", "bisect_key", "irange_key"})


def plain(value: Any) -> Any:
    """Return a float16 as a float: NumPy would compare it with others as float16."""
    return float(value) if isinstance(value, np.float16) else value


def bisect_values(self: Any, value: Any, right: bool) -> Any:
    """Answer bisect_left or bisect_right for an array, or for a value that only Python compares."""
    return _bisect(self, self, value, right)


def bisect_keys(self: Any, value: Any, right: bool) -> Any:
    """Do the same over the keys of a dict."""
    return _bisect(self, self.keys(), value, right)


def _bisect(self: Any, held: Any, value: Any, right: bool) -> Any:
    if isinstance(value, np.ndarray):
        return ranks(self, value, right)
    if is_list_of_values(self, value):
        raise TypeError(
            f"value: one value or an array is needed, this is a list of {len(value)}; for the "
            "positions of many values give an array of them, such as np.array(values)"
        )
    return (bisect_right if right else bisect_left)(held, plain(value))


def ranks(self: Any, values: NDArray[Any], right: bool) -> NDArray[np.int64]:
    """Return bisect_left or bisect_right of each value of an array."""
    codes.refuse_masked(values, "value")
    if self.kind not in codes.NUMBERS:
        bisect = self.bisect_right if right else self.bisect_left
        found = [bisect(value) for value in values.reshape(-1).tolist()]
        return np.array(found, np.int64).reshape(values.shape)
    codes.refuse_nan(values, "value")
    asked = codes.query_codes(values, self.kind == "float", "value")
    found = self._ranks(asked.codes, False)
    if right:
        found = np.where(asked.exact, self._ranks(asked.codes, True), found)
    found[asked.past] = len(self)
    answer: NDArray[np.int64] = found.reshape(values.shape)
    return answer


def pop_object(self: Any, index: Any = -1) -> Any:
    """Pop from a list or a set of objects."""
    held = self._objects
    if hasattr(held, "_set"):
        value = held[index]
        objects.take_at(held, index, held._set.remove)
    else:
        value = held.pop(index)
    self._become(held)
    return value


def delete_object(self: Any, index: Any) -> None:
    """Delete from a list or a set of objects, by an index or a slice."""
    held = self._objects
    erased = held[index]  # released last of all: a finalizer may come back
    self._become(objects.erase(held, index))
    del erased


def clear_objects(self: Any) -> None:
    """Clear a list or a set of objects."""
    self._become(type(self._objects)(key=self._objects.key))


def is_list_of_values(self: Any, value: Any) -> bool:
    """Return whether a list can only mean many values: among objects it may be one."""
    return type(value) is list and self.kind != "object"


def contains(self: Any, values: Any) -> Any:
    """Return whether values are held: a bool, or for an array a bool array of its shape.

    The items of a list are asked about one by one. In a container of objects a list is one value.

    >>> import learnedidx as lx
    >>> lx.SortedList([1, 2, 3]).contains([1, 5])
    array([ True, False])
    """
    if is_list_of_values(self, values):
        return np.array([value in self for value in values], np.bool_)
    if not isinstance(values, np.ndarray):
        return values in self
    codes.refuse_masked(values, "values")
    if self.kind not in codes.NUMBERS or not codes.are_numbers(values):
        found = [value in self for value in values.reshape(-1).tolist()]
        return np.array(found, np.bool_).reshape(values.shape)
    asked = codes.query_codes(values, self.kind == "float")
    return (self._contains_codes(asked.codes) & asked.exact).reshape(values.shape)


def find_hashed(self: Any, value: Any) -> int:
    """Return the index of what equals a value by hash and ==, -1 if there is none."""
    if self.kind in _JOIN:
        return _find_text(self, value)
    value = plain(value)
    own = hash(value)
    if objects.is_no_number(value):
        return -1
    candidate = codes.number_near(value, self.kind == "float")
    if candidate is not None and candidate == value:
        at = _index_of(self, candidate)
        if at >= 0:
            return at
    if isinstance(value, int | float | complex | np.generic) or hasattr(value, "as_integer_ratio"):
        return -1
    for number in list(self):
        if hash(number) == own and number == value:  # which may have changed the container
            return _index_of(self, number)
    return -1


_JOIN: dict[str, Callable[[Any], Any]] = {"str": "".join, "bytes": b"".join}


def _find_text(self: Any, value: Any) -> int:
    """Do the same for text and a value that is no exact str or bytes, such as a subclass."""
    if value not in self:  # asked by hash
        return -1
    if isinstance(value, str | bytes):
        at = _index_of(self, _JOIN[self.kind]((value,)))  # as plain text
        if at >= 0 and next(self.islice(at)) == value:
            return at
    for text in list(self):
        if text == value:  # which may have changed the container
            return _index_of(self, text)
    return -1


def _index_of(self: Any, held: Any) -> int:
    at = self.bisect_left(held)
    return int(at) if at < len(self) and next(self.islice(at)) == held else -1


def irange_key(
    self: Any,
    min_key: Any = None,
    max_key: Any = None,
    inclusive: tuple[bool, bool] = (True, True),
    reverse: bool = False,
) -> Iterator[Any]:
    """Iterate over the values whose keys are from min_key to max_key."""
    if isinstance(inclusive, str | bytes):
        raise TypeError(
            f"inclusive: two truth values are needed, such as (True, False), not {inclusive!r}"
        )
    held, low, high = self._objects, 0, None
    if min_key is not None:
        low = (held.bisect_key_left if inclusive[0] else held.bisect_key_right)(min_key)
    if max_key is not None:
        high = (held.bisect_key_right if inclusive[1] else held.bisect_key_left)(max_key)
    return self.islice(low, high, reverse)  # type: ignore[no-any-return]


def keyed(self: Any, name: str) -> Any:
    """Return a verb that only containers with a key function have."""
    if name not in _KEYED or self.key is None:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
    return partial(irange_key, self) if name == "irange_key" else getattr(self._objects, name)


def range_of_objects(
    self: Any, minimum: Any, maximum: Any, inclusive: Any, reverse: bool
) -> NDArray[np.object_]:
    """Return irange() of a container of text or objects as an array."""
    held = self if self._objects is None else self._objects
    return objects.array_of(held.irange(minimum, maximum, inclusive, reverse))


def array_of_objects(self: Any) -> NDArray[np.object_]:
    """Return the values of a container of text or objects as an array."""
    return objects.array_of(self)


def take_array(self: Any, values: NDArray[Any]) -> None:
    """Insert the items of an array: all, or none if one cannot be inserted."""
    if self.kind != "object":
        items = codes.items_of(values)
        if items is not None and (not items.codes.size or self._take_codes(*items)):
            return
    self._update(items_of(values))


def items_of(values: Iterable[Any]) -> list[Any]:
    """Return the values of an iterable, those of an array of numbers as int and float."""
    if not isinstance(values, np.ndarray):
        return list(values)
    codes.require_items(values)
    return codes.listed(values)


_PACKED = {"int": "<i8", "float": "<f8"}


def packed(self: Any) -> tuple[Any, ...]:
    """Return what makes a list or a set of numbers again: for pickles."""
    return unpacked, (type(self), self.kind, self.to_numpy().astype(_PACKED[self.kind]).tobytes())


def unpacked(container: Any, kind: str, numbers: bytes) -> Any:
    """Make a list or a set of numbers that was packed.

    No array is pickled: NumPy trusts what it is told of an array, and crashes if that was altered.
    """
    is_ours = isinstance(container, type) and issubclass(container, SortedListBase | SortedSetBase)
    if not is_ours or kind not in _PACKED or type(numbers) is not bytes or len(numbers) % 8:
        raise ValueError("numbers: this pickle of a sorted container was truncated or altered")
    return container(np.frombuffer(numbers, _PACKED[kind]))


def freeze(self: Any) -> LearnedIndex:
    """Return a LearnedIndex over the numbers that are held now, as an array of its own. O(n).

    TypeError if text or objects are held.

    >>> import learnedidx as lx
    >>> lx.SortedList([3, 1, 2]).freeze().searchsorted(2)
    1
    """
    if self.kind not in codes.NUMBERS:
        what = "objects" if self.kind == "object" else self.kind
        raise TypeError(
            f"freeze: this {type(self).__name__} holds {what}; an index needs int or float alone"
        )
    from learnedidx.index import LearnedIndex

    return LearnedIndex(self.to_numpy())


class ListOrSet:
    """What SortedList and SortedSet have in common beside their verbs in the core."""

    __slots__ = ()
    contains, freeze = contains, freeze
    _rank_other = bisect_values
    _irange_of_objects = range_of_objects
    _array_of_objects = array_of_objects
    _pop_object = pop_object
    _delete_object = delete_object
    _clear_objects = clear_objects
    _compare: Any
    _update_objects: Any
    add: Any
    __hash__ = None  # type: ignore[assignment]

    def _add_other(self, value: Any) -> None:
        if isinstance(value, np.float16):
            self.add(float(value))
        else:
            self._update_objects([value])

    def __eq__(self, other: object) -> Any:
        return self._compare(other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return self._compare(other, operator.ne)

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, operator.lt)

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, operator.gt)

    def __le__(self, other: Any) -> Any:
        return self._compare(other, operator.le)

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, operator.ge)

    def _reset(self, load: int) -> None:
        """Do nothing: sortedcontainers sets its load factor here, and leaves need none."""
