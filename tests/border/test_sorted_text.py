"""Sorted containers of text: str or bytes alone stay typed, whatever they begin with."""

import copy
import pickle
import random
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import sortedcontainers

import learnedidx as lx
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


def test_equal_texts_of_a_batch_stay_in_their_order() -> None:
    keys = [copied(f"https://www.example.com/{i * 7919 % 50:03}") for i in range(5000)]
    words = lx.SortedList(keys[:400])
    words.update(keys[400:420])
    words.update(keys[420:])
    assert all(a is b for a, b in zip(words, sorted(keys), strict=True))


def test_codes_are_chosen_anew_when_many_are_equal() -> None:
    """A text that nearly all keys begin with does not make changes slow for long."""
    names: Any = lx.SortedDict()
    keys = [f"https://www.example.com/{i * 7919 % 30_000:08}" for i in range(30_000)]
    for key in keys:
        names[key] = None
    iterator = iter(names)
    names._check()
    assert list(names) == sorted(keys) and next(iterator) == min(keys)


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
