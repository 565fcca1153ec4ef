"""What a container of objects, or its warning, does when a comparison or its user is difficult."""

import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import learnedidx as lx

pytestmark = pytest.mark.filterwarnings("ignore:.*moves to sortedcontainers")


class Touchy:
    """A value that compares as its number, until it is armed: == raises then."""

    armed = False

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        if Touchy.armed:
            raise ZeroDivisionError
        return isinstance(other, Touchy) and self.number == other.number

    def __lt__(self, other: "Touchy") -> bool:
        if self.number == 400:
            Touchy.armed = True  # what is compared in a list may fail in a hash table
        return self.number < other.number

    def __le__(self, other: "Touchy") -> bool:
        return self.number <= other.number

    def __hash__(self) -> int:
        return 7 if self.number in (3, 400) else hash(self.number)


def disarmed(change: Any) -> None:
    try:
        with pytest.raises(ZeroDivisionError):
            change()
    finally:
        Touchy.armed = False


@pytest.mark.parametrize("many", [False, True])
def test_a_comparison_that_raises_leaves_both_halves_of_a_set_alike(many: bool) -> None:
    held = [Touchy(i) for i in range(50)]
    values = lx.SortedSet(held)
    new = Touchy(400)
    disarmed(lambda: values.update([Touchy(77), new]) if many else values.add(new))
    assert list(values) == held
    assert len(values) == 50 and new not in values and Touchy(77) not in values
    values._check()
    values.add(Touchy(78))
    assert len(list(values)) == len(values) == 51


@pytest.mark.parametrize(("many", "first"), [(False, 0), (True, 0), (True, 8)])
def test_a_comparison_that_raises_leaves_both_halves_of_a_dict_alike(
    many: bool, first: int
) -> None:
    """Without 3 and 7, whose hash the new key has, it is in before the old ones are compared."""
    held = [Touchy(i) for i in range(first, 50)]
    items = lx.SortedDict((key, "old") for key in held)
    new = Touchy(400)

    def change() -> None:
        if many:
            items.update({Touchy(9): "new", Touchy(77): "new", new: "new"})
        else:
            items[new] = "new"

    disarmed(change)
    assert list(items.items()) == [(key, "old") for key in held]
    assert len(items) == len(held) and new not in items
    items._check()


@pytest.mark.parametrize("kind", [lx.SortedSet, lx.SortedDict.fromkeys, lx.SortedList])
def test_a_decimal_with_a_large_exponent_is_compared_at_once(kind: Any) -> None:
    began = time.perf_counter()
    for numbers in ([1, 5], [1.0, 5.0]):
        container = kind(numbers)
        for value in (Decimal("1E+3000000"), Decimal("-1E+3000000"), Decimal("1E-3000000")):
            assert value not in container
            assert not container.contains(np.array([value], object)).any()
        assert container.bisect_left(Decimal("1E+3000000")) == 2
        assert Decimal(5) in container and Decimal("5.5") not in container
    assert time.perf_counter() - began < 1


class Fleeting(str):
    """A key that another thread may take out as soon as it was looked up: its hash does so here."""

    held: Any
    hashes = 0

    def __hash__(self) -> int:
        type(self).hashes += 1
        if type(self).hashes == 2:
            del type(self).held["a"]
        return hash(str(self))


def test_setdefault_looks_a_key_up_once() -> None:
    Fleeting.held = lx.SortedDict({"a": 1, "b": 2})
    assert Fleeting.held.setdefault(Fleeting("a"), 3) == 1
    assert Fleeting.held.setdefault("c", default := [4]) is default
    assert list(Fleeting.held.items()) == [("a", 1), ("b", 2), ("c", default)]


@pytest.mark.parametrize("numbers", [[1, 2, 3], ["a", "b"], []])
@pytest.mark.parametrize("word", ["neither", b"both"])
def test_a_word_is_no_pair_of_truth_values(numbers: list[Any], word: Any) -> None:
    containers: tuple[Any, ...] = (
        lx.SortedList(numbers),
        lx.SortedSet(numbers),
        lx.SortedDict.fromkeys(numbers),
    )
    for container in containers:
        with pytest.raises(
            TypeError, match="two truth values are needed, such as .True, False., not"
        ):
            container.irange(None, None, inclusive=word)


def test_a_list_of_numbers_is_asked_about_one_by_one() -> None:
    containers: list[Any] = [
        lx.SortedList([1, 2]),
        lx.SortedSet([1.0, 2.0]),
        lx.SortedDict({1: 1, 2: 2}),
    ]
    for container in containers:
        assert container.contains([1, 5, 2.0, 2**70]).tolist() == [True, False, True, False]
        assert container.contains([]).dtype == np.bool_
        with pytest.raises(TypeError, match=r"this is a list of 2; .* np.array\(values\)"):
            container.bisect_left([1, 5])
    assert lx.SortedList([[1], [2]]).contains([1]) is True


def test_a_move_is_told_once_a_process_in_a_category_of_its_own() -> None:
    code = """
import learnedidx as lx, warnings
assert issubclass(lx.PerformanceWarning, UserWarning)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    lx.SortedList([1]).add("a" and 0.5)
with warnings.catch_warnings():
    warnings.simplefilter("error", lx.PerformanceWarning)
    for _ in range(2):
        try: lx.SortedList([1]).add("a" and 0.5)
        except lx.PerformanceWarning: print("raised")
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    for _ in range(2): lx.SortedList([()])
print(len(seen), seen[0].category.__name__, seen[0].filename, seen[0].lineno)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("default")
    lx.SortedList([()]); lx.SortedSet([()]); lx.SortedDict([((), 1)])
print(len(seen))
with warnings.catch_warnings():
    warnings.simplefilter("error", lx.PerformanceWarning)
    objects = lx.containers.objects
    objects.has_warned = False
    try: exec("lx.SortedList([0.5, 1])", {"lx": lx})  # without a name of its module
    except lx.PerformanceWarning: print("raised")
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    line = code[: code.index("for _ in range(2): lx")].count("\n") + 1
    told = ["raised", "raised", "2", "PerformanceWarning", "<string>", str(line), "1", "raised"]
    assert done.stdout.split() == told


class Clashing:
    """Objects of one hash, whose next comparison raises if asked to."""

    raises = False

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return 1

    def __lt__(self, other: "Clashing") -> bool:
        return self.number < other.number

    def __eq__(self, other: object) -> bool:
        if Clashing.raises:
            raise ZeroDivisionError
        return isinstance(other, Clashing) and self.number == other.number


@pytest.mark.filterwarnings("ignore::learnedidx.PerformanceWarning")
@pytest.mark.parametrize("verb", ["pop", "popitem"])
def test_what_cannot_be_popped_stays_in_both_halves(verb: str) -> None:
    items = [Clashing(number) for number in range(4)]
    held: Any = lx.SortedSet(items) if verb == "pop" else lx.SortedDict.fromkeys(items)
    Clashing.raises = True
    try:
        with pytest.raises(ZeroDivisionError):
            getattr(held, verb)()
    finally:
        Clashing.raises = False
    assert len(held) == 4 and list(held) == items and all(item in held for item in items)
    assert getattr(held, verb)() in (items[3], (items[3], None))
    assert len(held) == 3 and items[3] not in held
