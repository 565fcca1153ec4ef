"""The verbs of sorted containers, and who answers them how: every rival from its best input.

A case is a statement over a container ``s`` and the fields of `Keys`, compiled once for each
contender. Who is fastest from lists gets lists where a statement says ``array``. Keys are random
integers, or words, URLs and addresses.
"""

import random
import textwrap
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from benchmarks.contenders.contender import Array, load
from benchmarks.contenders.library import library
from benchmarks.suite import Bound

LOOKUPS = 100_000
WORDS = ("alpha", "beta", "gamma", "delta", "river", "stone", "maple", "orchid", "winter", "copper")


class Keys(NamedTuple):
    """Random keys, and what is asked of them: other objects than those that are held."""

    is_text: bool
    n: int
    array: Array
    values: list[Any]
    hits: list[Any]
    misses: list[Any]
    new: list[Any]
    batch: Array
    batch_values: list[Any]
    positions: list[int]
    ranges: list[tuple[Any, Any]]
    ascending: Array
    ascending_values: list[Any]
    made: list[Any]  # what constructors make, to be freed off the clock

    @classmethod
    def draw(cls, n: int, is_text: bool = False) -> Self:
        """Draw n keys, none of them twice, and the rest beside them."""
        rng = np.random.default_rng(n)
        few = min(n, LOOKUPS)
        drawn = rng.permutation((_texts if is_text else _numbers)(n + 2 * few, n))
        array, beside = drawn[:n].copy(), drawn[n : n + 2 * few]
        ascending = np.sort(array)
        at = rng.integers(0, max(n - 100, 1), 20_000)
        return cls(
            is_text,
            n,
            array,
            array.tolist(),
            rng.permutation(array)[:few].tolist(),
            beside[few:].tolist(),
            beside[: max(n // 20, 1)][:few].tolist(),
            beside[:few].copy(),
            beside[:few].tolist(),
            rng.integers(0, n, few).tolist(),
            list(
                zip(*(ascending[i].tolist() for i in (at, np.minimum(at + 99, n - 1))), strict=True)
            ),
            ascending,
            ascending.tolist(),
            [],
        )


def _numbers(count: int, seed: int) -> Array:
    return np.unique(np.random.default_rng(seed).integers(0, 2**41, count * 5 // 4 + 10))


def _texts(count: int, seed: int) -> Array:
    rng, found = random.Random(seed), dict[str, None]()
    while len(found) < count:
        found[_text(rng)] = None
    return np.array(list(found))


def _text(rng: random.Random) -> str:
    one, other, kind = rng.choice(WORDS), rng.choice(WORDS), rng.randrange(3)
    if kind == 0:
        return f"{one}{other}{rng.randrange(10**9)}"
    if kind == 1:
        return f"https://www.{one}.com/{other}/{rng.randrange(10**8)}"
    return f"{one}.{other}{rng.randrange(10**7)}@example.com"


WHO = {
    "SortedList": ("ours", "sortedcontainers", "BTrees"),
    "SortedSet": ("ours", "sortedcontainers"),
    "SortedDict": ("ours", "sortedcontainers", "BTrees", "pysorteddict"),
}
TAKE_ARRAYS = ("ours", "NumPy")
# What sets of BTrees name otherwise; they are no lists.
OF_BTREES = {"s.bisect_left": "s.minKey", "s.discard": "s.remove", "s.irange": "s.keys"}

ADD, DISCARD, BISECT = (
    f"call = s.{verb}\nfor key in {keys}: call(key)"
    for verb, keys in (("add", "new"), ("discard", "new"), ("bisect_left", "hits"))
)
ASSIGN, DELETE = "for key in new: s[key] = 0", "for key in new: del s[key]"
CONTAINS, MISS, GET = (
    "for key in hits: key in s",
    "for key in misses: key in s",
    "for key in hits: s[key]",
)
CONSTRUCT, ASCENDING, FREE = "made.append(s(array))", "made.append(s(ascending))", "made.clear()"
LISTS = "ask = s.irange\nfor low, high in ranges: list(ask(low, high))"
ARRAYS = {
    "ours": "for low, high in ranges: s.irange(low, high, as_array=True)",
    # It is told the position: the limit of what makes an array.
    "NumPy": "for at, _ in zip(positions, ranges): s[at : at + 100].copy()",
}
LOOP = "ask = s.irange\nfor low, high in ranges:\n    for _ in ask(low, high): pass"

Limit = tuple[str, Callable[[Keys], Any]]  # its name, and what stands for a container
AS_INTS: Limit = (  # what makes as many ints
    "range",
    lambda keys: types.SimpleNamespace(irange=lambda low, high: range(low, low + 100)),
)


class Case(NamedTuple):
    """A verb: which containers have it, what is timed and by what it is divided."""

    name: str
    held: str  # the container's class
    run: str
    per: str  # as many operations as this field has keys
    undo: str = ""  # off the clock
    is_undone_first: bool = False  # it takes back what its undoing does
    limit: Limit | None = None
    others: Mapping[str, str] = {}  # what else is run for whom
    without: str = ""  # who has no such verb
    bounds: Mapping[str, Bound] = {}

    def contenders(self, keys: Keys) -> tuple[dict[str, Any], dict[str, str]]:
        """Make the containers; of libraries that are not installed, say how to get them."""
        held, missing = dict[str, Any](), dict[str, str]()
        for whose in WHO[self.held]:
            try:
                if whose != self.without:
                    held[whose] = self._held(class_of(whose, self.held, keys.is_text), whose, keys)
            except ImportError:
                missing[whose] = f"not installed: pip install {whose}"
        if self.limit is not None and not keys.is_text:
            held[self.limit[0]] = self.limit[1](keys)
        return held, missing

    def _held(self, kind: Any, whose: str, keys: Keys) -> Any:
        if self.undo == FREE:  # it makes containers itself
            return kind
        if self.held == "SortedDict":
            made = kind(dict.fromkeys(keys.values, 0))
        else:
            made = kind(given(keys, whose).array)
        if self.is_undone_first:
            compiled(self.undo, whose)(made, *given(keys, whose))
        return made

    def actions(self, held: Any, whose: str, keys: Keys) -> tuple[Callable[[], None], ...]:
        """Give what is timed, and what undoes it."""
        asked = given(keys, whose)
        run, undo = (
            compiled(text, whose) for text in (self.others.get(whose, self.run), self.undo)
        )
        return lambda: run(held, *asked), lambda: undo(held, *asked)


def compiled(statement: str, whose: str) -> Callable[..., None]:
    for name, other in OF_BTREES.items() if whose == "BTrees" else ():
        statement = statement.replace(name, other)
    space: dict[str, Any] = {}
    body = textwrap.indent(statement or "pass", "    ")
    exec(f"def run(s, {', '.join(Keys._fields)}):\n{body}", space)
    function: Callable[..., None] = space["run"]
    return function


def given(keys: Keys, whose: str) -> Keys:
    """Give lists instead of arrays to those who are faster from them; text is in lists always."""
    if whose in TAKE_ARRAYS and not keys.is_text:
        return keys
    lists: Any = {"array": keys.values, "batch": keys.batch_values}
    return keys._replace(ascending=keys.ascending_values, **lists)  # type: ignore[arg-type]


def class_of(whose: str, held: str, is_text: bool = False) -> Any:
    """Import a container's class; that of BTrees, which has no list, is a set or a map."""
    if whose == "ours":
        return getattr(library(), held)
    if whose != "BTrees":
        return getattr(load(whose), held)
    family = "OO" if is_text else "LO" if held == "SortedDict" else "LL"
    kind = "BTree" if held == "SortedDict" else "TreeSet"
    return getattr(load(f"BTrees.{family}BTree"), family + kind)


_DICT: Limit = ("dict", lambda keys: dict.fromkeys(keys.values, 0))
_ASCENDING: Limit = ("NumPy", lambda keys: keys.ascending)
_SORT: Limit = ("NumPy", lambda keys: np.sort)
_COPY: Limit = ("NumPy", lambda keys: np.array)
_LIST, _SET, _MAP = "SortedList", "SortedSet", "SortedDict"
CASES = (
    Case("SortedList.add", _LIST, ADD, "new", DISCARD),
    Case("SortedList.discard", _LIST, DISCARD, "new", ADD, is_undone_first=True),
    Case("d[k] = v, new", _MAP, ASSIGN, "new", DELETE),
    Case("del d[k]", _MAP, DELETE, "new", ASSIGN, is_undone_first=True),
    Case("in SortedList", _LIST, CONTAINS, "hits"),
    Case("in SortedSet, hits", _SET, CONTAINS, "hits"),
    Case("in SortedSet, misses", _SET, MISS, "misses"),
    Case("in SortedDict, hits", _MAP, CONTAINS, "hits"),
    Case("d[k], hits", _MAP, GET, "hits", limit=_DICT),
    Case("s[i]", _LIST, "for at in positions: s[at]", "positions", without="BTrees"),
    Case("bisect_left", _LIST, BISECT, "hits"),
    Case("irange of 100, array", _LIST, LISTS, "ranges", limit=_ASCENDING, others=ARRAYS),
    Case("irange of 100, iterator", _LIST, LISTS, "ranges", limit=AS_INTS),
    Case("irange of 100, looped", _LIST, LOOP, "ranges", limit=AS_INTS),
    Case("for x in s", _LIST, "for _ in s: pass", "values"),
    Case("constructor, unsorted list", _LIST, CONSTRUCT, "values", FREE),
    Case("constructor, unsorted array", _LIST, CONSTRUCT, "values", FREE, limit=_SORT),
    Case("constructor, sorted array", _LIST, ASCENDING, "values", FREE, limit=_COPY),
    Case(
        "update, array of 100,000",
        _LIST,
        "s.update(batch)",
        "batch_values",
        "call = s.remove\nfor key in batch_values: call(key)",
    ),
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


def cases(floors: Mapping[str, Sequence[tuple[float, ...]]]) -> dict[str, Case]:
    """Give the cases that floors name, with these, in the order of the cases."""
    rivals = ("sortedcontainers", "BTrees", "dict")
    return {
        case.name: case._replace(
            bounds={
                rival: Bound(*bound)
                for rival, bound in zip(rivals, floors[case.name], strict=False)
            }
        )
        for case in CASES
        if case.name in floors
    }
