"""Sorted containers of text: str or bytes alone stay typed, whatever they begin with."""

import copy
import gc
import pickle
import random
import sys
import warnings
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import sortedcontainers

import learnedidx as lx
from learnedidx import _core
from tests.border.sorted_common import KINDS, maker, put

MOVES = "moves to sortedcontainers"


class Name(str):
    """Text that is no exact str."""


class Blob(bytes):
    """Bytes that are no exact bytes."""


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    """Return what makes a container of keys."""
    return maker(request.param)


def test_the_first_text_says_what_is_held(make: Any) -> None:
    container = make()
    put(container, "b")
    assert container.kind == "str"
    container.clear()
    assert container.kind == "str" and len(container) == 0
    put(container, b"")
    assert (container.kind, list(container)) == ("bytes", [b""])
    container.clear()
    put(container, 3)
    assert (container.kind, list(container)) == ("int", [3])
    container.clear()
    container.update({"a": 1} if hasattr(container, "keys") else ["a"])
    assert (container.kind, list(container)) == ("str", ["a"])
    container._check()


@pytest.mark.parametrize(
    ("held", "odd"),
    [("b", 1), ("b", b"a"), (b"b", "a"), ("b", Name("a")), (b"b", Blob(b"a")), ("b", None)],
)
def test_anything_else_moves_once(make: Any, held: Any, odd: Any) -> None:
    container = make([held])
    if type(odd) in (Name, Blob):
        with pytest.warns(lx.PerformanceWarning, match=f"{MOVES}.*{type(odd).__name__}"):
            put(container, odd)
        assert list(container) == [odd, held] and container.kind == "object"
    else:
        with pytest.raises(TypeError, match="not supported between"):
            put(container, odd)
        assert list(container) == [held] and container.kind != "object"
    container._check()


def test_numbers_move_for_text_and_text_for_numbers() -> None:
    with pytest.warns(lx.PerformanceWarning, match=MOVES):
        mixed: Any = lx.SortedDict({"a": 1}, b=2)
        mixed[Name("c")] = 3
    assert mixed.kind == "object" and list(mixed.items()) == [("a", 1), ("b", 2), ("c", 3)]
    with pytest.raises(TypeError, match="not supported between"):
        put(lx.SortedList([1]), "a")


def test_text_is_no_reason_to_warn(make: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for keys in (["b", "a", "é", "\ud800", "😀", ""], [b"b", b"", b"\xff\0"]):
            container = make(keys)
            assert list(container) == sorted(keys)
            assert container.kind == type(keys[0]).__name__


FOREIGN: list[Any] = [5, 1.5, None, b"a", (), Name("zz"), np.float64(1), np.str_("zz"), frozenset()]


@pytest.mark.parametrize("asked", FOREIGN)
def test_a_lookup_of_anything_is_exact_and_moves_nothing(asked: Any) -> None:
    words, names = lx.SortedSet(["a", "b"]), lx.SortedDict(a=1, b=2)
    assert asked not in words and asked not in names
    assert names.get(asked) is None and names.get(asked, 7) == 7
    with pytest.raises(KeyError):
        names[asked]
    with pytest.raises(KeyError):
        del names[asked]
    words.discard(asked)
    assert names.pop(asked, 3) == 3
    assert words.kind == names.kind == "str" and len(words) == len(names) == 2
    text = lx.SortedList(["a", "b"])
    if isinstance(asked, str):
        assert asked not in text and text.bisect_left(asked) == 2
    else:
        with pytest.raises(TypeError):
            asked in text  # noqa: B015
        with pytest.raises(TypeError):
            text.bisect_right(asked)


@pytest.mark.parametrize("kind", [Name, np.str_, lambda text: np.bytes_(text.encode())])
def test_equals_of_other_types_find_what_is_held(kind: Any) -> None:
    asked = kind("k7")
    keys: list[Any] = ["k5", "k7", "k9"]
    if isinstance(asked, bytes):
        keys = [key.encode() for key in keys]
    names: Any = lx.SortedDict.fromkeys(keys, 0)
    words: Any = lx.SortedSet(keys)
    assert asked in names and asked in words and asked in lx.SortedList(keys)
    assert words.index(asked) == names.index(asked) == lx.SortedList(keys).index(asked) == 1
    names[asked] = 4
    assert names[keys[1]] == 4 and list(names)[1] is keys[1]
    assert names.pop(asked) == 4 and len(names) == 2
    words.remove(asked)
    assert list(words) == [keys[0], keys[2]] and words.kind == type(keys[0]).__name__
    names._check()
    words._check()


def test_unhashable_values_are_refused_as_by_a_set() -> None:
    for container in (lx.SortedSet(["a"]), lx.SortedDict(a=1)):
        with pytest.raises(TypeError, match="unhashable"):
            [] in container  # noqa: B015
    assert lx.SortedSet(["a", "b"]).contains(["a", "c"]).tolist() == [True, False]
    assert lx.SortedList(["a", "b"]).bisect_left(np.array(["b", "c"])).tolist() == [1, 2]
    assert lx.SortedDict(a=1).get(np.array(["a", "c"]), 7) == [1, 7]


def copied(text: Any) -> Any:
    """Return other text that equals this one."""
    return text[:1] + text[1:] if len(text) > 1 else text


def test_the_very_objects_come_out_and_the_first_key_stays() -> None:
    first, second = "".join(["ke", "y"]), "".join(["k", "ey"])
    assert first is not second
    names = lx.SortedDict({first: 1})
    names[second] = 2
    names.update({second: 3})
    words = lx.SortedSet([first, second])
    words.add(second)
    both = lx.SortedList([first])
    both.add(second)
    assert next(iter(names)) is words[0] is both[0] is first and both[1] is second
    assert names.peekitem()[0] is names.keys()[0] is first and names[first] == 3
    assert both.pop() is second and both[:][0] is first and next(both.irange("k")) is first


ALPHABETS = ["\0\1", "ab", "a\x7f\x80\xff", "é中\uffff\U00010000\U0010ffff", "\ud800\udfff\ue000"]


def texts(seed: int, alphabet: str, shared: int, kind: str) -> list[Any]:
    """Return text of few letters behind a prefix, some longer or shorter than other by an end."""
    rng = random.Random(seed)
    prefix = "".join(rng.choices(alphabet, k=shared))
    drawn = [prefix + "".join(rng.choices(alphabet, k=rng.randrange(14))) for _ in range(700)]
    drawn += [text[:-1] for text in drawn[:90]] + [text + "\0" for text in drawn[:90]] + [""]
    rng.shuffle(drawn)
    return drawn if kind == "str" else [text.encode("utf-8", "surrogatepass") for text in drawn]


@pytest.mark.parametrize("kind", ["str", "bytes"])
@pytest.mark.parametrize("shared", [0, 7, 8, 9, 70, 200])
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_order_is_that_of_python(alphabet: str, shared: int, kind: str) -> None:
    keys = texts(shared, alphabet, shared, kind)
    at_once, one_by_one, plain = lx.SortedList(keys), lx.SortedList(keys[:5]), sorted(keys)
    for key in keys[5:]:
        one_by_one.add(key)
    one_by_one._check()
    at_once._check()
    assert list(at_once) == list(one_by_one) == plain and at_once.kind == kind
    theirs = sortedcontainers.SortedList(keys)
    for key in texts(shared + 1, alphabet, shared, kind)[::5] + keys[::7]:
        assert one_by_one.bisect_left(key) == at_once.bisect_left(key) == theirs.bisect_left(key)
        assert one_by_one.bisect_right(key) == theirs.bisect_right(key)
        assert (key in at_once, at_once.count(key)) == (key in theirs, theirs.count(key))
    for key in keys[::2]:
        one_by_one.remove(key)
        theirs.remove(key)
    one_by_one._check()
    assert list(one_by_one) == list(theirs)


@pytest.mark.parametrize("prefix", ["https://www.example.com/", "é" * 40, "x" * 300])
def test_ten_thousand_texts_of_one_code(prefix: str) -> None:
    keys = [f"{prefix}{i % 10**3:012}{i}" for i in range(10_000)]
    random.Random(1).shuffle(keys)
    words: Any = lx.SortedSet()
    for key in keys[:200]:
        words.add(key)
    words.update(keys[:7000])
    for key in keys[7000:]:
        words.add(key)
    words._check()
    plain = sorted(keys)
    assert list(words) == plain and words[5000] == plain[5000]
    assert [words.index(key) for key in plain[::97]] == list(range(0, 10_000, 97))
    for key in keys[::2]:
        words.discard(key)
    words._check()
    assert list(words) == sorted(keys[1::2])


def test_ten_thousand_equal_texts_stay_in_the_order_in_which_they_came() -> None:
    same = [copied("equal text of many") for _ in range(10_000)]
    words = lx.SortedList(same[:3])
    for text in same[3:4000]:
        words.add(text)
    words.update(same[4000:4100])
    words.update(same[4100:])
    words.update(["equal", "equal text of many more"])
    words._check()
    assert all(a is b for a, b in zip(words[1:-1], same, strict=True))
    assert (words.count(same[0]), words.bisect_left(same[5])) == (10_000, 1)
    del words[1:-1:2]
    assert len(words) == 5002 and words[1] is same[1]
    words._check()


def test_codes_are_chosen_anew_when_many_are_equal() -> None:
    """A text that nearly all keys begin with does not make changes slow for long."""
    names: Any = lx.SortedDict()
    keys = [f"https://www.example.com/{i * 7919 % 30_000:08}" for i in range(30_000)]
    for key in keys:
        names[key] = None
    iterator = iter(names)
    names._check()
    assert list(names) == sorted(keys) and next(iterator) == min(keys)


def test_batches_keep_all_or_nothing_without_memory(make: Any) -> None:
    keys = [f"key {i:05}" for i in range(3000)]
    for size, batch in (
        (0, keys[:500]),
        (500, keys[500:520]),
        (300, keys),
        (2000, keys[1990:2400]),
    ):
        blocks, done = 0, False
        while not done:
            container = make(keys[:size])
            more = dict.fromkeys(batch, 9) if hasattr(container, "keys") else batch
            _core._limit_tree_memory(blocks)
            try:
                container.update(more)
                done = True
            except MemoryError:
                blocks += 1
            finally:
                _core._limit_tree_memory(-1)
            container._check()
            if not done:
                assert list(container) == keys[:size]
                if hasattr(container, "keys"):
                    assert set(container.values()) <= {None}
        assert len(container) >= len(batch) and blocks + size > 0


def test_a_single_change_without_memory_changes_nothing(make: Any) -> None:
    container, keys = make(), [f"{i * 37 % 1000:04}" for i in range(1000)]
    for key in keys:
        before = len(container)
        _core._limit_tree_memory(0)
        try:
            put(container, key)
        except MemoryError:
            assert len(container) == before and (before == 0 or key not in container)
            container._check()
        finally:
            _core._limit_tree_memory(-1)
        if len(container) == before:
            put(container, key)
    container._check()
    assert list(container) == sorted(keys)


@pytest.mark.parametrize("kind", KINDS)
def test_references_are_counted(kind: Any) -> None:
    keys = [f"some key {i}" for i in range(2000)]
    value = object()
    before = [sys.getrefcount(key) for key in keys], sys.getrefcount(value)
    container: Any = maker(kind)(keys)
    if kind is lx.SortedDict:
        container.update(dict.fromkeys(keys, value))
        container.update({"some key 3": value, "one more": value})
        container["some key 5"] = value
        del container["one more"], container["some key 7"]
        container.popitem(), container.pop("some key 11"), container.get("some key 12")
        container.setdefault("some key 13", value)
        list(container.items()), container.values()[3:9], container.copy()
        del container.keys()[3:700:3], container.keys()[2:5]
    else:
        container.update(keys[:100])
        container.discard(keys[5])
        container.pop()
        container.add(keys[5])
        list(container), container[3:700:3], container.copy(), container == container.copy()
        del container[3:700:3], container[2:5]
        keys[9] in container, container.index(keys[9])
    container._check()
    container.clear()
    assert ([sys.getrefcount(key) for key in keys], sys.getrefcount(value)) == before
    put(container, keys[0])
    del container
    gc.collect()
    assert ([sys.getrefcount(key) for key in keys], sys.getrefcount(value)) == before


def test_the_garbage_collector_sees_values() -> None:
    class Node:
        names: Any

    node = Node()
    node.names = lx.SortedDict({"a": 1, "b": node})
    watched = weakref.ref(node)
    del node
    gc.collect()
    assert watched() is None


class Returning:
    """Does something when it is released."""

    def __init__(self, change: Callable[[], object]) -> None:
        self.change = change

    def __del__(self) -> None:
        self.change()


@pytest.mark.parametrize("change", ["set", "update", "del", "slice", "clear", "pop", "new"])
def test_finalizers_come_back_to_a_whole_dict(change: str) -> None:
    names: Any = lx.SortedDict({f"{i:03}": None for i in range(600)})
    seen: list[int] = []

    def back() -> None:
        names._check()
        names[f"more {len(seen)}"] = None
        names.pop("005", None)
        if change == "new":
            names.clear()
        seen.append(len(names))

    names["003"] = Returning(back)
    uses: dict[str, Callable[[], object]] = {
        "set": lambda: names.__setitem__("003", 1),
        "update": lambda: names.update({"003": 1, "x": 2}),
        "del": lambda: names.__delitem__("003"),
        "slice": lambda: names.keys().__delitem__(slice(None, 300, 3)),
        "clear": lambda: names.clear(),
        "pop": lambda: names.pop("003") and None,
        "new": lambda: names.__setitem__("003", 1),
    }
    uses[change]()
    gc.collect()
    assert len(seen) == 1
    names._check()


class Hostile(str):
    """Text that changes the container when it is compared or hashed."""

    change: Callable[[], object]

    def __hash__(self) -> int:
        self.change()
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        self.change()
        return False


@pytest.mark.parametrize("then", [lambda c: c.clear(), lambda c: c.__init__([])])
@pytest.mark.parametrize("kind", [lx.SortedSet, lx.SortedDict])
def test_foreign_text_may_change_what_it_is_looked_up_in(kind: Any, then: Any) -> None:
    uses: list[Callable[[Any, Any], object]] = [
        lambda c, k: k in c,
        lambda c, k: c.index(k),
        lambda c, k: c.get(k) if kind is lx.SortedDict else c.discard(k),
        lambda c, k: c.pop(k, 1) if kind is lx.SortedDict else c.remove(k),
    ]
    for use in uses:
        container = maker(kind)(["a", "b", "c"])
        asked = Hostile("b")
        asked.change = lambda held=container: then(held)  # type: ignore[misc]
        with suppress(ValueError, KeyError):
            use(container, asked)
        container._check()


def test_iterators_stop_when_the_text_changes(make: Any) -> None:
    container = make([f"{i}" for i in range(1000)])
    iterators = [iter(container), reversed(container), container.irange("3"), container.islice(5)]
    for iterator in iterators:
        next(iterator)
    put(container, "another")
    for iterator in iterators:
        with pytest.raises(RuntimeError, match="changed during iteration"):
            next(iterator)
    assert iter(container).__length_hint__() == 1001


def test_what_is_left_of_text(make: Any) -> None:
    container = make(["b", "", "é", "a" * 50])
    again = pickle.loads(pickle.dumps(container))
    assert again == container == copy.copy(container) == copy.deepcopy(container)
    assert again.kind == "str" and repr(again) == repr(container)
    assert container.to_numpy().tolist() == list(container)
    assert container.irange("a", "b", as_array=True).tolist() == ["a" * 50, "b"]
    assert sys.getsizeof(make([f"{i}" for i in range(1000)])) > sys.getsizeof(container) + 16_000
    if hasattr(container, "freeze"):
        with pytest.raises(TypeError, match="holds str; an index needs int or float"):
            container.freeze()


def test_arrays_of_text_are_taken_as_text() -> None:
    assert lx.SortedList(np.array(["b", "a"])).kind == "str"
    words: Any = lx.SortedSet(np.array([b"b", b"a"]))
    words.update(np.array([b"c"], object))
    assert (words.kind, list(words)) == ("bytes", [b"a", b"b", b"c"])


def test_set_algebra_of_text_is_text() -> None:
    words = lx.SortedSet(["a", "b", "c"])
    assert [words & {"b", 5}, words | {"d"}, words - {"a"}, words ^ {"a", "x"}] == [
        {"b"}, {"a", "b", "c", "d"}, {"b", "c"}, {"b", "c", "x"}
    ]  # fmt: skip
    assert (words | {"d"}).kind == "str" and words <= {"a", "b", "c", "d"} and words > {"a"}
    words -= {"a"}
    words |= lx.SortedSet(["z"])
    assert (list(words), words.kind) == (["b", "c", "z"], "str")
