"""Strings of every source as keys and as queries; missing ones among them."""

import ipaddress
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

TEXTS = sorted(
    f"{word}{i % 7}" for i in range(60) for word in ("", "a", "ключ", "more than twelve bytes ")
)
ASKED = [*TEXTS[::3], "", "b", "кл", "more than twelve bytes 99", "\U0001f600"]
IDS = sorted(uuid.UUID(int=i << 70) for i in range(50))
NETS = [ipaddress.IPv4Address(f"10.0.{i}.1") for i in range(50)]


def library(name: str) -> Any:
    return pytest.importorskip(name)


def arrow(kind: str) -> Callable[[list[Any]], Any]:
    return lambda items: library("pyarrow").array(items, getattr(library("pyarrow"), kind)())


def sliced(items: list[Any]) -> Any:
    return library("pyarrow").array(["0", *items, "z"])[1:-1]


def chunked(items: list[Any]) -> Any:
    half = len(items) // 2
    return library("pyarrow").chunked_array([items[:half], items[half:]])


def pandas(dtype: Any) -> Callable[[list[Any]], Any]:
    return lambda items: library("pandas").Series(items, dtype=dtype)


def polars(dtype: str) -> Callable[[list[Any]], Any]:
    return lambda items: library("polars").Series(items, dtype=getattr(library("polars"), dtype))


SOURCES: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "objects": lambda items: np.array(items, object),
    "U": lambda items: np.array(items, "U"),
    "big-endian U": lambda items: np.array(items, ">U40"),
    "strided U": lambda items: np.array([items, items], "U").T.reshape(-1)[::2],
    "StringDType": lambda items: np.array(items, np.dtypes.StringDType()),
    **{f"arrow {kind}": arrow(kind) for kind in ("string", "large_string", "string_view")},
    "arrow slice": sliced,
    "arrow chunks": chunked,
    "arrow dictionary": lambda items: library("pyarrow").array(items).dictionary_encode(),
    **{f"pandas {t}": pandas(t) for t in (None, "object", "string[python]", "string[pyarrow]")},
    "pandas Index": lambda items: library("pandas").Index(items),
    "pandas category": pandas("category"),
    **{f"polars {t}": polars(t) for t in ("String", "Categorical")},
}
BINARY: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "S": lambda items: np.array(items, "S"),
    "strided S": lambda items: np.array([items, items], "S").T.reshape(-1)[::2],
    "objects": lambda items: np.array(items, object),
    **{f"arrow {kind}": arrow(kind) for kind in ("binary", "large_binary", "binary_view")},
    "pandas objects": pandas("object"),
    "polars Binary": polars("Binary"),
}


def check(keys: Any, asked: Any, plain: list[Any], asked_plain: list[Any]) -> None:
    index = lx.LearnedIndex(keys)
    left = [bisect_left(plain, v) for v in asked_plain]
    right = [bisect_right(plain, v) for v in asked_plain]
    assert index.searchsorted(asked).tolist() == left
    assert index.rank(asked).tolist() == right
    assert index.contains(asked).tolist() == [a < b for a, b in zip(left, right, strict=True)]
    assert index.count(asked, None).tolist() == [len(plain) - at for at in left]
    assert index.prefix(asked)[0].tolist() == left
    assert list(index) == plain and index[-1] == plain[-1] and len(index) == len(plain)
    assert [str(v) for v in np.asarray(index).tolist()] == [str(v) for v in plain]
    index.verify()
    assert index.stats()["n"] == len(plain)


@pytest.mark.parametrize("source", SOURCES)
def test_text(source: str) -> None:
    check(SOURCES[source](TEXTS), ASKED, TEXTS, ASKED)
    check(TEXTS, SOURCES[source](ASKED), TEXTS, ASKED)


@pytest.mark.parametrize("source", BINARY)
def test_bytes(source: str) -> None:
    keys, asked = [key.encode() for key in TEXTS], [v.encode() for v in ASKED]
    check(BINARY[source](keys), asked, keys, asked)
    check(keys, BINARY[source](asked), keys, asked)


def test_ids_and_their_bytes() -> None:
    index = lx.LearnedIndex(IDS)
    asked: list[Any] = [IDS[7], uuid.UUID(int=5), IDS[49]]
    raws: list[Any] = [v.bytes for v in asked]
    batches: tuple[Any, ...] = (asked, raws, np.array(raws, "V16"), np.array(asked, object))
    for batch in batches:
        assert index.searchsorted(batch).tolist() == [7, 1, 49]
    assert [index.searchsorted(v) for v in (*asked, *raws)] == [7, 1, 49] * 2
    assert lx.LearnedIndex(np.array([v.bytes for v in IDS], "V16")).searchsorted(raws[0]) == 7
    nets = lx.LearnedIndex(NETS)
    assert nets.find([NETS[3].packed, b"\x0a\0\3\2"]).tolist() == [3, -1]
    assert nets.searchsorted(NETS).tolist() == list(range(50)) and nets[3] == NETS[3]


MISSING: dict[str, Callable[[], Any]] = {
    "list": lambda: ["a0", None, "zz"],
    "objects": lambda: np.array(["a0", None, "zz"], object),
    "arrow": lambda: library("pyarrow").array(["a0", None, "zz"]),
    "pandas": lambda: library("pandas").Series(["a0", None, "zz"]),
    "polars": lambda: library("polars").Series(["a0", None, "zz"]),
    "StringDType": lambda: np.array(["a0", None, "zz"], np.dtypes.StringDType(na_object=None)),
}


@pytest.mark.parametrize("source", MISSING)
def test_missing_queries(source: str) -> None:
    """Nothing equals what is missing, and it has no place in an order."""
    index, asked = lx.LearnedIndex(TEXTS), MISSING[source]()
    first = TEXTS.index("a0")
    assert index.contains(asked).tolist() == [True, False, False]
    assert index.find(asked).tolist() == [first, -1, -1]
    assert index.find(asked, "pad").tolist()[1] == index.find(asked, "backfill").tolist()[1] == -1
    for verb in (index.searchsorted, index.rank, index.bounds, index.prefix):
        refused(verb, asked, kind=TypeError, says=(r"\[1\] is missing",))
    refused(index.count, asked, None, kind=TypeError, says=(r"lo\[1\] is missing",))
    assert not index.contains(None) and None not in index and index.find(None) == -1
    refused(index.searchsorted, None, kind=TypeError, says=("v is missing",))


def test_what_is_borrowed_is_given_back() -> None:
    """`keys` are what was passed where nothing was copied, and a column of strings elsewhere."""
    array = np.array([key.encode() for key in TEXTS if key.isascii()], "S")
    assert lx.LearnedIndex(array).keys is array
    text = library("pyarrow").array(TEXTS)
    assert lx.LearnedIndex(text).keys is text
    assert list(lx.LearnedIndex(TEXTS).keys) == TEXTS
    assert np.array_equal(np.asarray(lx.LearnedIndex(array)), array)
    with pytest.raises(ValueError, match="copy"):
        np.array(lx.LearnedIndex(TEXTS), copy=False)
    assert np.asarray(lx.LearnedIndex(TEXTS), np.dtypes.StringDType()).tolist() == TEXTS


def test_out_that_overlaps_is_refused() -> None:
    keys = np.array([b"%07d" % i for i in range(100)], "S8")
    index = lx.LearnedIndex(keys)
    asked = keys.copy()
    for memory in (keys, asked):
        refused(index.searchsorted, asked, out=memory.view(np.int64), says=("out", "overlaps"))
