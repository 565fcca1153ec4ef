"""What sorted containers hold as numbers, and what moves them to objects."""

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.sorted_common import KINDS, maker, put

MOVES = "moves to sortedcontainers"


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    """Return what makes a container of keys."""
    return maker(request.param)


def test_the_first_number_says_what_is_held(make: Any) -> None:
    container = make()
    assert container.kind == "int"
    put(container, 1.5)
    assert container.kind == "float"
    container.clear()
    put(container, 3)
    assert (container.kind, list(container)) == ("int", [3])


@pytest.mark.parametrize(
    ("held", "odd", "name"),
    [
        (0, True, "bool"),
        (1, 2**63, "int beyond 64 bits"),
        (1, -(2**63) - 1, "int beyond 64 bits"),
        (1, 0.5, "float"),
        (0.5, 2, "int"),
        (0.5, -0.0, "-0.0"),
        (1, Fraction(1, 3), "Fraction"),
        (1, type("Small", (int,), {})(7), "Small"),
    ],
)
def test_anything_else_moves_once(make: Any, held: Any, odd: Any, name: str) -> None:
    container = make([held + 2, held])
    with pytest.warns(UserWarning, match=f"{MOVES}.*{name}") as seen:
        put(container, odd)
    assert seen[0].filename == put.__code__.co_filename, "the warning points at the caller"
    assert container.kind == "object"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        put(container, Fraction(7, 3))
    assert list(map(repr, container)) == list(
        map(repr, sorted([held + 2, held, odd, Fraction(7, 3)]))
    )
    container._check()


@pytest.mark.parametrize("kind", [lx.SortedSet, lx.SortedDict])
def test_what_equals_a_key_is_no_insertion(kind: Any) -> None:
    container = kind.fromkeys([1, 2]) if kind is lx.SortedDict else kind([1, 2])
    put(container, True)
    put(container, 2.0)
    put(container, Fraction(2))
    assert (container.kind, list(map(repr, container))) == ("int", ["1", "2"])


def test_an_update_with_equals_of_keys_stays_typed() -> None:
    names: lx.SortedDict[float, str] = lx.SortedDict({1: "a"})
    names.update({1.0: "b", 2: "c"})
    assert (names.kind, list(map(repr, names.items()))) == ("int", ["(1, 'b')", "(2, 'c')"])


def test_a_warning_that_is_an_error_changes_nothing(make: Any) -> None:
    container = make([1, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match=MOVES):
            put(container, 0.5)
    assert (container.kind, list(container)) == ("int", [1, 2])


def test_values_that_do_not_compare_change_nothing(make: Any) -> None:
    container = make([1, 2])
    with pytest.raises(TypeError):
        put(container, "one")
    assert (container.kind, list(container)) == ("int", [1, 2])


@pytest.mark.parametrize("nan", [float("nan"), np.float64("nan"), np.float32("nan")])
def test_nan_is_refused(make: Any, nan: Any) -> None:
    for held in ([1], [1.5], []):
        container = make(held)
        with pytest.raises(ValueError, match="value or key: NaN is neither"):
            put(container, nan)
        assert list(container) == held
        assert nan not in container


def test_nan_is_refused_among_objects_too(make: Any) -> None:
    with pytest.warns(UserWarning, match=MOVES):
        container = make([1, 0.5])
    with pytest.raises(ValueError, match="NaN"):
        put(container, float("nan"))
    with pytest.raises(ValueError, match="NaN"):
        make([1.0, float("nan")])
    assert list(container) == [0.5, 1]


ASKED = [1.0, True, Fraction(1), Decimal(1), np.int8(1), np.float32(1), np.uint64(1), np.float16(1)]


@pytest.mark.parametrize("asked", ASKED, ids=lambda a: type(a).__name__)
def test_lookups_compare_by_value(make: Any, asked: Any) -> None:
    for one in (1, 1.0):
        container = make([one, 3 * one])
        assert asked in container
        assert (container.bisect_left(asked), container.bisect_right(asked)) == (0, 1)
        assert container.index(asked) == 0
        assert asked + 1 not in container
        assert container.kind != "object"


def test_lookups_are_exact_beyond_doubles() -> None:
    big = 2**53
    ints = lx.SortedList([big, big + 1, big + 2])
    assert float(big) in ints
    assert ints.bisect_left(float(big) + 2) == 2
    floats = lx.SortedList([float(big), float(big) + 2])
    assert (big + 1) not in floats
    assert (floats.bisect_left(big + 1), floats.bisect_right(big + 1)) == (1, 1)
    assert (floats.bisect_left(10**400), ints.bisect_left(-(10**400))) == (2, 0)
    assert ints.bisect_left(2**63) == 3
    assert 2.0**63 not in lx.SortedList([2**63 - 1])


@pytest.mark.parametrize("kind", [lx.SortedSet, lx.SortedDict])
def test_lookups_of_hashed_keys_follow_hash_and_equality(kind: Any) -> None:
    class Five:
        def __hash__(self) -> int:
            return hash(5)

        def __eq__(self, other: object) -> bool:
            return other == 5

    container = kind.fromkeys([3, 5]) if kind is lx.SortedDict else kind([3, 5])
    assert Five() in container
    assert complex(5) in container
    assert "5" not in container
    assert None not in container
    assert float("inf") not in container
    with pytest.raises(TypeError, match="unhashable"):
        assert [5] in container
    with pytest.raises(TypeError, match="unhashable"):
        put(container, [5])


def test_an_equality_that_raises_is_heard() -> None:
    class Broken:
        def __hash__(self) -> int:
            return 5

        def __eq__(self, other: object) -> bool:
            raise ZeroDivisionError

    names = lx.SortedDict({5: "five"})
    for call in (names.get, names.pop, names.__getitem__, names.__delitem__, names.__contains__):
        with pytest.raises(ZeroDivisionError):
            call(Broken())
    assert names == {5: "five"}


def test_numpy_scalars_become_numbers(make: Any) -> None:
    for scalar in (np.int8(3), np.uint64(3), np.int64(3)):
        container = make([1])
        put(container, scalar)
        assert list(map(type, container)) == [int, int]
    for real in (np.float64(2.5), np.float32(2.5), np.float16(2.5)):
        container = make([1.0])
        put(container, real)
        assert (list(map(type, container)), container.kind) == ([float, float], "float")
