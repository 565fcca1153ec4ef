"""Shards answer as one index over all keys does: every verb, key type, query type and cut."""

import datetime
import operator
import pickle
import sys
import threading
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shards are written with flock")
RANDOM = np.random.default_rng(19)


def floats(count: int) -> Any:
    keys = np.round(RANDOM.normal(0, 3, count), 1)
    keys[:5] = [-np.inf, np.inf, np.nan, np.nan, np.nan]
    return np.sort(keys)


def words(count: int) -> list[str]:
    return sorted("".join(RANDOM.choice(list("abcé"), RANDOM.integers(0, 5))) for _ in range(count))


MINUTE = np.timedelta64(60_000_000_000, "ns")
START = np.datetime64("2024-02-28T23:00", "ns")
TIMES = np.sort(START + RANDOM.integers(0, 200, 300) * MINUTE)
UUIDS = sorted(uuid.UUID(int=int(RANDOM.integers(0, 2**60))) for _ in range(60))
AWARE = pd.DatetimeIndex(TIMES, tz="UTC").tz_convert("Europe/Berlin")
# Keys, and queries of all that compares with them.
CASES: dict[str, tuple[Any, list[Any]]] = {
    "int64": (
        np.sort(RANDOM.integers(-90, 90, 500)),
        [np.arange(-99, 99), np.arange(-99, 99, 0.5), [2**70, -(2**70), 3], [Fraction(1, 3), 5]],
    ),
    "uint8": (
        np.sort(RANDOM.integers(0, 256, 700)).astype(np.uint8),
        [np.arange(-5, 300), np.arange(256, dtype=np.uint8), [True, False]],
    ),
    "uint64": (
        np.sort(RANDOM.integers(2**64 - 90, 2**64 - 1, 300, np.uint64, True)),
        [np.arange(2**64 - 99, 2**64 - 1, dtype=np.uint64), np.array([-1, 5]), [1e300, -0.0]],
    ),
    "float64": (floats(500), [floats(90), np.arange(-9, 9), [np.nan, 0.1, 1], [None] * 0]),
    "float32": (floats(300).astype(np.float32), [floats(90), [0.1, 2**60]]),
    "times": (
        np.append(TIMES, [np.datetime64("NaT", "ns")] * 3),
        [
            TIMES.astype("M8[m]") + MINUTE.astype("m8[m]"),
            TIMES[:9],
            [datetime.datetime(2024, 2, 29), TIMES[3]],
        ],
    ),
    "aware": (AWARE, [AWARE[::3], AWARE.tz_convert("Asia/Tokyo"), list(AWARE[:5])]),
    "text": (words(400), [words(99), ["", "zz", None, "a"], pa.array(["b", None, "bé"])]),
    "bytes": (np.array([word.encode() for word in words(300)]), [[b"", b"\xff", b"ab"]]),
    "uuid": (UUIDS, [UUIDS[::-1], [uuid.UUID(int=5)]]),
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Any, list[Any]]:
    keys, batches = CASES[request.param]
    folder = tmp_path_factory.mktemp("shards")
    lx.shards.build(keys, folder, rows_per_shard=37)
    return lx.LearnedIndex(keys), lx.shards.open(folder, most_open=3), batches


def said(ask: Any, *given: Any) -> Any:
    """Return an answer as something that compares, or the error."""
    try:
        answer = ask(*given)
    except (TypeError, ValueError, IndexError) as error:
        return type(error), str(error)
    if isinstance(answer, tuple):
        return [np.asarray(part).tolist() for part in answer]
    if isinstance(answer, np.ndarray):
        return answer.dtype, answer.shape, answer.tolist()
    return type(answer), answer


def questions(v: Any) -> list[Any]:
    return [
        lambda index: index.searchsorted(v),
        lambda index: index.searchsorted(v, "right"),
        lambda index: index.rank(v),
        lambda index: index.find(v),
        lambda index: index.contains(v),
        *(
            lambda index, m=method, t=limit: index.find(v, m, t)
            for method in ("pad", "backfill", "nearest", "other")
            for limit in (None, 1, -1, datetime.timedelta(seconds=90))
        ),
        *(
            lambda index, i=inclusive: (index.range(v, v, i), index.count(v, None, i))
            for inclusive in ("both", "left", "right", "neither")
        ),
        lambda index: index.range(None, v),
        lambda index: index.count(v, v, "both"),
    ]


def test_batches(case: Any) -> None:
    one, many, batches = case
    for v in batches:
        for question in questions(v):
            assert said(question, many) == said(question, one)


def test_scalars(case: Any) -> None:
    one, many, batches = case
    items = [item for v in batches for item in list(v)[:4]]
    for item in [*items, None, "z", 2.5, b"q", datetime.date(2024, 2, 29)]:
        for question in questions(item):
            assert said(question, many) == said(question, one), item
        assert said(operator.contains, many, item) == said(operator.contains, one, item)


def test_bounds_hold_the_answer(case: Any) -> None:
    one, many, batches = case
    for v in batches:
        try:
            right = one.searchsorted(v, "right")
        except TypeError:
            with pytest.raises(TypeError):
                many.bounds(v, "right")
            continue
        low, high = many.bounds(v, "right")
        assert np.all((low <= right) & (right <= high))
        for item in list(v)[:3]:
            low, high = many.bounds(item)
            assert low <= one.searchsorted(item) <= high


def test_keys_and_length(case: Any) -> None:
    one, many, _ = case
    assert len(many) == len(one)
    for i in (0, 1, 36, 37, 38, -1, len(one) - 1, -len(one)):
        assert str(many[i]) == str(one[i])
    assert list(map(str, many)) == list(map(str, one))
    assert len(many._view._open) <= 3
    for wrong in (len(one), -len(one) - 1):
        with pytest.raises(IndexError, match="out of bounds"):
            many[wrong]
    with pytest.raises(TypeError, match="one position"):
        many[:3]
    many.verify()


def test_prefixes(tmp_path: Path) -> None:
    for keys, asked in ((CASES["text"][0], ["", "a", "bé", "z"]), (CASES["bytes"][0], [b"a"])):
        lx.shards.build(keys, tmp_path, rows_per_shard=29)
        one, many = lx.LearnedIndex(keys), lx.shards.open(tmp_path)
        for p in (asked, *asked, b"\xff", 5):
            assert said(many.prefix, p) == said(one.prefix, p)


def test_every_cut_of_equal_keys(tmp_path: Path) -> None:
    keys = np.repeat([1, 2, 3], [5, 9, 3])
    one = lx.LearnedIndex(keys)
    for rows in (1, 2, 5, 7, 9, 14):
        lx.shards.build(keys, tmp_path, rows_per_shard=rows)
        many = lx.shards.open(tmp_path)
        for question in questions(np.arange(0, 4.5, 0.5)):
            assert said(question, many) == said(question, one), rows


@pytest.mark.parametrize("keys", [np.empty(0, np.uint16), pa.array([], pa.string())], ids=str)
def test_no_keys(keys: Any, tmp_path: Path) -> None:
    lx.shards.build(keys, tmp_path)
    one, many = lx.LearnedIndex(keys), lx.shards.open(tmp_path)
    assert many.dtype == one._state.checked.dtype and len(many) == 0 and list(many) == []
    for v in ([], 3, [4, 5], "a", ["b"]):
        for question in questions(v):
            assert said(question, many) == said(question, one)
    more = ["a", "b"] if str(many.dtype) == "str" else keys.astype("u2")
    many.append(more)
    many.compact()
    assert len(many) == len(more)


def test_out_and_shapes(tmp_path: Path) -> None:
    keys = np.sort(RANDOM.integers(0, 999, 800))
    lx.shards.build(keys, tmp_path, rows_per_shard=100)
    index = lx.shards.open(tmp_path)
    v = RANDOM.integers(-9, 1009, (40, 30))
    wanted = np.searchsorted(keys, v)
    out = np.empty((60, 40), np.intp).T[:, ::2]
    assert index.searchsorted(v, out=out, threads=2) is out and np.array_equal(out, wanted)
    assert np.array_equal(index.searchsorted(v.T[::2]), wanted.T[::2])
    starts, stops = index.range(v, v + 9, out=(np.empty_like(wanted), np.empty_like(wanted)))
    assert np.array_equal(index.count(v, v + 9, out=np.empty_like(wanted)), stops - starts)
    assert index.rank(5, out=np.empty((), np.intp)) == np.searchsorted(keys, 5, "right")
    for verb in (index.searchsorted, index.contains, index.find):
        with pytest.raises(ValueError, match="out: got shape"):
            verb(v, out=np.empty(3, np.bool_ if verb == index.contains else np.intp))
    with pytest.raises(ValueError, match="threads"):
        index.find(v, threads=-1)
    with pytest.raises(ValueError, match="side"):
        index.searchsorted(v, "middle")


def test_a_pickle_is_a_path_and_what_it_saw(tmp_path: Path) -> None:
    lx.shards.build(np.arange(1000), tmp_path, rows_per_shard=300)
    index = lx.shards.open(tmp_path)
    blob = pickle.dumps(index)
    index.append([1000])
    assert len(blob) < 9000 and len(pickle.loads(blob)) == 1000 and len(index) == 1001


def test_threads_share_one(tmp_path: Path) -> None:
    """They open and let go of the same shards all the time."""
    keys = np.sort(RANDOM.integers(0, 9999, 400))
    lx.shards.build(keys, tmp_path, rows_per_shard=40)
    for most_open in (1, 2, 3):
        index = lx.shards.open(tmp_path, most_open=most_open)
        wrong: list[Any] = []

        def ask(seed: int, index: Any = index, wrong: list[Any] = wrong) -> None:
            random = np.random.default_rng(seed)
            for _ in range(30):
                v = random.integers(0, 9999, 50)
                try:
                    right = np.searchsorted(keys, v, "right")
                    wrong.extend([] if np.array_equal(index.rank(v), right) else [v])
                except Exception as error:
                    wrong.append(error)

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
        assert not wrong and len(index._view._open) <= most_open
