"""The verbs of sorted containers, and who answers them how: every rival from its best input."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.contenders.contender import load
from benchmarks.contenders.library import library
from benchmarks.suite import Bound
from benchmarks.suites.containers_keys import Keys

Calls = Callable[[Any, str, Keys], int]  # (container, whose, keys) -> operations made
WHO = {
    "SortedList": ("ours", "sortedcontainers", "BTrees"),
    "SortedSet": ("ours", "sortedcontainers"),
    "SortedDict": ("ours", "sortedcontainers", "BTrees", "pysorteddict"),
}


class Case(NamedTuple):
    """A verb: which containers have it, how it is called, how what it did is undone."""

    name: str
    held: str  # the container's class
    run: Calls
    undo: Calls | None = None
    bounds: Mapping[str, Bound] = {}
    is_undone_first: bool = False  # it takes back what its undoing does
    limit: Mapping[str, Callable[[Keys], Any]] = {}
    without: str = ""  # who has no such verb

    def restore(self, held: Any, whose: str, keys: Keys) -> None:
        """Undo a run."""
        if self.undo is not None:
            self.undo(held, whose, keys)

    def contenders(self, keys: Keys) -> tuple[dict[str, Any], dict[str, str]]:
        """Make the containers; of libraries that are not installed, say how to get them."""
        held, missing = dict[str, Any](), dict[str, str]()
        for whose in WHO[self.held]:
            try:
                if whose != self.without:
                    held[whose] = self._held(class_of(whose, self.held, keys.is_text), whose, keys)
            except ImportError:
                missing[whose] = f"not installed: pip install {whose}"
        held |= {name: make(keys) for name, make in self.limit.items()}
        return held, missing

    def _held(self, kind: Any, whose: str, keys: Keys) -> Any:
        if self.undo is _free:  # it makes containers itself
            return kind
        if self.held == "SortedDict":
            made = kind(dict.fromkeys(keys.values, 0))
        else:
            made = kind(keys.array if takes_arrays(whose, keys) else keys.values)
        if self.is_undone_first:
            self.restore(made, whose, keys)
        return made


def class_of(whose: str, held: str, is_text: bool = False) -> Any:
    """Import a container's class; that of BTrees, which has no list, is a set or a map."""
    if whose == "ours":
        return getattr(library(), held)
    if whose != "BTrees":
        return getattr(load(whose), held)
    family = "OO" if is_text else "LO" if held == "SortedDict" else "LL"
    kind = "BTree" if held == "SortedDict" else "TreeSet"
    return getattr(load(f"BTrees.{family}BTree"), family + kind)


def takes_arrays(whose: str, keys: Keys) -> bool:
    """Tell who is fastest from arrays: the others are from lists of Python objects, text always."""
    return whose in ("ours", "NumPy") and not keys.is_text


def _calls(method: str, asked: str, of_trees: str = "") -> Calls:
    """Call a method once for each key, which BTrees may have by another name."""

    def run(held: Any, whose: str, keys: Keys) -> int:
        call = getattr(held, (whose == "BTrees" and of_trees) or method)
        queries: list[Any] = getattr(keys, asked)
        for key in queries:
            call(key)
        return len(queries)

    return run


def _contains(asked: str) -> Calls:
    def run(held: Any, whose: str, keys: Keys) -> int:
        queries: list[Any] = getattr(keys, asked)
        for key in queries:
            key in held  # noqa: B015
        return len(queries)

    return run


def _get(asked: str) -> Calls:
    def run(held: Any, whose: str, keys: Keys) -> int:
        queries: list[Any] = getattr(keys, asked)
        for key in queries:
            held[key]
        return len(queries)

    return run


def _assign(held: Any, whose: str, keys: Keys) -> int:
    for key in keys.new:
        held[key] = 0
    return len(keys.new)


def _delete(held: Any, whose: str, keys: Keys) -> int:
    for key in keys.new:
        del held[key]
    return len(keys.new)


def _hundred(low: int, high: int) -> range:
    """Return as many ints as a range of keys has: the limit of what makes its ints."""
    return range(low, low + 100)


def _ask(held: Any, whose: str) -> Callable[[Any, Any], Iterable[Any]]:
    """Return the function that gives a range of keys."""
    asked: Callable[[Any, Any], Iterable[Any]]
    asked = held.keys if whose == "BTrees" else _hundred if whose == "range" else held.irange
    return asked


def _irange_array(held: Any, whose: str, keys: Keys) -> int:
    if whose == "NumPy":  # which is told the position: the limit of what makes an array
        for at, _ in zip(keys.positions, keys.ranges, strict=False):
            held[at : at + 100].copy()
    elif whose == "ours":
        for low, high in keys.ranges:
            held.irange(low, high, as_array=True)
    else:
        _irange_list(held, whose, keys)
    return len(keys.ranges)


def _irange_list(held: Any, whose: str, keys: Keys) -> int:
    ask = _ask(held, whose)
    for low, high in keys.ranges:
        list(ask(low, high))
    return len(keys.ranges)


def _irange_loop(held: Any, whose: str, keys: Keys) -> int:
    ask = _ask(held, whose)
    for low, high in keys.ranges:
        for _ in ask(low, high):
            pass
    return len(keys.ranges)


def _iterate(held: Any, whose: str, keys: Keys) -> int:
    for _ in held:
        pass
    return keys.n


def _construct(ascending: bool = False) -> Calls:
    def run(kind: Any, whose: str, keys: Keys) -> int:
        array = keys.ascending if ascending else keys.array
        values = keys.ascending_values if ascending else keys.values
        keys.made.append(kind(array if takes_arrays(whose, keys) else values))
        return keys.n

    return run


def _free(kind: Any, whose: str, keys: Keys) -> int:
    keys.made.clear()
    return 0


def _update(held: Any, whose: str, keys: Keys) -> int:
    held.update(keys.batch if takes_arrays(whose, keys) else keys.batch_values)
    return len(keys.batch_values)


_ADD = _calls("add", "new")
_DISCARD = _calls("discard", "new", of_trees="remove")
_BISECT = _calls("bisect_left", "hits", of_trees="minKey")
_REMOVE = _calls("remove", "batch_values")
_RANGE = {"range": lambda keys: range}
_SORT = {"NumPy": lambda keys: np.sort}
_COPY = {"NumPy": lambda keys: np.array}
_ASCENDING = {"NumPy": lambda keys: keys.ascending}
_DICT = {"dict": lambda keys: dict.fromkeys(keys.values, 0)}

CASES = (
    Case("SortedList.add", "SortedList", _ADD, _DISCARD),
    Case("SortedList.discard", "SortedList", _DISCARD, _ADD, is_undone_first=True),
    Case("d[k] = v, new", "SortedDict", _assign, _delete),
    Case("del d[k]", "SortedDict", _delete, _assign, is_undone_first=True),
    Case("in SortedList", "SortedList", _contains("hits")),
    Case("in SortedSet, hits", "SortedSet", _contains("hits")),
    Case("in SortedSet, misses", "SortedSet", _contains("misses")),
    Case("in SortedDict, hits", "SortedDict", _contains("hits")),
    Case("d[k], hits", "SortedDict", _get("hits"), limit=_DICT),
    Case("s[i]", "SortedList", _get("positions"), without="BTrees"),
    Case("bisect_left", "SortedList", _BISECT),
    Case("irange of 100, array", "SortedList", _irange_array, limit=_ASCENDING),
    Case("irange of 100, iterator", "SortedList", _irange_list, limit=_RANGE),
    Case("irange of 100, looped", "SortedList", _irange_loop, limit=_RANGE),
    Case("for x in s", "SortedList", _iterate),
    Case("constructor, unsorted list", "SortedList", _construct(), _free),
    Case("constructor, unsorted array", "SortedList", _construct(), _free, limit=_SORT),
    Case("constructor, sorted array", "SortedList", _construct(True), _free, limit=_COPY),
    Case("update, array of 100,000", "SortedList", _update, _REMOVE),
)
# Floors and aims over the time of sortedcontainers, BTrees and a dict.
NUMBERS = {
    "SortedList.add": ((6, 10), (1.2, 1.8)),
    "SortedList.discard": ((6, 10), (1.2, 1.8)),
    "d[k] = v, new": ((5, 7), (1.2, 1.5)),
    "del d[k]": ((5, 7), (1.2, 1.5)),
    "in SortedList": ((10, 12), (2.2, 2.5)),
    "in SortedSet, hits": ((2, 2.5),),
    "in SortedSet, misses": ((1,),),
    "d[k], hits": ((2.5, 3), (2.2, 2.5), (1,)),
    "s[i]": ((8, 15),),
    "bisect_left": ((12, 15), (2.8, 3)),
    "irange of 100, array": ((20, 30), (1.6, 1.7)),
    "irange of 100, iterator": ((8,), (1.6, 1.7)),
    "irange of 100, looped": (),
    "for x in s": ((2,), (1.7,)),
    "constructor, unsorted array": ((6, 15), (5,)),
    "constructor, sorted array": ((30, 50), (20,)),
    "update, array of 100,000": ((30,), (8,)),
}
TEXT = {
    **dict.fromkeys(("SortedList.add", "d[k] = v, new", "del d[k]"), ((2.5, 5),)),
    **dict.fromkeys(("in SortedList", "s[i]", "bisect_left"), ((2.5, 5),)),
    **dict.fromkeys(("in SortedSet, hits", "in SortedSet, misses"), ((1, 1.3),)),
    **dict.fromkeys(("in SortedDict, hits", "d[k], hits"), ((1, 1.3),)),
    **dict.fromkeys(("for x in s", "constructor, unsorted list"), ((1,),)),
    "irange of 100, iterator": ((2.5, 5),),
    "SortedList.discard": (),
}


def cases(floors: Mapping[str, Sequence[tuple[float, ...]]], *, is_text: bool) -> dict[str, Case]:
    """Give the cases that floors name, in their order; text has no limit in numbers."""
    found = {}
    for case in CASES:
        if case.name in floors:
            each = zip(("sortedcontainers", "BTrees", "dict"), floors[case.name], strict=False)
            bounds = {rival: Bound(*bound) for rival, bound in each}
            limit = {} if is_text else case.limit
            found[case.name] = case._replace(bounds=bounds, limit=limit)
    return found
