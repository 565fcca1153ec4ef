"""RangeFilter: no member is denied, exact filters are right, others keep their promise."""

from __future__ import annotations

import datetime
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import learnedidx as lx
from tests.filters.key_sets import DTYPES, Array, beside, keys_of

STRATEGIES = ("auto", "exact", "robust", "learned")
SIDES = ("left", "right", "both", "neither")


def check(filter: lx.RangeFilter, truth: Array, got: Array) -> None:
    """Compare answers with what is true."""
    denied = truth & ~got
    assert not denied.any(), f"denied at {np.flatnonzero(denied)[:5]}"
    if filter.exact_:
        assert np.array_equal(truth, got)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_members_and_neighbours(dtype: str, strategy: str) -> None:
    keys = keys_of(dtype)
    filter, index = lx.RangeFilter(10, strategy).fit(keys), lx.LearnedIndex(keys)
    asked = beside(keys)
    check(filter, index.contains(asked), filter.may_contain(asked))
    for one in asked[:: max(asked.size // 20, 1)]:
        assert filter.may_contain(one) == filter.may_contain(np.array([one]))[0]
        assert filter.may_contain(one) or one not in index


@pytest.mark.parametrize("inclusive", SIDES)
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_ranges(dtype: str, strategy: str, inclusive: Any) -> None:
    keys = keys_of(dtype)
    filter: Any = lx.RangeFilter(8, strategy, seed=7).fit(keys)
    index: Any = lx.LearnedIndex(keys)
    lows, random = beside(keys), np.random.default_rng(3)
    near = lows[(np.arange(lows.size) + 1) % lows.size]
    for highs in (lows, near, random.permutation(lows)):
        truth = index.count(lows, highs, inclusive) > 0
        check(filter, truth, filter.may_contain_range(lows, highs, inclusive))
    for one in lows[:: max(lows.size // 9, 1)]:
        truth = index.count(lows, np.broadcast_to(one, lows.shape), inclusive) > 0
        check(filter, truth, filter.may_contain_range(lows, one, inclusive))
        low, high = (
            filter.may_contain_range(*ends, inclusive) for ends in ((one, None), (None, one))
        )
        in_front, behind = index.range(None, one, inclusive), index.range(one, None, inclusive)
        numbers = int(np.sum(keys == keys))
        check(filter, np.array(behind.start < numbers), np.array(low))
        check(filter, np.array(in_front.stop > 0), np.array(high))
    assert filter.may_contain_range(None, None)


@pytest.mark.parametrize("dtype", DTYPES[:-1])
def test_queries_of_other_types(dtype: str) -> None:
    keys = keys_of(dtype)
    filter, index = lx.RangeFilter(12, "exact").fit(keys), lx.LearnedIndex(keys)
    if keys.dtype.kind in "mM":
        counts = np.array([-(10**8), -1, 0, 3, 86_400, 10**9, np.iinfo("i8").min])
        other: Any = counts.view(f"{keys.dtype.kind}8[s]")
        keys = np.sort(np.concatenate([keys, other[::2].astype(keys.dtype)]))
        filter, index = lx.RangeFilter(12, "exact").fit(keys), lx.LearnedIndex(keys)
        other = other[:-1]
    else:
        other = np.array([-1e30, -3.5, -1, 0, 0.5, 3, 2.0**31, 2.0**63, 2.0**64, 1e300, np.inf])
        odd = [Fraction(1, 3), 2**70, -(2**70), True, Decimal("0.5")]
        assert [filter.may_contain(v) for v in odd] == [v in index for v in odd]
        assert not filter.may_contain(Decimal("NaN")) and not filter.may_contain(float("nan"))
        mixed = np.array([1, Fraction(7, 2), 2**80, keys[3].item()], dtype=object)
        assert np.array_equal(filter.may_contain(mixed), index.contains(mixed))
        assert (
            filter.may_contain_range(mixed, mixed, "both").tolist()
            == index.contains(mixed).tolist()
        )
    assert np.array_equal(filter.may_contain(other), index.contains(other))
    truth = index.count(other[:-1], other[1:], "both") > 0
    assert np.array_equal(filter.may_contain_range(other[:-1], other[1:], "both"), truth)


def test_what_is_no_number_is_no_member() -> None:
    reals = lx.RangeFilter().fit([1.0, np.nan])
    assert not reals.may_contain(np.nan) and not reals.may_contain_range(np.nan, None)
    assert not reals.may_contain_range(2.0, np.nan, "both")
    assert reals.may_contain_range(None, np.nan)
    times = lx.RangeFilter().fit(np.array(["2020-01-01", "NaT"], "M8[s]"))
    assert not times.may_contain(np.datetime64("NaT", "s"))
    assert not lx.RangeFilter().fit([np.nan]).may_contain_range(None, None)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_keys(strategy: str) -> None:
    filter = lx.RangeFilter(strategy=strategy).fit(np.array([], "i8"))
    assert not filter.may_contain([0, 5]).any() and not filter.may_contain_range(None, None)
    assert filter.stats()["bits_per_key"] == 0.0


def queries_of(keys: Array, count: int, random: np.random.Generator) -> dict[str, Array]:
    """Return where ranges begin: anywhere, beside a key, and in the gap above one."""
    at = random.integers(0, keys.size - 1, count)
    gaps = (keys[at + 1] - keys[at]) * random.random(count)
    return {
        "uniform": random.integers(keys[0], keys[-1], count, np.uint64),
        "near": keys[at] + random.integers(1, 33, count).astype(np.uint64),
        "gap": keys[at] + gaps.astype(np.uint64),
    }


def far_keys(n: int, seed: int = 5) -> Array:
    random = np.random.default_rng(seed)
    near = random.integers(0, 2**30, n // 2, np.uint64) + np.uint64(2**62)
    return np.unique(np.concatenate([random.integers(0, 2**63, n // 2, np.uint64), near]))


@pytest.mark.parametrize("seed", [0, None])
@pytest.mark.parametrize("bits", [8.25, 12.2, 16.7])
def test_promise_is_kept(bits: float, seed: int | None) -> None:
    keys, random = far_keys(40_000), np.random.default_rng(9)
    filter = lx.RangeFilter(bits, seed=seed).fit(keys)
    assert filter.strategy_ == "robust"
    for length in (1, 16, 1024, 65536):
        promise = filter.promise(length)
        assert promise is not None
        for name, low in queries_of(keys, 50_000, random).items():
            high = low + np.uint64(length)
            empty = np.searchsorted(keys, low) == np.searchsorted(keys, high)
            wrong = filter.may_contain_range(low, high)[empty]
            expected = 1.1 * promise * wrong.size
            # Another seed each time errs by more than three sampling errors once in a hundred runs.
            errors = 3 * np.sqrt(expected) if seed == 0 else 6 * np.sqrt(expected) + 6
            assert wrong.sum() <= expected + errors, (name, length)


def test_bits() -> None:
    keys = far_keys(100_000)
    for bits in (6.2, 10.0, 12.35, 20.5):
        filter = lx.RangeFilter(bits, "robust").fit(keys)
        p = -np.log2(filter.promise(1) or 1)
        assert 8 * filter.nbytes_ / keys.size <= min(bits + 0.05, p + 2.35)
    starts = np.random.default_rng(1).integers(0, 2**60, 100)
    clustered = np.sort((starts[:, None] + np.arange(0, 300_000, 300)).ravel())
    assert lx.RangeFilter(12).fit(clustered).exact_
    assert lx.RangeFilter(4).fit(np.arange(10_000)).stats()["bits_per_key"] < 2.4


def test_learned_promises_nothing_and_is_small_far_from_keys() -> None:
    keys, random = (
        np.unique(np.random.default_rng(1).integers(0, 2**60, 50_000)),
        np.random.default_rng(2),
    )
    filter = lx.RangeFilter(12.9, "learned").fit(keys)
    assert filter.promise(1) is None and not filter.exact_
    low = random.integers(0, 2**60, 50_000)
    empty = np.searchsorted(keys, low) == np.searchsorted(keys, low + 65536)
    assert filter.may_contain_range(low, low + 65536)[empty].mean() < 0.003


def test_seeds() -> None:
    keys, random = far_keys(20_000), np.random.default_rng(4)
    one, two = (lx.RangeFilter(9.2, "robust").fit(keys) for _ in range(2))
    assert bytes(one._core.words) == bytes(two._core.words) and one.seed_ == 0
    drawn = [lx.RangeFilter(9.2, "robust", seed=None).fit(keys) for _ in range(2)]
    assert drawn[0].seed_ != drawn[1].seed_
    asked = random.integers(0, 2**63, 400_000, np.uint64)
    wrong = asked[one.may_contain(asked)]  # what an adversary finds who believes in seed 0
    rate = drawn[0].may_contain(wrong).mean()
    promise = drawn[0].promise(1) or 0
    assert wrong.size > 1000 and rate <= promise + 6 * np.sqrt(promise / wrong.size)


def test_out_and_threads_and_shapes() -> None:
    keys = far_keys(60_000)
    filter = lx.RangeFilter().fit(keys)
    asked = np.random.default_rng(1).permutation(np.concatenate([keys, keys + np.uint64(9)]))
    wanted = filter.may_contain(asked)
    out = np.empty(asked.size, np.bool_)
    assert filter.may_contain(asked, out=out, threads=2) is out and np.array_equal(out, wanted)
    ranges = filter.may_contain_range(asked, asked + np.uint64(5))
    strided = np.empty(2 * asked.size, np.bool_)[::2]
    got = filter.may_contain_range(asked, asked + np.uint64(5), out=strided, threads=0)
    assert got is strided and np.array_equal(got, ranges)
    square = filter.may_contain_range(asked[:6].reshape(2, 3), asked[:3] + np.uint64(5))
    assert square.shape == (2, 3)
    assert filter.may_contain(np.empty((0, 3))).shape == (0, 3)
    nought = np.empty((), np.bool_)
    assert filter.may_contain(keys[0], out=nought) is nought and nought[()]
    assert filter.may_contain_range(keys[0], None, out=nought) is nought


def test_conventions() -> None:
    filter = lx.RangeFilter(9, strategy="robust")
    assert repr(filter) == "RangeFilter(bits_per_key=9, strategy='robust')"
    assert filter.get_params() == {"bits_per_key": 9, "strategy": "robust", "seed": 0}
    with pytest.raises(ValueError, match=r"RangeFilter is not fitted: call fit\(keys\) first"):
        filter.may_contain(3)
    keys = keys_of("M8[ns]")
    for one in (filter, filter.fit(keys)):
        again = pickle.loads(pickle.dumps(one))
        assert repr(again) == repr(one)
    assert np.array_equal(again.may_contain(keys), filter.may_contain(keys))
    assert filter.stats()["strategy"] == "robust"
    sklearn = pytest.importorskip("sklearn.base")
    assert repr(sklearn.clone(filter)) == repr(filter)


def test_instants() -> None:
    pandas = pytest.importorskip("pandas")
    keys = pandas.date_range("2024-01-01", periods=50, tz="Europe/Rome")
    filter = pickle.loads(pickle.dumps(lx.RangeFilter().fit(keys)))
    assert filter.may_contain(keys[3].tz_convert("UTC")) and filter.may_contain(keys).all()
    with pytest.raises(TypeError, match="no time zone"):
        filter.may_contain(np.datetime64("2024-01-01"))


@pytest.mark.parametrize(
    ("arguments", "keys", "message"),
    [
        ({"bits_per_key": 3}, [1], "bits_per_key: must be a number from 4 to 50, got 3"),
        ({"bits_per_key": float("nan")}, [1], "bits_per_key: must be a number from 4"),
        ({"bits_per_key": True}, [1], "bits_per_key: must be a number from 4"),
        ({"bits_per_key": "12"}, [1], "bits_per_key: must be a number from 4"),
        ({"strategy": "best"}, [1], "strategy: must be one of"),
        ({"seed": -1}, [1], "seed: must be from 0 to"),
        ({"seed": 1.5}, [1], "seed: must be an int from 0"),
        ({}, [3, 1], "keys: not sorted"),
        ({}, ["a", "b"], "keys: are strings, which have no distances"),
        ({}, [b"a"], "keys: are strings"),
        ({}, [[1, 2]], "keys: must be a 1-D array"),
        ({}, [None], "keys"),
    ],
)
def test_bad_input(arguments: dict[str, Any], keys: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        lx.RangeFilter(**arguments).fit(keys)


def test_bad_questions() -> None:
    filter: Any = lx.RangeFilter().fit([1, 5, 9])
    unfitted: Any = lx.RangeFilter()
    wrong: Any
    for wrong, message in (
        (lambda: filter.may_contain("a"), "v: cannot compare str"),
        (lambda: filter.may_contain_range(["a"], 3), "lo: cannot compare"),
        (lambda: filter.may_contain_range(1, "b"), "hi: cannot compare str"),
        (lambda: filter.may_contain_range([1, 2], [1, 2, 3]), "lo and hi: shapes"),
        (lambda: filter.may_contain_range(1, 2, "outer"), "inclusive: must be one of"),
        (lambda: filter.may_contain([1], out=np.empty(2, bool)), "out: got shape"),
        (lambda: filter.may_contain([1], threads=-1), "threads: must be 0"),
        (lambda: filter.promise(0), "length: must be an int of at least 1"),
        (
            lambda: filter.promise(np.timedelta64(1, "s")),
            "length: must be an int .* in a range, got",
        ),
        (lambda: filter.promise(1.5), "length: must be an int"),
        (lambda: unfitted.fit([1], [2]), "y: must be left out"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            wrong()
    assert not filter.may_contain_range(9, 1) and not filter.may_contain_range([9], [1])[0]


def test_none_is_an_open_end_alone_but_no_item_of_an_array() -> None:
    found = lx.RangeFilter().fit([3, 4, 5])
    assert found.may_contain_range(None, 10) and found.may_contain_range(0, None)
    for lo, hi, name in ((0, [None, 10], "hi"), (np.array([None, 2**70], object), 10, "lo")):
        with pytest.raises(TypeError, match=f"{name}: cannot compare NoneType"):
            found.may_contain_range(lo, hi)


def test_a_length_of_time_is_counted_in_the_unit_of_the_keys() -> None:
    seconds = np.unique(np.random.default_rng(3).integers(0, 2**40, 20_000))
    ten = datetime.timedelta(minutes=10)
    counts: Any = {"M8[us]": 600_000_000, "M8[s]": 600, "M8[7s]": 86, "m8[ms]": 600_000, "M8[h]": 1}
    for dtype, values in counts.items():
        filter = lx.RangeFilter(42, "robust").fit(seconds.astype(dtype))
        for length in (ten, pd.Timedelta(ten), np.timedelta64(10, "m"), values):
            assert filter.promise(length) == filter.promise(values), (dtype, length)
        assert values == 1 or filter.promise(values - 1) != filter.promise(values)
    instants = pd.DatetimeIndex(seconds.astype("M8[us]")).tz_localize("Europe/Berlin")
    zoned = lx.open(lx.RangeFilter(42, "robust").fit(instants).save(bytes))
    assert zoned.promise(ten) == zoned.promise(600_000_000)
    for bad in (0, datetime.timedelta(0), np.timedelta64("NaT", "s"), -ten):
        with pytest.raises(
            ValueError, match="length: must be an int .* or a timedelta above 0, got"
        ):
            filter.promise(bad)
    for odd in ("10min", 1.5):
        with pytest.raises(
            TypeError, match="length: must be an int .* or a timedelta above 0, got"
        ):
            filter.promise(odd)
    months = lx.RangeFilter(12, "robust").fit(np.arange(100).astype("M8[M]"))
    for none in (ten, np.timedelta64(1, "M")):
        with pytest.raises(TypeError, match="length: must be an int"):
            months.promise(none)


def test_stats_say_from_which_length_on_nothing_is_promised() -> None:
    keys = far_keys(40_000)
    for bits in (8.25, 16.7):
        filter = lx.RangeFilter(bits).fit(keys)
        ends = filter.stats()["no_promise_from"]
        below = filter.promise(ends - 1)
        assert filter.promise(ends) == 1 and below is not None and 0.9 < below < 1
    for strategy in ("exact", "learned"):
        assert lx.RangeFilter(12, strategy).fit(keys).stats()["no_promise_from"] is None
    assert lx.RangeFilter(12, "robust").fit([]).stats()["no_promise_from"] is None


@pytest.mark.parametrize("strategy", STRATEGIES[1:])
def test_damaged_words_are_refused_or_harmless(strategy: str) -> None:
    from learnedidx import _core

    keys, random = far_keys(3000), np.random.default_rng(8)
    words = np.array(lx.RangeFilter(10, strategy).fit(keys)._core.words)
    asked, out = random.integers(0, 2**63, 300, np.uint64), np.empty(300, np.bool_)
    opened = 0
    for _ in range(3000):
        bad = words.copy()
        many = random.integers(1, 40)
        at = random.integers(0, 64 if random.random() < 0.4 else bad.size, many)
        bad[at] = random.integers(0, 256, many)
        try:
            filter = _core.RangeFilter.restore(keys, bad)
        except ValueError:
            continue
        opened += 1
        filter.may_contain(
            (asked, None, False), (asked + np.uint64(2**40), None, False), False, out, 1
        )
    assert opened > 500
    with pytest.raises(ValueError, match="damaged"):
        _core.RangeFilter.restore(keys, words[:-8])
