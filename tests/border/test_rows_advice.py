"""Advice on rows: what is timed, on which queries, and the copy that an index makes is counted."""

import warnings
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.advice._string_samples import drawn, listed, read
from tests.border.helpful import refused

N = 3000
USERS, TIMES = np.arange(N) // 7, (np.arange(N) * 37).astype("M8[s]")
NAMES = [f"{i:05}" for i in range(N)]
KEYS: dict[str, Any] = {
    "numbers": lx.Columns(USERS, np.arange(N) / 4),
    "times": lx.Columns(USERS, TIMES),
    "text": lx.Columns(USERS, NAMES),
    "one": lx.Columns(USERS),
    "records": np.array(list(zip(USERS, range(N), strict=True)), "i8,u4"),
}


@pytest.mark.parametrize("kind", KEYS)
def test_candidates_over_rows(kind: str) -> None:
    keys = KEYS[kind]
    advice = lx.advise(keys, seed=3)
    names = {one.name for one in advice.candidates}
    assert {"bisect.bisect_left", "dict, one by one", 'model="auto"'} <= names
    assert ("np.searchsorted" in names) == (kind == "records")
    assert advice.n == N and advice.dtype == str(lx.LearnedIndex(keys)._state.checked.dtype)
    own = next(one for one in advice.candidates if one.name == 'model="auto"')
    assert own.nbytes == lx.LearnedIndex(keys).nbytes
    assert lx.tune(keys) in ("auto", "btree", "rmi", "none")


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_drawn_are_rows_half_of_them_keys(kind: str) -> None:
    sample = read(KEYS[kind])
    assert sample is not None
    rows = listed(drawn(sample, 2000, np.random.default_rng(1)))
    keys = set(listed(sample.column))
    assert keys == set(lx.LearnedIndex(KEYS[kind]))
    share = sum(row in keys for row in rows) / len(rows)
    assert kind == "one" or 0.4 < share < 0.7
    assert {row[0] for row in rows} <= {row[0] for row in keys}


def test_queries_of_the_caller_and_budgets() -> None:
    keys = KEYS["times"]
    for asked in (keys[::9], [(3, TIMES[4]), (9, TIMES[5])], (3, TIMES[4])):
        assert lx.advise(keys, asked).n == N
    tight = lx.advise(keys, memory=N * 16)
    assert tight.chosen == "bisect.bisect_left"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert lx.tune(keys, memory=N * 16) in ("auto", "btree", "rmi", "none")
    assert "more than memory" in str(told[0].message)
    refused(lx.advise, keys, [1, 2], kind=TypeError, says=("^queries: ", "lx.Columns"))
    refused(lx.tune, keys, lx.Columns(USERS), kind=ValueError, says=("^queries: ",))


def test_rows_out_of_order_are_sorted_and_named() -> None:
    backward = lx.Columns(USERS[::-1].copy(), NAMES)
    assert "rows in order (np.lexsort)" in str(lx.advise(backward))
    refused(lx.tune, backward, kind=ValueError, says=("not sorted", "lexsort"))


def test_advice_of_rows_of_instants() -> None:
    pandas = pytest.importorskip("pandas")
    zoned: Any = lx.Columns(USERS, pandas.DatetimeIndex(TIMES).tz_localize("UTC"))
    advice = lx.advise(zoned, zoned[5:900])
    assert advice.dtype == "(int64, datetime64[s, UTC])" and advice.batch == 895
    assert lx.tune(zoned, zoned[5:900]) == lx.tune(KEYS["times"], KEYS["times"][5:900])
    refused(lx.advise, zoned, KEYS["times"], kind=TypeError, says=("^queries.*no time zone",))


def test_advice_of_no_rows() -> None:
    none = lx.Columns(np.empty(0, "i8"), np.empty(0, "f4"))
    assert lx.advise(none).n == lx.advise(np.array([], "U1")).n == 0
    refused(lx.tune, none, kind=ValueError, says=("there are none",))
