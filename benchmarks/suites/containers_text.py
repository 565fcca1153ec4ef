"""Sorted containers of text beside sortedcontainers, BTrees and pysorteddict: the same str in each.

A third of the keys are words with numbers, a third URLs, a third e-mail addresses. What is asked
for are other objects than those that are held.
"""

import functools
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.contenders.contender import load
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed
from benchmarks.suites import containers_cases as verbs
from benchmarks.suites.containers import measure_case
from benchmarks.suites.containers_cases import LOOKUPS, Case, Keys

SIZES = {"full": (MILLION // 10, MILLION), "small": (MILLION // 10,), "tiny": (1_000,)}
WORDS = ("alpha", "beta", "gamma", "delta", "river", "stone", "maple", "orchid", "winter", "copper")


def _text(rng: random.Random) -> str:
    one, other, kind = rng.choice(WORDS), rng.choice(WORDS), rng.randrange(3)
    if kind == 0:
        return f"{one}{other}{rng.randrange(10**9)}"
    if kind == 1:
        return f"https://www.{one}.com/{other}/{rng.randrange(10**8)}"
    return f"{one}.{other}{rng.randrange(10**7)}@example.com"


def _again(text: str) -> str:
    return (text + " ")[:-1]


@functools.lru_cache(maxsize=1)
def drawn(n: int) -> Keys:
    """Draw n keys of 8 to 44 characters, none of them twice, and the rest beside them."""
    rng, few = random.Random(n), min(n, LOOKUPS)
    wanted, beside = n + 2 * few, dict[str, None]()
    while len(beside) < wanted:
        beside[_text(rng)] = None
    values = list(beside)
    rng.shuffle(values)
    values, rest = values[:n], values[n:]
    ascending, none = sorted(values), np.empty(0, np.int64)
    places = [rng.randrange(max(n - 100, 1)) for _ in range(20_000)]
    return Keys(
        n,
        none,
        values,
        [_again(text) for text in rng.choices(values, k=few)],
        rest[few:],
        rest[: max(n // 20, 1)][:few],
        none,
        rest[:few],
        [rng.randrange(n) for _ in range(few)],
        [(ascending[at], ascending[min(at + 99, n - 1)]) for at in places],
        none,
        ascending,
        [],
    )


def _tree(name: str) -> Any:
    from BTrees import OOBTree

    return getattr(OOBTree, name)


def _ours_and_theirs(name: str) -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda keys: getattr(library(), name)(keys.values),
        "sortedcontainers": lambda keys: verbs._theirs(name)(keys.values),
    }


def _list() -> dict[str, Callable[[Keys], Any]]:
    return {
        **_ours_and_theirs("SortedList"),
        "BTrees": lambda keys: _tree("OOTreeSet")(keys.values),
    }


def _set() -> dict[str, Callable[[Keys], Any]]:
    return _ours_and_theirs("SortedSet")


def _dict() -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda keys: library().SortedDict(dict.fromkeys(keys.values, 0)),
        "sortedcontainers": lambda keys: verbs._theirs("SortedDict")(dict.fromkeys(keys.values, 0)),
        "BTrees": lambda keys: _tree("OOBTree")(dict.fromkeys(keys.values, 0)),
        "pysorteddict": lambda keys: load("pysorteddict").SortedDict(dict.fromkeys(keys.values, 0)),
    }


def _two(floor: float, aim: float | None = None) -> dict[str, Bound]:
    return {"sortedcontainers": Bound(floor, aim)}


def _construct(kind: Any, whose: str, keys: Keys) -> int:
    keys.made.append(kind(keys.values))
    return keys.n


def _kinds() -> dict[str, Callable[[Keys], Any]]:
    return {
        "ours": lambda _: library().SortedList,
        "sortedcontainers": lambda _: verbs._theirs("SortedList"),
        "BTrees": lambda _: _tree("OOTreeSet"),
    }


CASES = (
    Case("SortedList.add", _list(), verbs._add, _two(2.5, 5), verbs._discard),
    Case("SortedList.discard", verbs._flipped(_list, verbs._add), verbs._discard, {}, verbs._add),
    Case("d[k] = v, new", _dict(), verbs._assign, _two(2.5, 5), verbs._delete),
    Case(
        "del d[k]",
        verbs._flipped(_dict, verbs._assign),
        verbs._delete,
        _two(2.5, 5),
        verbs._assign,
    ),
    Case("in SortedList", _list(), verbs._contains("hits"), _two(2.5, 5)),
    Case("in SortedSet, hits", _set(), verbs._contains("hits"), _two(1, 1.3)),
    Case("in SortedSet, misses", _set(), verbs._contains("misses"), _two(1, 1.3)),
    Case("in SortedDict, hits", _dict(), verbs._contains("hits"), _two(1, 1.3)),
    Case("d[k], hits", _dict(), verbs._get("hits"), _two(1, 1.3)),
    Case("s[i]", _ours_and_theirs("SortedList"), verbs._get("positions"), _two(2.5, 5)),
    Case("bisect_left", _list(), verbs._bisect, _two(2.5, 5)),
    Case("irange of 100, iterator", _list(), verbs._irange_list, _two(2.5, 5)),
    Case("for x in s", _list(), verbs._iterate, _two(1)),
    Case("constructor, unsorted list", _kinds(), _construct, _two(1), verbs._free),
)
BY_NAME = {case.name: case for case in CASES}


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time a case for every library that is installed."""
    keys = drawn(len(subject.keyset.keys))
    return measure_case(BY_NAME[cell.verb], keys, subject.rounds(cell, plan))


def _load(name: str, n: int | None, seed: int) -> KeySet:
    return KeySet(name, np.array(drawn(n or MILLION).ascending_values))


def _places(plan: Plan) -> Iterable[Place]:
    return [Place("random_strs", n) for n in SIZES[plan.name]]


def _cells(plan: Plan) -> Sequence[Cell]:
    return [*map(Cell, BY_NAME)]


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    return BY_NAME[cell.verb].bounds if place.n == MILLION else {}


def _seconds(cell: Cell, n: int, plan: Plan) -> float:
    return 1.0 + n * 2e-5


TEXT_CONTAINERS = Suite(
    "containers_text",
    "sorted containers of str beside those of others",
    "ns",
    _places,
    _cells,
    measure,
    load=_load,
    seconds=_seconds,
    bounds=_bounds,
)
