"""Queries and options that no verb takes: each refusal names the argument, fault and remedy."""

import datetime
import gc
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

Verb = Callable[..., Any]

INTS: Any = lx.LearnedIndex(np.arange(100))
FLOATS = lx.LearnedIndex(np.arange(100.0))
DAYS = lx.LearnedIndex(np.arange(100).astype("M8[D]"))
LENGTHS = lx.LearnedIndex(np.arange(100).astype("m8[s]"))
MONTHS = lx.LearnedIndex(np.arange(100).astype("m8[M]"))


def shown(value: Any) -> str:
    """Return a name for a test that is the same in every process."""
    return type(value).__name__ if type(value) is object else repr(value)


NUMERIC = {"int": INTS, "float": FLOATS, "uint8": lx.LearnedIndex(np.arange(9, dtype=np.uint8))}

FOREIGN: list[Any] = [
    "5",
    b"5",
    np.str_("5"),
    None,
    object(),
    1j,
    np.complex64(1),
    np.longdouble(1),
    np.datetime64(5, "s"),
    np.timedelta64(5, "s"),
    datetime.date(2024, 1, 1),
    datetime.datetime(2024, 1, 1),
    datetime.timedelta(1),
]
FOREIGN_ARRAYS: list[Any] = [
    np.array(["5", "6"]),
    ["5", "6"],
    np.array([b"5"]),
    np.array([1j]),
    np.array([1], np.longdouble),
    np.ma.masked_array([1, 2], [False, True]),
    np.zeros(2, [("a", "i4")]),
    np.array([None, 1], object),
    np.arange(3).astype("M8[s]"),
    np.arange(3).astype("m8[s]"),
    [datetime.date(2024, 1, 1)],
    [1, "a"],
    [[1, 2], [3]],
]


def verbs(index: lx.LearnedIndex) -> dict[str, Verb]:
    """Return every verb as a function of one query."""
    return {
        "searchsorted": index.searchsorted,
        "contains": index.contains,
        "find": index.find,
        "find nearest": partial(index.find, method="nearest"),
        "rank": index.rank,
        "bounds": index.bounds,
    }


def range_verbs(index: lx.LearnedIndex) -> dict[str, tuple[str, Verb]]:
    """Return the verbs with two ends, as functions of one end, with its name."""
    return {
        "range lo": ("lo", lambda v: index.range(v, None)),
        "range hi": ("hi", lambda v: index.range(None, v)),
        "count lo": ("lo", lambda v: index.count(v, None)),
        "count hi": ("hi", lambda v: index.count(None, v)),
    }


@pytest.mark.parametrize("keys", NUMERIC)
@pytest.mark.parametrize("v", [*FOREIGN, *FOREIGN_ARRAYS], ids=shown)
def test_foreign_queries_on_numbers(v: Any, keys: str) -> None:
    for verb in verbs(NUMERIC[keys]).values():
        refused(verb, v, kind=(TypeError, ValueError), says=(r"\bv\b",))
    for name, verb in range_verbs(NUMERIC[keys]).values():
        if v is not None:
            refused(verb, v, kind=(TypeError, ValueError), says=(rf"\b{name}\b",))


@pytest.mark.parametrize("v", ["5", 1j, np.longdouble(1), np.datetime64(5, "s"), b"x"], ids=repr)
def test_foreign_scalars_are_type_errors(v: Any) -> None:
    for verb in verbs(INTS).values():
        refused(verb, v, kind=TypeError)
    refused(lambda: v in INTS, kind=TypeError)


@pytest.mark.parametrize(
    "v", [5, 5.0, np.int64(5), np.timedelta64(5, "D"), datetime.timedelta(5), "1970-01-02", True]
)
def test_what_is_no_instant(v: Any) -> None:
    for verb in verbs(DAYS).values():
        refused(verb, v, kind=TypeError, says=(r"\bv\b",))
        refused(verb, np.array([v, v]), kind=TypeError, says=(r"\bv\b",))


@pytest.mark.parametrize(
    "v", [np.datetime64(5, "D"), datetime.date(1970, 1, 2), "5 s", np.timedelta64(5, "M")]
)
def test_what_is_no_length(v: Any) -> None:
    for verb in verbs(LENGTHS).values():
        refused(verb, v, kind=TypeError, says=(r"\bv\b",))
        refused(verb, np.array([v, v]), kind=TypeError, says=(r"\bv\b",))


@pytest.mark.parametrize("v", [np.timedelta64(30, "D"), datetime.timedelta(30)])
def test_days_against_months(v: Any) -> None:
    for verb in verbs(MONTHS).values():
        refused(verb, v, kind=TypeError, says=("month|year",))


@pytest.mark.parametrize("side", ["lef", "LEFT", "", "both", None, 0, b"left", ["left"]])
def test_wrong_side(side: Any) -> None:
    for v in (5, np.arange(3)):
        refused(INTS.searchsorted, v, side, says=("side", "left", "right"))
        refused(INTS.searchsorted, v, side=side, says=("side", "left", "right"))
        refused(INTS.bounds, v, side, says=("side", "left", "right"))


@pytest.mark.parametrize("method", ["near", "ffill ", "", 0, b"pad", "left"])
def test_wrong_method(method: Any) -> None:
    for v in (5, np.arange(3)):
        refused(INTS.find, v, method, says=("method", "pad", "backfill", "nearest"))


@pytest.mark.parametrize("inclusive", ["lower", "", "Both", True, 1, b"both"])
def test_wrong_inclusive(inclusive: Any) -> None:
    for lo in (5, np.arange(3)):
        refused(INTS.range, lo, 7, inclusive, says=("inclusive", "both", "neither"))
        refused(INTS.count, lo, 7, inclusive, says=("inclusive", "both", "neither"))


@pytest.mark.parametrize("tolerance", ["1", np.timedelta64(1, "s"), 1j])
def test_wrong_tolerance(tolerance: Any) -> None:
    for v in (5, np.arange(3)):
        refused(INTS.find, v, "nearest", tolerance, says=("tolerance",))


def test_tolerance_needs_a_method() -> None:
    refused(INTS.find, 5, tolerance=1, says=("tolerance", "method"))
    refused(INTS.find, np.arange(3), tolerance=1, says=("tolerance", "method"))


@pytest.mark.parametrize("threads", [-1, -(2**40), 1.5, "2", [1]])
def test_wrong_threads(threads: Any) -> None:
    two_ended: tuple[Verb, ...] = (partial(INTS.count, hi=None), partial(INTS.range, hi=None))
    for verb in (*verbs(INTS).values(), *two_ended):
        refused(verb, np.arange(3), threads=threads, says=("threads",))


def test_sorter_says_to_sort_once() -> None:
    order = np.arange(100)
    refused(INTS.searchsorted, 5, sorter=order, kind=TypeError, says=("sorter", "sort"))
    refused(INTS.searchsorted, np.arange(3), sorter=order, kind=TypeError, says=("sorter", "sort"))
    refused(INTS.searchsorted, 5, "left", order, kind=TypeError)


@pytest.mark.parametrize("v", [5, np.arange(3)], ids=["scalar", "array"])
def test_unknown_and_missing_arguments(v: Any) -> None:
    for verb in (INTS.searchsorted, INTS.contains, INTS.find, INTS.rank, INTS.bounds):
        with pytest.raises(TypeError, match="epsilon"):
            verb(v, epsilon=1)
        with pytest.raises(TypeError):
            verb()
    with pytest.raises(TypeError):
        INTS.searchsorted(v, v=v)
    with pytest.raises(TypeError):
        INTS.searchsorted(v, "left", side="left")


def test_arguments_by_name() -> None:
    assert INTS.searchsorted(v=5, side="right") == 6
    assert INTS.contains(v=5) is True
    assert INTS.find(v=5, method="pad", tolerance=0) == 5
    assert INTS.rank(v=5) == 6
    assert INTS.range(lo=1, hi=5, inclusive="both") == slice(1, 6)
    assert INTS.count(lo=1, hi=5, inclusive="neither") == 3
    low, high = INTS.bounds(v=5, side="right")
    assert low <= 6 <= high


def test_shapes_that_do_not_broadcast() -> None:
    refused(INTS.count, np.arange(3), np.arange(4), kind=ValueError, says=("lo", "hi"))
    refused(INTS.range, np.arange(3), np.arange(4), kind=ValueError, says=("lo", "hi"))


def test_refusals_leak_nothing() -> None:
    watched = (np.array(["a", "b"]), np.empty(3, np.int8), INTS)
    before = counts_after_refusals(*watched)
    assert counts_after_refusals(*watched) == before


def counts_after_refusals(v: Any, out: Any, index: lx.LearnedIndex) -> list[int]:
    """Return the reference counts of what a hundred refused calls were given."""
    for _ in range(100):
        for verb in verbs(index).values():
            refused(verb, v)
        refused(index.searchsorted, np.arange(3), out=out)
    gc.collect()
    return [sys.getrefcount(item) for item in (v, out, index)]


@pytest.mark.parametrize("v", [2**64, -(2**64), 10**400, 1e400, -1e400, float("nan")])
def test_absurd_numbers_are_answered_not_refused(v: Any) -> None:
    """`2**64 in tree` is False, not an OverflowError."""
    for index in NUMERIC.values():
        assert v not in index
        assert index.find(v) == -1
        assert index.count(v, v, "both") == 0
