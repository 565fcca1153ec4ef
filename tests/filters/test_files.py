"""Filters in files, alone and beside an index: damaged ones are refused before they deny."""

from __future__ import annotations

import io
import ipaddress
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.filters.key_sets import DTYPES, beside, crafted, keys_of
from tests.format.filter_reader import FuseReader, HashReader, RangeReader, StringHashReader
from tests.format.reader import Reader

MAKERS: dict[str, Any] = {
    "exact": lambda: lx.RangeFilter(20, "exact"),
    "robust": lambda: lx.RangeFilter(9.5, "robust", seed=5),
    "learned": lambda: lx.RangeFilter(8, "learned"),
    "split": lambda: lx.PointFilter(0.02),
    "fuse8": lambda: lx.PointFilter(0.02, compact=True, seed=2**63),
    "fuse16": lambda: lx.PointFilter(0.0001, compact=True),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_alone(dtype: str, name: str, tmp_path: Path) -> None:
    keys = keys_of(dtype)
    filter, path = MAKERS[name]().fit(keys), tmp_path / "keys.lidx"
    filter.save(path)
    stream = io.BytesIO()
    filter.save(stream)
    blob = filter.save(bytes)
    assert path.read_bytes() == stream.getvalue() == blob == MAKERS[name]().fit(keys).save(bytes)
    Reader(blob).check_all()
    for opened in (lx.open(path), lx.open(blob), lx.open(path, mmap=False, verify="full")):
        assert type(opened) is type(filter) and repr(opened) == repr(filter)
        asked = beside(keys)
        assert np.array_equal(opened.may_contain(asked), filter.may_contain(asked))
        assert opened.stats() == filter.stats() and opened.save(bytes) == blob


def test_strings_alone() -> None:
    for keys in (["a", "bc"], [b"a"], [ipaddress.IPv6Address(7)]):
        opened = lx.open(lx.PointFilter().fit(keys).save(bytes))
        assert opened.may_contain(keys).all()


def test_instants_alone() -> None:
    pandas = pytest.importorskip("pandas")
    keys = pandas.date_range("2024-01-01", periods=50, tz="Asia/Tokyo")
    opened = lx.open(lx.RangeFilter().fit(keys).save(bytes))
    assert opened.may_contain(keys).all()
    with pytest.raises(TypeError, match="no time zone"):
        opened.may_contain(np.datetime64("2024-01-01"))


@pytest.mark.parametrize("model", ["rmi", "btree", "none", "pgm", "radix_spline"])
@pytest.mark.parametrize("name", ["robust", "fuse8"])
def test_beside_an_index(name: str, model: str) -> None:
    keys = keys_of("f8", 2000)
    index, filter = lx.LearnedIndex(keys, model), MAKERS[name]().fit(keys)
    assert index.filter is None
    blob = index.save(bytes, values=np.arange(keys.size), filter=filter)
    Reader(blob).check_all()
    opened = lx.open(blob, verify="full")
    assert np.array_equal(opened.searchsorted(keys), index.searchsorted(keys))
    assert opened.filter is opened.filter and repr(opened.filter) == repr(filter)
    assert opened.filter.may_contain(keys[keys == keys]).all()
    assert opened.save(bytes) == blob  # it is kept
    keyless = lx.open(index.save(bytes, keys=False, filter=filter))
    assert keyless.filter.may_contain(keys[:9]).all()
    assert keyless.save(bytes, keys=False) == index.save(bytes, keys=False, filter=filter)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_page_of_the_keys_is_read(tmp_path: Path) -> None:
    keys = np.unique(np.random.default_rng(1).integers(0, 2**62, 1_000_000))
    path = tmp_path / "keys.lidx"
    lx.LearnedIndex(keys, "none").save(path, filter=lx.RangeFilter(10).fit(keys))
    opened = lx.open(path)
    size = opened.filter.nbytes_
    opened.filter.may_contain_range(keys[::50] + 1, keys[::50] + 900)
    maps = Path("/proc/self/smaps").read_text().partition(str(path))[2]
    resident = 1024 * int(maps.partition("Rss:")[2].split()[0])
    assert resident < size + 2**19 < keys.nbytes / 4


def test_beside_an_index_over_strings() -> None:
    keys = sorted(f"key {i}" for i in range(500))
    index = lx.LearnedIndex(keys)
    opened = lx.open(index.save(bytes, filter=lx.PointFilter().fit(keys)))
    assert opened.filter.may_contain(keys).all() and opened.find("key 7") == index.find("key 7")


def test_strings_without_nuls_at_their_end() -> None:
    keys, asked = np.array([b"a", b"ab", b"b"]), [b"a\0", b"ab\0\0", b"b", b"b\0", b"a\0b", b"c\0"]
    index = lx.LearnedIndex(keys)
    truth = index.contains(asked)
    assert truth.tolist() == [True, True, True, True, False, False]
    as_they_are = lx.PointFilter(1e-6).fit(keys.tolist())
    assert as_they_are.may_contain(asked).sum() == 1
    filter = lx.PointFilter(1e-6).fit(keys)
    restored = pickle.loads(pickle.dumps(filter)), lx.open(filter.save(bytes))
    inside = [lx.open(index.save(bytes, filter=each)).filter for each in (filter, as_they_are)]
    for each in (filter, *restored, *inside):
        assert each is not None
        assert np.array_equal(each.may_contain(asked), truth)
        assert [each.may_contain(one) for one in asked] == truth.tolist()
    whole = lx.LearnedIndex([b"a", b"b\0"])
    with pytest.raises(ValueError, match="denies a key of the index"):
        whole.save(bytes, filter=lx.PointFilter().fit(np.array([b"a", b"b\0"])))


def test_wrong_filters_are_refused() -> None:
    keys = np.arange(100)
    index: Any = lx.LearnedIndex(keys)
    for filter, message in (
        (3, "filter: must be a fitted filter, such as"),
        (lx.RangeFilter().fit(keys.astype("f8")), "filter: was fitted to keys of dtype float64"),
        (lx.RangeFilter().fit(keys[:-1]), "filter: denies a key of the index"),
        (lx.PointFilter().fit(["a"]), "filter: was fitted to keys of dtype str"),
        (lx.PointFilter(), "PointFilter is not fitted"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            index.save(bytes, filter=filter)
    blob = lx.RangeFilter().fit(keys).save(bytes)
    with pytest.raises(ValueError, match="keys: bytes holds a filter, which needs none"):
        lx.open(blob, keys=keys)
    with pytest.raises(TypeError, match="path: must be a path"):
        lx.RangeFilter().fit(keys).save(3)  # type: ignore[call-overload]


@pytest.mark.parametrize("name", MAKERS)
def test_a_damaged_filter_denies_nothing(name: str) -> None:
    keys, random = keys_of("u8", 300), np.random.default_rng(1)
    filter = MAKERS[name]().fit(keys)
    alone, section = filter.save(bytes), len(filter._core.words)
    whole = lx.LearnedIndex(keys).save(bytes, filter=filter)
    for blob in (alone, whole):
        for at in random.integers(len(blob) - section, len(blob), 60):
            bad = bytearray(blob)
            bad[at] ^= 1 << int(random.integers(8))
            with pytest.raises(lx.FormatError, match="the checksum of section FLTR"):
                opened = lx.open(bad)
                opened.filter  # noqa: B018
            if blob is whole:
                assert np.array_equal(opened.find(keys), lx.LearnedIndex(keys).find(keys))


@pytest.mark.parametrize("name", MAKERS)
def test_crafted_filters_are_refused_or_harmless(name: str) -> None:
    """Checksums are made right again: only what lies in the first 64 bytes can be refused."""
    keys, random = keys_of("i8", 300), np.random.default_rng(2)
    filter = MAKERS[name]().fit(keys)
    blob, size, refused = filter.save(bytes), len(filter._core.words), 400
    for opened in crafted(filter, random, 400, 64, 9):
        refused -= 1
        opened.may_contain(keys)
        if isinstance(opened, lx.RangeFilter):
            opened.may_contain_range(keys, keys[::-1].copy())
        opened.stats()
    assert 50 < refused < 400
    for stop in (size // 2, 8, 64):
        with pytest.raises(lx.FormatError):
            lx.open(blob[:-stop])


@pytest.mark.parametrize("strategy", ["exact", "robust", "learned"])
def test_the_reader_of_the_format_agrees(strategy: str) -> None:
    random = np.random.default_rng(3)
    keys = np.sort(np.concatenate([random.integers(0, 2**62, 700), 2**61 + np.arange(99) * 3]))
    filter = lx.RangeFilter(7, strategy, seed=11).fit(keys)
    reader = RangeReader(Reader(filter.save(bytes)).bytes_of("FLTR"))
    low = np.concatenate([keys, keys + 1, random.integers(0, 2**62, 500)])
    high = low + random.choice([0, 1, 7, 300, 2**40], low.size)
    got = filter.may_contain_range(low, high, "both").tolist()
    sign = 2**63
    assert got == [
        reader.any(a + sign, c + sign) for a, c in zip(low.tolist(), high.tolist(), strict=True)
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 4000])
@pytest.mark.parametrize("fpr", [0.01, 0.001])
def test_the_reader_of_fuse_filters_agrees(fpr: float, n: int) -> None:
    hashed = pytest.importorskip("xxhash").xxh64_intdigest
    keys = [f"{i}" for i in range(n)]
    filter = lx.PointFilter(fpr, compact=True, seed=9).fit(np.array(keys, np.dtypes.StringDType()))
    reader = FuseReader(Reader(filter.save(bytes)).bytes_of("FLTR"))
    asked = keys + [f"no {i}" for i in range(3000)]
    assert filter.may_contain(asked).tolist() == [
        reader.has(hashed(v.encode(), seed=9)) for v in asked
    ]


@pytest.mark.parametrize("step", [64, 256])
@pytest.mark.parametrize("spread", [0, 40])
def test_the_reader_of_learned_hashes_agrees(spread: int, step: int) -> None:
    random = np.random.default_rng(5)
    sparse = random.integers(0, 2**63, 900, "u8") >> random.integers(0, spread + 1, 900).astype(
        "u8"
    )
    keys = np.sort(np.repeat(sparse, random.integers(1, 4, 900)))
    for fitted in (np.unique(keys), keys, keys[:1], keys[:0]):
        hash = lx.LearnedHash(step, 8, seed=7).fit(fitted)
        reader = HashReader(Reader(hash.save(bytes)).bytes_of("FLTR"))
        if not fitted.size:
            assert reader.n == 0
            continue
        first = np.searchsorted(fitted, fitted).tolist()
        assert [reader.position(x, True) for x in fitted.tolist()] == first
        others = random.integers(0, 2**63, 300, "u8").tolist()  # whose place is free
        assert sum(reader.position(x, True) >= 0 for x in others) < 20


def golden_words() -> list[str]:
    """Return sorted words, some of them twice."""
    words = [f"{i % 17:x}/{i * i}" * (i % 4) for i in range(700)]
    return sorted([*words, *words[::5]])


@pytest.mark.parametrize("step", [64, 256])
@pytest.mark.parametrize("shared", ["", "https://example.org/"])
def test_the_reader_of_learned_hashes_of_strings_agrees(shared: str, step: int) -> None:
    hashed = pytest.importorskip("xxhash").xxh64_intdigest
    words = [shared + word for word in golden_words()]
    for fitted in (words, words[:1], []):
        hash = lx.LearnedHash(step, 8, seed=7).fit(np.array(fitted, np.dtypes.StringDType()))
        reader = StringHashReader(Reader(hash.save(bytes)).bytes_of("FLTR"))
        asked = [word.encode() for word in (fitted or [])]
        got = [reader.find(word, hashed(word, seed=7), True) for word in asked]
        assert got == [fitted.index(word) for word in fitted]
        others = [word + b"?" for word in asked]  # whose place in its segment is free
        places = [reader.find(word, hashed(word, seed=7), True) for word in others]
        assert sum(place >= 0 for place in places) < 20


GOLDEN = Path(__file__).parent.parent / "format" / "golden" / "filters"
KEPT: dict[str, Any] = {
    **MAKERS,
    "hash": lambda: lx.LearnedHash(64, 16),
    "repeats": lambda: lx.LearnedHash(64, 16),
    "words": lambda: lx.LearnedHash(64, 16),
}


def golden_keys(name: str) -> Any:
    """Return what a golden filter was fitted to."""
    if name == "words":
        return np.array(golden_words(), np.dtypes.StringDType())
    keys = np.arange(-50, 250, dtype="i8") ** 3
    return np.repeat(keys, np.arange(keys.size) % 3 + 1) if name == "repeats" else keys


def kept(name: str) -> bytes:
    """Return what version 1.2 writes for the golden keys."""
    blob: bytes = KEPT[name]().fit(golden_keys(name)).save(bytes)
    return blob


@pytest.mark.parametrize("name", KEPT)
def test_golden_files(name: str) -> None:
    """Files of 1.2 stay readable, and equal keys give equal bytes on every machine."""
    data = (GOLDEN / f"{name}.lidx").read_bytes()
    assert data == kept(name)
    opened, keys = lx.open(data, verify="full"), golden_keys(name)
    if name in ("hash", "repeats", "words"):
        assert np.array_equal(opened.may_find(keys), np.searchsorted(keys, keys))
    else:
        assert opened.may_contain(keys).all()
