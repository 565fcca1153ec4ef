"""The verbs of sorted containers, and who answers them how: every rival from its best input."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.contender import load
from benchmarks.contenders.library import library
from benchmarks.suite import Bound

Calls = Callable[[Any, str, "Keys"], int]  # (container, whose, keys) -> operations made
LOOKUPS = 100_000
TAKE_ARRAYS = ("ours", "NumPy")  # the others are faster from lists of Python ints


class Keys(NamedTuple):
    """Random keys below 2^41, and what is asked of them."""

    n: int
    array: NDArray[np.int64]
    values: list[Any]
    hits: list[Any]
    misses: list[Any]
    new: list[Any]
    batch: NDArray[np.int64]
    batch_values: list[Any]
    positions: list[int]
    ranges: list[tuple[Any, Any]]
    ascending: NDArray[np.int64]
    ascending_values: list[Any]
    made: list[Any]  # what constructors make, to be freed off the clock

    @classmethod
    def draw(cls, n: int) -> Self:
        """Draw n keys, none of them twice, and the rest beside them."""
        rng = np.random.default_rng(n)
        drawn = rng.permutation(np.unique(rng.integers(0, 2**41, n * 5 // 4 + 2 * LOOKUPS)))
        few = min(n, LOOKUPS)
        array, beside = drawn[:n].copy(), drawn[n:]
        ascending = np.sort(array)
        at = rng.integers(0, max(n - 100, 1), 20_000)
        return cls(
            n,
            array,
            array.tolist(),
            rng.permutation(array)[:few].tolist(),
            beside[few : 2 * few].tolist(),
            beside[: max(n // 20, 1)][:few].tolist(),
            beside[:LOOKUPS].copy(),
            beside[:LOOKUPS].tolist(),
            rng.integers(0, n, few).tolist(),
            [(int(ascending[i]), int(ascending[min(i + 99, n - 1)])) for i in at],
            ascending,
            ascending.tolist(),
            [],
        )


class Case(NamedTuple):
    """A verb: who has it, how it is called, how what it did is undone, and what is asked of it."""

    name: str
    makers: dict[str, Callable[[Keys], Any]]
    run: Calls
    bounds: dict[str, Bound]
    undo: Calls | None = None

    def restore(self, held: Any, whose: str, keys: Keys) -> None:
        """Undo a run."""
        if self.undo is not None:
            self.undo(held, whose, keys)


def contenders(case: Case, keys: Keys) -> tuple[dict[str, Any], dict[str, str]]:
    """Make the containers of a case; of libraries that are not installed, say how to get them."""
    held, missing = {}, {}
    for name, make in case.makers.items():
        try:
            held[name] = make(keys)
        except ImportError:
            missing[name] = f"not installed: pip install {name}"
    return held, missing


def _theirs(name: str) -> Any:
    import sortedcontainers

    return getattr(sortedcontainers, name)


def _trees(name: str) -> Any:
    from BTrees import LLBTree, LOBTree

    return getattr(LOBTree if name == "LOBTree" else LLBTree, name)


def _list() -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda keys: library().SortedList(keys.array),
        "sortedcontainers": lambda keys: _theirs("SortedList")(keys.values),
        "BTrees": lambda keys: _trees("LLTreeSet")(keys.values),
    }


def _with_range() -> dict[str, Callable[[Keys], Any]]:
    return {**_list(), "range": lambda _: range}


def _with_array() -> dict[str, Callable[[Keys], Any]]:
    return {**_list(), "NumPy": lambda keys: keys.ascending}


def _set() -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda keys: library().SortedSet(keys.array),
        "sortedcontainers": lambda keys: _theirs("SortedSet")(keys.values),
    }


def _dict() -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda keys: library().SortedDict(dict.fromkeys(keys.values, 0)),
        "sortedcontainers": lambda keys: _theirs("SortedDict")(dict.fromkeys(keys.values, 0)),
        "BTrees": lambda keys: _trees("LOBTree")(dict.fromkeys(keys.values, 0)),
        "pysorteddict": lambda keys: load("pysorteddict").SortedDict(dict.fromkeys(keys.values, 0)),
    }


def _kinds(name: str, tree: str) -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda _: getattr(library(), name),
        "sortedcontainers": lambda _: _theirs(name),
        "BTrees": lambda _: _trees(tree),
    }


def _kinds_of_lists(limit: Callable[[Any], Any]) -> dict[str, Callable[[Keys], Any]]:
    """Return the kinds of lists, and as a limit what NumPy needs to sort, or to copy."""
    kinds = _kinds("SortedList", "LLTreeSet")
    return {**kinds, "NumPy": lambda keys: limit}


def _add(held: Any, whose: str, keys: Keys) -> int:
    add = held.add
    for key in keys.new:
        add(key)
    return len(keys.new)


def _discard(held: Any, whose: str, keys: Keys) -> int:
    discard = held.remove if whose == "BTrees" else held.discard
    for key in keys.new:
        discard(key)
    return len(keys.new)


def _contains(asked: str) -> Calls:
    def run(held: Any, whose: str, keys: Keys) -> int:
        queries: list[int] = getattr(keys, asked)
        for key in queries:
            key in held  # noqa: B015
        return len(queries)

    return run


def _get(asked: str) -> Calls:
    def run(held: Any, whose: str, keys: Keys) -> int:
        queries: list[int] = getattr(keys, asked)
        for key in queries:
            held[key]
        return len(queries)

    return run


def _bisect(held: Any, whose: str, keys: Keys) -> int:
    bisect = held.minKey if whose == "BTrees" else held.bisect_left
    for key in keys.hits:
        bisect(key)
    return len(keys.hits)


def _hundred(low: int, high: int) -> range:
    """Return as many ints as a range of keys has: the limit of what makes its ints."""
    return range(low, low + 100)


def _ask(held: Any, whose: str) -> Callable[[int, int], Iterable[int]]:
    """Return the function that gives a range of keys."""
    asked: Callable[[int, int], Iterable[int]]
    if whose == "range":
        return _hundred
    asked = held.keys if whose == "BTrees" else held.irange
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


def _construct(ascending: bool) -> Calls:
    def run(kind: Any, whose: str, keys: Keys) -> int:
        array = keys.ascending if ascending else keys.array
        values = keys.ascending_values if ascending else keys.values
        keys.made.append(kind(array if whose in TAKE_ARRAYS else values))
        return keys.n

    return run


def _free(kind: Any, whose: str, keys: Keys) -> int:
    keys.made.clear()
    return 0


def _update(held: Any, whose: str, keys: Keys) -> int:
    held.update(keys.batch if whose in TAKE_ARRAYS else keys.batch_values)
    return len(keys.batch)


def _remove_batch(held: Any, whose: str, keys: Keys) -> int:
    remove = held.remove
    for key in keys.batch_values:
        remove(key)
    return len(keys.batch)


def _assign(held: Any, whose: str, keys: Keys) -> int:
    for key in keys.new:
        held[key] = 0
    return len(keys.new)


def _delete(held: Any, whose: str, keys: Keys) -> int:
    for key in keys.new:
        del held[key]
    return len(keys.new)


def _with_dict() -> dict[str, Callable[[Keys], Any]]:
    return {**_dict(), "dict": lambda keys: dict.fromkeys(keys.values, 0)}


def _bounds(theirs: Any, trees: Any = None) -> dict[str, Bound]:
    """Give (floor, aim) over sortedcontainers and over BTrees."""
    return {"sortedcontainers": Bound(*theirs)} | (
        {} if trees is None else {"BTrees": Bound(*trees)}
    )


def _flipped(make: Callable[[], dict[str, Any]], first: Calls) -> dict[str, Callable[[Keys], Any]]:
    """Make containers to which something was done already, so that the case undoes it."""

    def made(name: str, maker: Callable[[Keys], Any]) -> Callable[[Keys], Any]:
        def after(keys: Keys) -> Any:
            held = maker(keys)
            first(held, name, keys)
            return held

        return after

    return {name: made(name, maker) for name, maker in make().items()}


CASES = (
    Case("SortedList.add", _list(), _add, _bounds((6, 10), (1.2, 1.8)), _discard),
    Case("SortedList.discard", _flipped(_list, _add), _discard, _bounds((6, 10), (1.2, 1.8)), _add),
    Case("d[k] = v, new", _dict(), _assign, _bounds((5, 7), (1.2, 1.5)), _delete),
    Case("del d[k]", _flipped(_dict, _assign), _delete, _bounds((5, 7), (1.2, 1.5)), _assign),
    Case("in SortedList", _list(), _contains("hits"), _bounds((10, 12), (2.2, 2.5))),
    Case("in SortedSet, hits", _set(), _contains("hits"), _bounds((2, 2.5))),
    Case("in SortedSet, misses", _set(), _contains("misses"), _bounds((1, None))),
    Case(
        "d[k], hits",
        _with_dict(),
        _get("hits"),
        {**_bounds((2.5, 3), (2.2, 2.5)), "dict": Bound(1)},
    ),
    Case(
        "s[i]",
        {k: v for k, v in _list().items() if k != "BTrees"},
        _get("positions"),
        _bounds((8, 15)),
    ),
    Case("bisect_left", _list(), _bisect, _bounds((12, 15), (2.8, 3))),
    Case("irange of 100, array", _with_array(), _irange_array, _bounds((20, 30), (1.6, 1.7))),
    Case("irange of 100, iterator", _with_range(), _irange_list, _bounds((8, None), (1.6, 1.7))),
    Case("irange of 100, looped", _with_range(), _irange_loop, {}),
    Case("for x in s", _list(), _iterate, _bounds((2, None), (1.7, None))),
    Case(
        "constructor, unsorted array",
        _kinds_of_lists(np.sort),
        _construct(False),
        _bounds((6, 15), (5, None)),
        _free,
    ),
    Case(
        "constructor, sorted array",
        _kinds_of_lists(np.array),
        _construct(True),
        _bounds((30, 50), (20, None)),
        _free,
    ),
    Case(
        "update, array of 100,000", _list(), _update, _bounds((30, None), (8, None)), _remove_batch
    ),
)
