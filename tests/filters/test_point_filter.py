"""PointFilter: no member is denied, and others are answered wrongly as rarely as was asked for."""

from __future__ import annotations

import ipaddress
import pickle
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.filters.key_sets import DTYPES, beside, keys_of

LAYOUTS = (False, True)


@pytest.mark.parametrize("seed", [0, 3, None])
@pytest.mark.parametrize("compact", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_members_and_neighbours(dtype: str, compact: bool, seed: int | None) -> None:
    keys = keys_of(dtype)
    filter, index = (
        lx.PointFilter(2**-9, compact=compact, seed=seed).fit(keys),
        lx.LearnedIndex(keys),
    )
    asked = beside(keys)
    truth = index.contains(asked)
    got = filter.may_contain(asked)
    assert not (truth & ~got).any() and (got & ~truth).sum() <= 20
    for one in asked[:: max(asked.size // 20, 1)]:
        assert filter.may_contain(one) == filter.may_contain(np.array([one]))[0]
    assert not filter.may_contain(keys[keys != keys]).any()
    shuffled = np.random.default_rng(2).permutation(keys)
    again = lx.PointFilter(2**-9, compact=compact, seed=filter.seed_).fit(shuffled)
    assert again.may_contain(asked)[truth].all()


@pytest.mark.parametrize("compact", LAYOUTS)
def test_queries_of_other_types(compact: bool) -> None:
    for keys in (np.arange(-50, 50, dtype="i2"), np.array([-0.0, 0.5, 3, np.inf])):
        filter, index = lx.PointFilter(1e-4, compact=compact).fit(keys), lx.LearnedIndex(keys)
        asked = np.array([-1e30, -3.5, 0.0, -0.0, 0.5, 3, 49, 49.5, 2.0**63, np.inf])
        assert np.array_equal(filter.may_contain(asked), index.contains(asked))
        mixed = np.array([3, Fraction(1, 2), 2**80, 0], dtype=object)
        assert np.array_equal(filter.may_contain(mixed), index.contains(mixed))
    times = lx.PointFilter().fit(np.array(["2020-01-01", "2020-01-02"], "M8[D]"))
    assert times.may_contain(np.array(["2020-01-01T00", "NaT"], "M8[h]")).tolist() == [True, False]


STRINGS: dict[str, list[Any]] = {
    "text": [f"key {i}" * (i % 9) for i in range(300)],
    "bytes": [bytes(range(i % 70)) for i in range(300)],
    "uuid": [uuid.UUID(int=i**9) for i in range(300)],
    "address": [ipaddress.IPv4Address(i * 999) for i in range(300)],
}


@pytest.mark.parametrize("compact", LAYOUTS)
@pytest.mark.parametrize("name", STRINGS)
def test_strings(name: str, compact: bool) -> None:
    keys = STRINGS[name]
    filter = lx.PointFilter(1e-3, compact=compact).fit(keys)
    assert filter.may_contain(keys).all() and all(filter.may_contain(key) for key in keys[:20])
    if name == "text":
        assert filter.may_contain([f"no {i}" for i in range(2000)]).mean() < 0.01
        assert filter.may_contain(["key 1", None]).tolist() == [True, False]
        assert not filter.may_contain(None)
        assert filter.may_contain(np.array(keys, np.dtypes.StringDType())).all()
    with pytest.raises(TypeError, match="v: cannot compare"):
        filter.may_contain(3)
    again = pickle.loads(pickle.dumps(filter))
    assert again.may_contain(keys).all() and bytes(again._core.words) == bytes(filter._core.words)


@pytest.mark.parametrize(("fpr", "bits"), [(0.5, 4), (0.1, 6.2), (0.01, 10.6), (0.001, 17.0)])
def test_rate_and_bits(fpr: float, bits: float) -> None:
    random = np.random.default_rng(1)
    keys, absent = random.integers(0, 2**62, 50_000), random.integers(2**62, 2**63, 200_000)
    filter = lx.PointFilter(fpr).fit(keys)
    assert filter.stats()["bits_per_key"] <= bits and filter.stats()["fpr"] <= fpr
    assert filter.may_contain(absent).mean() <= 1.1 * fpr + 3 * np.sqrt(fpr / absent.size)
    compact = lx.PointFilter(0.004, compact=True).fit(keys)
    assert compact.stats()["bits_per_key"] < 9.9
    assert compact.may_contain(absent).mean() < 2**-8 * 1.1 + 3 * np.sqrt(2**-8 / absent.size)


@pytest.mark.parametrize("strings", [False, True])
@pytest.mark.parametrize("compact", LAYOUTS)
def test_who_does_not_know_the_seed_finds_no_more_than_the_rate(
    compact: bool, strings: bool
) -> None:
    random = np.random.default_rng(4)
    keys, asked = random.integers(0, 2**62, 20_000), random.integers(2**62, 2**63, 400_000)
    keys, asked = (each.astype("S20") if strings else each for each in (keys, asked))
    known = lx.PointFilter(0.01, compact=compact).fit(keys)
    drawn = [lx.PointFilter(0.01, compact=compact, seed=None).fit(keys) for _ in range(2)]
    assert drawn[0].save(bytes) != drawn[1].save(bytes)
    wrong = asked[known.may_contain(asked)]  # what an adversary finds who believes in seed 0
    rate = drawn[0].stats()["fpr"]
    assert wrong.size > 1000
    assert drawn[0].may_contain(wrong).mean() <= rate + 6 * np.sqrt(rate / wrong.size)


@pytest.mark.parametrize("compact", LAYOUTS)
def test_few_keys(compact: bool) -> None:
    for n in (*range(12), 100):
        keys = np.arange(n) * 10**15
        filter = lx.PointFilter(0.01, compact=compact).fit(keys)
        assert filter.may_contain(keys).all()
        assert filter.may_contain(keys + 7).sum() <= 2
    assert not lx.PointFilter(compact=compact).fit(np.array([], "f8")).may_contain([1.0, 2.0]).any()
    assert lx.PointFilter(compact=compact).fit([5] * 1000).may_contain(5)


def test_known_hashes() -> None:
    """XXH64 of what its authors and Parquet's publish, seen by the bits that it sets."""
    import_hash = pytest.importorskip("xxhash").xxh64_intdigest
    for keys in (
        [b"", b"a", b"x" * 31, b"y" * 32, b"z" * 99],
        [b"abcdefgh", b"abcd", b"abcdefghijk"],
    ):
        filter = lx.PointFilter(0.5).fit(keys)
        block = filter._core.words[64:].view(np.uint32).reshape(-1, 8)
        wanted = np.zeros_like(block)
        for key in keys:
            set_bits(wanted, import_hash(key))
        assert np.array_equal(block, wanted)


SALTS = (
    *(0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D),
    *(0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31),
)


def set_bits(blocks: Any, hashed: int) -> None:
    """Do what Parquet's text says of a hash."""
    block = ((hashed >> 32) * len(blocks)) >> 32
    for i, salt in enumerate(SALTS):
        blocks[block, i] |= np.uint32(1 << (((hashed & 0xFFFFFFFF) * salt & 0xFFFFFFFF) >> 27))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fpr": 0}, "fpr: must be a float from 1e-7 to 0.5, got 0"),
        ({"fpr": 0.6}, "fpr: must be a float from"),
        ({"fpr": 1e-9}, "fpr: must be a float from 1e-07"),
        ({"fpr": float("nan")}, "fpr: must be a float from"),
        ({"fpr": 1e-6, "compact": True}, "fpr: must be a float from 1.5e-05"),
        ({"compact": 1}, "compact: must be True or False, got 1"),
        ({"seed": 2**64}, "seed: must be from 0"),
    ],
)
def test_bad_parameters(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        lx.PointFilter(**arguments).fit([1, 2])


def test_bad_input() -> None:
    for keys in ([1j], [[1, 2]], [None, "a"], [object()], 5):
        with pytest.raises((TypeError, ValueError), match="keys"):
            lx.PointFilter().fit(keys)
    with pytest.raises(ValueError, match="PointFilter is not fitted"):
        lx.PointFilter().may_contain(1)
    with pytest.raises(TypeError, match="v: cannot compare str"):
        lx.PointFilter().fit([1]).may_contain("1")
    assert repr(lx.PointFilter(0.1, compact=True)) == "PointFilter(fpr=0.1, compact=True)"


@pytest.mark.parametrize("fpr", [0.01, None])
def test_damaged_words_are_refused_or_harmless(fpr: float | None) -> None:
    random = np.random.default_rng(8)
    keys = random.integers(0, 2**62, 3000)
    made = lx.PointFilter(fpr or 0.01, compact=fpr is None).fit(keys)
    words, out = np.array(made._core.words), np.empty(3000, np.bool_)
    for _ in range(2000):
        bad = words.copy()
        at = random.integers(0, 64 if random.random() < 0.5 else bad.size, random.integers(1, 20))
        bad[at] = random.integers(0, 256, at.size)
        try:
            _core.PointFilter.restore(bad).may_contain(keys[:0], keys, None, out, 1)
        except ValueError:
            continue
    with pytest.raises(ValueError, match="damaged"):
        _core.PointFilter.restore(words[:-8])


PARQUET = {
    "k": (np.dtype("i8"), np.arange(20_000) * 7919 - 5),
    "j": (np.dtype("i4"), np.arange(20_000, dtype="i4") * 3),
    "u": (np.dtype("u4"), np.arange(20_000, dtype="u4") + np.uint32(2**31)),
    "d": (np.dtype("f8"), np.arange(20_000) * 0.5 + 0.25),
    "f": (np.dtype("f4"), np.arange(20_000, dtype="f4") * np.float32(0.5) + np.float32(0.25)),
    "s": (str, np.array([f"value {i}" for i in range(20_000)])),
}


def filters_in(path: Path) -> dict[str, bytes]:
    """Return the filter of each column in a Parquet file."""
    rows = pytest.importorskip("duckdb").sql(
        "select path_in_schema, bloom_filter_offset, bloom_filter_length "
        f"from parquet_metadata('{path}')"
    )
    data = path.read_bytes()
    return {name: data[start : start + size] for name, start, size in rows.fetchall()}


def write(path: Path, writer: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    columns = arrow.table({name: keys for name, (_, keys) in PARQUET.items()})
    if writer == "duckdb":
        duckdb = pytest.importorskip("duckdb").connect()
        duckdb.register("made", columns)  # of dictionaries alone it writes filters
        how = "format parquet, dictionary_size_limit 1000000"
        duckdb.execute(f"copy (from made) to '{path}' ({how})")
        return
    options = {name: {"ndv": 20_000, "fpp": 0.01} for name in PARQUET}
    try:
        arrow.parquet.write_table(columns, path, bloom_filter_options=options)
    except TypeError:
        pytest.skip("this pyarrow writes no Bloom filters")


@pytest.mark.parametrize("writer", ["pyarrow", "duckdb"])
def test_filters_of_parquet_files(tmp_path: Path, writer: str) -> None:
    """Theirs are read; ours of the same size are theirs bit for bit, so DuckDB reads both."""
    duckdb, path = pytest.importorskip("duckdb"), tmp_path / "file.parquet"
    pytest.importorskip("pyarrow.parquet")
    write(path, writer)
    found = filters_in(path)
    assert set(found) == set(PARQUET)
    for name, theirs in found.items():
        dtype, keys = PARQUET[name]
        filter = lx.PointFilter.from_parquet(theirs, dtype)
        assert filter.may_contain(keys).all() and filter.to_parquet() == theirs, name
        bits = 256 * filter._core.said["blocks"] / keys.size
        source: Any = keys
        if dtype is str:
            source = _core.Column.of_list(keys.tolist(), "keys", "str")
        ours = lx.PointFilter()
        ours._hold(_core.PointFilter(source, 16, bits, 0), filter._dtype)
        assert ours.to_parquet() == theirs, name
        for key in keys[:9].tolist():
            probe = f"select * from parquet_bloom_probe('{path}', '{name}', {key!r})"
            assert not duckdb.sql(probe).fetchall()[0][2], (name, key)


def test_what_is_no_filter_of_parquet() -> None:
    data = lx.PointFilter().fit([1, 2]).to_parquet()
    for bad in (b"", data[:-1], data + b"x", b"\x16" + data[1:], data.replace(b"\x1c", b"\x1d")):
        with pytest.raises(ValueError, match="data: is no split-block Bloom filter"):
            lx.PointFilter.from_parquet(bad, "i8")
    with pytest.raises(TypeError, match="dtype: must be of numbers or times"):
        lx.PointFilter.from_parquet(data, "c16")
    for dtype in ("f2", "?", "M8[D]", "M8[s]", "M8[10ms]"):  # which would deny members
        with pytest.raises(TypeError, match=r"dtype: no column of Parquet.*dates are 'i4'"):
            lx.PointFilter.from_parquet(data, dtype)
    for dtype in ("?", "M8[D]", "M8[s]"):
        with pytest.raises(TypeError, match=r"dtype: no column of Parquet.*dates are 'i4'"):
            lx.PointFilter().fit(np.array([0, 1]).astype(dtype)).to_parquet()
    for filter in (lx.PointFilter(compact=True), lx.PointFilter(seed=1)):
        with pytest.raises(ValueError, match="Parquet has split-block filters with seed 0"):
            filter.fit([1]).to_parquet()
