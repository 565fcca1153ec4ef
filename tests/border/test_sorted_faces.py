"""Sorted containers as Python sees them: classes, copies, pickles, imports."""

import copy
import itertools
import pickle
import subprocess
import sys
from collections.abc import MutableMapping, MutableSequence, MutableSet
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.containers import SortedItemsView, SortedKeysView
from tests.border.sorted_common import KINDS, maker


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    """Return what makes a container of keys."""
    return maker(request.param)


def test_they_are_what_abstract_classes_say() -> None:
    assert isinstance(lx.SortedList(), MutableSequence)
    assert isinstance(lx.SortedSet(), MutableSet)
    assert isinstance(lx.SortedDict(), MutableMapping)
    assert isinstance(lx.SortedKeyList(), lx.SortedList)
    assert isinstance(lx.SortedList(key=abs), lx.SortedKeyList)
    assert not isinstance(lx.SortedDict(), dict)
    for kind in (lx.SortedList, lx.SortedSet, lx.SortedDict):
        with pytest.raises(TypeError, match="unhashable"):
            hash(kind())


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("keys", [[3, 1, 2], [0.5, -1.0], ["b", "a"], [], [2**70, 1]])
def test_copies_and_pickles_are_equal(make: Any, keys: list[Any]) -> None:
    container = make(keys)
    again = [copy.copy(container), copy.deepcopy(container), container.copy()]
    again += [pickle.loads(pickle.dumps(container, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)]
    for one in again:
        assert (type(one), list(one), one) == (type(container), sorted(keys), container)
        one._check()


def test_damaged_pickles_raise(make: Any) -> None:
    data = pickle.dumps(make([1, 2, 3, 500, 2**40]))
    for length in range(len(data)):
        with pytest.raises((pickle.UnpicklingError, EOFError, ValueError, TypeError)):
            pickle.loads(data[:length])


@pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")
@pytest.mark.parametrize("keys", [[1, 2, 500, 2**40], [0.5, 2.0]])
def test_altered_pickles_raise_or_give_whole_containers(make: Any, keys: list[Any]) -> None:
    for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
        data = pickle.dumps(make(keys), protocol)
        for at, mask in itertools.product(range(len(data)), (1, 4, 64, 128)):
            byte = bytes([data[at] ^ mask])
            if byte in b"pr":  # may ask pickle itself for gigabytes, to note one object
                continue
            altered = data[:at] + byte + data[at + 1 :]
            with suppress(Exception):
                other: Any = pickle.loads(altered)
                if hasattr(other, "_check"):
                    other._check()
                    assert len(list(other)) == len(other)


def test_pickles_that_are_no_numbers_are_refused() -> None:
    unpack, arguments = lx.SortedList([1, 2]).__reduce__()
    for at, other in ((0, list), (0, 5), (1, "object"), (2, arguments[2][:-1]), (2, "numbers")):
        with pytest.raises(ValueError, match="truncated or altered"):
            unpack(*arguments[:at], other, *arguments[at + 1 :])
    with pytest.raises(ValueError, match="NaN"):
        unpack(lx.SortedSet, "float", np.array([np.nan]).tobytes())


def test_a_subclass_is_kept_and_may_have_attributes() -> None:
    class Mine(lx.SortedList[int]):
        pass

    mine = Mine([3, 1])
    mine.name = "mine"  # type: ignore[attr-defined]
    for other in (mine + {2}, mine * 2, mine.copy(), pickle_like(mine)):
        assert type(other) is Mine
    assert repr(mine) == "Mine([1, 3])"

    class Defaults(lx.SortedDict[int, str]):
        def __missing__(self, key: int) -> str:
            return f"no {key}"

    assert Defaults({1: "one"})[2] == "no 2"


def pickle_like(container: Any) -> Any:
    """Do what unpickling does."""
    kind, arguments = container.__reduce__()
    return kind(*arguments)


def matched(value: Any) -> Any:
    """Return what a pattern of mappings or of sequences takes from a value."""
    match value:
        case {1: one, **rest}:
            return one, rest
        case [first, *others]:
            return first, others
    return None


def test_patterns_unpacking_and_operators_take_a_dict_as_a_mapping() -> None:
    names: Any = lx.SortedDict({2: "b", 1: "a"})
    words: Any = lx.SortedDict({1: "a"})
    assert matched(names) == ("a", {2: "b"})
    assert matched(lx.SortedList([3, 1])) == matched(lx.SortedSet([3, 1])) == (1, [3])
    assert {**names, 3: "c"} == {1: "a", 2: "b", 3: "c"} == names | {3: "c"} == {3: "c"} | names
    assert list({3: "c"} | names) == [1, 2, 3]
    assert dict(names) == names == copy.copy(names) == {2: "b", 1: "a"}
    words |= [(0, "z")]
    assert list(words.items()) == [(0, "z"), (1, "a")]
    assert dict(**lx.SortedDict(b=1, a=2)) == {"a": 2, "b": 1}


def test_json_knows_no_sorted_dict_but_its_items() -> None:
    import json

    assert json.dumps(dict(lx.SortedDict({2: "b", 1: "a"}))) == '{"1": "a", "2": "b"}'


def test_without_sortedcontainers_numbers_and_text_work_and_the_rest_says_so() -> None:
    program = """
import sys
sys.modules["sortedcontainers"] = None
import learnedidx as lx
numbers = lx.SortedList([3, 1, 2])
for use in (lambda: numbers.add("a"), lambda: lx.SortedSet([()]),
            lambda: lx.SortedDict({"a": 1, 2: 3}), lambda: lx.SortedKeyList([1])):
    try:
        use()
    except ImportError as error:
        assert "pip install 'learnedidx[containers]'" in str(error), error
    else:
        raise SystemExit("no error")
assert list(numbers) == [1, 2, 3]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_numbers_and_text_never_import_sortedcontainers() -> None:
    program = """
import sys, learnedidx as lx
numbers = lx.SortedList([3, 1]); numbers.add(5); 2.5 in numbers; "x" in lx.SortedSet([1])
names = lx.SortedDict({1: 2}); names[3] = 4; names.get("x")
words = lx.SortedDict(a=1); words["b"] = 2; words.get(5); lx.SortedSet([b"a"]) | {b"b"}
assert "sortedcontainers" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_views_are_sets_and_sequences() -> None:
    names = lx.SortedDict({3: "c", 1: "a", 2: "b"})
    keys, items = names.keys(), names.items()
    assert isinstance(keys, SortedKeysView)
    assert isinstance(items, SortedItemsView)
    assert keys & {1, 3, 9} == {1, 3}
    assert (keys.count(3), keys.index(3), names.values().index("c")) == (1, 2, 2)
    del names.values()[0]
    assert list(items) == [(2, "b"), (3, "c")]
