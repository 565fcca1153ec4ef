"""Text and byte strings of every source become one column, which answers as a list of them does."""

from __future__ import annotations

import gc
import ipaddress
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from learnedidx._formats.forms import BYTES, IPV4, TEXT, UUID, bytes_of, form_of
from learnedidx._formats.text import column_of, queries_of
from tests.border.helpful import refused

TEXTS = ["", "a", "a\0b", "bé", "twelve bytes", "more than twelve bytes", "ключ", "\U0001f600"]
BYTES_ITEMS = [text.encode() for text in TEXTS] + [b"\xff\xfe"]
IDS = [uuid.UUID(int=(i + 1) << 70) for i in range(5)]
NETS = [ipaddress.IPv4Address(f"10.0.{i}.1") for i in range(5)]
NETS6 = [ipaddress.IPv6Address(f"fe80::{i}") for i in range(5)]
StringDType = np.dtypes.StringDType


def library(name: str) -> Any:
    return pytest.importorskip(name)


def pandas_of(dtype: str | None) -> Callable[[], Any]:
    return lambda: library("pandas").Series(TEXTS, dtype=dtype)


def arrow_of(kind: str) -> Callable[[], Any]:
    def make() -> Any:
        arrow = library("pyarrow")
        items = BYTES_ITEMS if "binary" in kind else TEXTS
        return arrow.array(items, getattr(arrow, kind)())

    return make


def of_arrow_in_pandas() -> Any:
    arrow, pandas = library("pyarrow"), library("pandas")
    return pandas.Series(BYTES_ITEMS, dtype=pandas.ArrowDtype(arrow.binary()))


class OnlyArrow:
    """A column of a library that nobody has heard of."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.array.__arrow_c_array__(requested_schema)


# (what is passed, the items, is it borrowed?)
SOURCES: dict[str, tuple[Callable[[], Any], list[Any], bool]] = {
    "list": (lambda: TEXTS, TEXTS, False),
    "tuple": (lambda: tuple(TEXTS), TEXTS, False),
    "deque": (lambda: deque(TEXTS), TEXTS, False),
    "np.str_": (lambda: list(map(np.str_, TEXTS)), TEXTS, False),
    "bytes": (lambda: BYTES_ITEMS, BYTES_ITEMS, False),
    "bytearray": (lambda: list(map(bytearray, BYTES_ITEMS)), BYTES_ITEMS, False),
    "np.bytes_": (lambda: list(map(np.bytes_, BYTES_ITEMS)), BYTES_ITEMS, False),
    "U": (lambda: np.array(TEXTS), TEXTS, False),
    ">U": (lambda: np.array(TEXTS, ">U22"), TEXTS, False),
    "U of stride 2": (lambda: np.repeat(TEXTS, 2)[::2], TEXTS, False),
    "S": (lambda: np.array([*BYTES_ITEMS, b"a\0\0"]), [*BYTES_ITEMS, b"a"], True),
    "S of stride 2": (lambda: np.repeat(np.array(BYTES_ITEMS), 2)[::2], BYTES_ITEMS, False),
    "V": (lambda: np.array([b"ab", b"c\0"]).view("V2"), [b"ab", b"c\0"], True),
    "T": (lambda: np.array(TEXTS, StringDType()), TEXTS, False),
    "object": (lambda: np.array(TEXTS, object), TEXTS, False),
    "object of bytes": (lambda: np.array(BYTES_ITEMS, object), BYTES_ITEMS, False),
    "UUID": (lambda: IDS, IDS, False),
    "object of UUID": (lambda: np.array(IDS), IDS, False),
    "IPv4": (lambda: NETS, NETS, False),
    "IPv6": (lambda: tuple(NETS6), NETS6, False),
    "pandas": (pandas_of(None), TEXTS, True),
    "pandas object": (pandas_of("object"), TEXTS, False),
    "pandas string": (pandas_of("string[pyarrow]"), TEXTS, True),
    "pandas python": (pandas_of("string[python]"), TEXTS, False),
    "pandas category": (pandas_of("category"), TEXTS, False),
    "pandas binary": (of_arrow_in_pandas, BYTES_ITEMS, True),
    "pandas index": (lambda: library("pandas").Index(TEXTS), TEXTS, True),
    "pandas array": (lambda: library("pandas").array(TEXTS), TEXTS, True),
    "pandas UUID": (lambda: library("pandas").Series(IDS), IDS, False),
    "pandas categories": (lambda: library("pandas").CategoricalIndex(TEXTS), TEXTS, False),
    **{kind: (arrow_of(kind), TEXTS, True) for kind in ("string", "large_string", "string_view")},
    **{
        kind: (arrow_of(kind), BYTES_ITEMS, True)
        for kind in ("binary", "large_binary", "binary_view")
    },
    "dictionary": (lambda: library("pyarrow").array(TEXTS).dictionary_encode(), TEXTS, False),
    "chunks": (lambda: library("pyarrow").chunked_array([TEXTS, TEXTS]), TEXTS * 2, False),
    "one chunk": (lambda: library("pyarrow").chunked_array([TEXTS]), TEXTS, True),
    "unknown": (lambda: OnlyArrow(library("pyarrow").array(TEXTS)), TEXTS, True),
    "polars": (lambda: library("polars").Series(TEXTS), TEXTS, True),
    "polars binary": (lambda: library("polars").Series(BYTES_ITEMS), BYTES_ITEMS, True),
    "polars category": (
        lambda: library("polars").Series(TEXTS, dtype=library("polars").Categorical),
        TEXTS,
        False,
    ),
    "polars enum": (
        lambda: library("polars").Series(TEXTS, dtype=library("polars").Enum(TEXTS)),
        TEXTS,
        False,
    ),
}


OF_PANDAS_3 = ("pandas", "pandas category", "pandas index", "pandas array", "pandas categories")


@pytest.mark.parametrize("source", SOURCES)
def test_sources(source: str) -> None:
    if source in OF_PANDAS_3 and library("pandas").__version__ < "3":
        pytest.skip("pandas 2 has text as objects, and finds 'a' and 'a\\0b' equal in categories")
    make, items, borrowed = SOURCES[source]
    data = make()
    column = column_of(data)
    assert column is not None
    assert column.tolist() == list(column) == items
    assert [type(item) for item in column] == [type(item) for item in items]
    assert (len(column), column.size, column.ndim) == (len(items), len(items), 1)
    assert column.first_null == -1
    assert column.nulls is None
    assert column.copied is not borrowed
    copied = column_of(data, copy=True)
    assert copied is not None
    assert copied.copied
    assert copied.same(column)
    assert copied.tolist() == items
    if borrowed:
        assert column_of(data, copy=False) is not None
    else:
        says = ("keys: copy=False", "chunks" if source == "chunks" else "needs a copy")
        refused(column_of, data, kind=ValueError, copy=False, says=says)
    del data
    gc.collect()
    assert column.tolist() == items


def test_arrow_of_one_width() -> None:
    arrow = library("pyarrow")
    column = column_of(arrow.array([b"ab", b"c\0", b"de"], arrow.binary(2))[1:])
    assert column is not None
    assert column.tolist() == [b"c\0", b"de"]
    ids = column_of(arrow.array([key.bytes for key in IDS], arrow.uuid()))
    assert ids is not None
    assert ids.tolist() == IDS
    assert form_of(ids) is UUID


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "binary_view"])
def test_slices_of_arrow(kind: str) -> None:
    arrow = library("pyarrow")
    whole = arrow.array([*TEXTS, None, *TEXTS]).cast(getattr(arrow, kind)())
    chunked = arrow.chunked_array([whole[3:5], whole[:0], whole[7:12], whole[16:]])
    for data in (*(whole[at:stop] for at in (0, 1, 9) for stop in (0, 9, 17)), chunked):
        column = queries_of(data, BYTES if "binary" in kind else TEXT)
        assert column.tolist() == data.to_pylist()
        assert (column.nulls is not None) == (data.null_count > 0)
        if column.nulls is not None:
            assert column.nulls.tolist() == data.is_null().to_pylist()


NO_TEXT: dict[str, Callable[[], Any]] = {
    "ints": lambda: [1, 2],
    "int first": lambda: [1, "a"],
    "nothing": list,
    "None": lambda: [None],
    "nested": lambda: [["a"], ["b"]],
    "array": lambda: np.arange(3),
    "times": lambda: np.array(["2024"], "M8[D]"),
    "0-d": lambda: np.array("a"),
    "fields": lambda: np.zeros(2, "i4,S3"),
    "objects": lambda: np.array([1, None], object),
    "masked": lambda: np.ma.masked_array(["a"]),
    "str": lambda: "abc",
    "set": lambda: {"a"},
    "range": lambda: range(3),
    "memory": lambda: memoryview(b"abc"),
    "interfaces": lambda: [ipaddress.ip_interface("10.0.0.1/8")],
    "scoped": lambda: [ipaddress.ip_address("fe80::1%eth0")],
    "pandas": lambda: library("pandas").Series([1]),
    "pandas masked": lambda: library("pandas").Series([1], dtype="Int64"),
    "pandas category": lambda: library("pandas").Series([1], dtype="category"),
    "pandas times": lambda: library("pandas").date_range("2024", periods=2),
    "pandas table": lambda: library("pandas").DataFrame({"a": ["x"]}),
    "pandas rows": lambda: library("pandas").MultiIndex.from_arrays([["a"], ["b"]]),
    "arrow": lambda: library("pyarrow").array([1]),
    "arrow codes": lambda: library("pyarrow").array([1]).dictionary_encode(),
    "arrow table": lambda: library("pyarrow").table({"a": ["x"], "b": ["y"]}),
    "arrow scalar": lambda: library("pyarrow").scalar("a"),
    "unknown": lambda: OnlyArrow(library("pyarrow").array([1])),
    "polars": lambda: library("polars").Series([1]),
    "polars table": lambda: library("polars").DataFrame({"a": ["x"], "b": ["y"]}),
}


@pytest.mark.parametrize("source", NO_TEXT)
def test_what_is_no_text_is_left_alone(source: str) -> None:
    assert column_of(NO_TEXT[source]()) is None


MISSING: list[Callable[[], Any]] = [
    lambda: ["a", None, "b"],
    lambda: np.array(["a", None], object),
    lambda: np.array(["a", np.nan], StringDType(na_object=np.nan)),
    lambda: np.array(["a", None], StringDType(na_object=None)),
    lambda: ["a", library("pandas").NA],
    lambda: library("pandas").Series(["a", None]),
    lambda: library("pandas").Series(["a", np.nan], dtype=object),
    lambda: library("pandas").Series(["a", None], dtype="category"),
    lambda: library("pandas").Series(["a", None], dtype="string[python]"),
    lambda: library("polars").Series(["a", None]),
    lambda: library("pyarrow").array(["a", None]).dictionary_encode(),
]


@pytest.mark.parametrize("make", MISSING)
def test_missing_items(make: Callable[[], Any]) -> None:
    column = queries_of(make(), TEXT)
    assert column.nulls is not None
    assert column.nulls.tolist()[:2] == [False, True]
    assert column.tolist()[:2] == ["a", None]
    refused(column_of, make(), kind=TypeError, says=(r"keys\[1\] is None",))


MIXED: list[tuple[Any, str]] = [
    (["a", 1], r"keys\[1\] is int, beside str"),
    (["a", b"a"], r"keys\[1\] is bytes, beside str; encode"),
    ([b"a", "a"], r"keys\[1\] is str, beside bytes; encode"),
    ([IDS[0], "a"], r"keys\[1\] is str \(a\), beside UUID"),
    ([NETS[0], NETS6[0]], r"keys\[1\] is IPv6Address \(fe80::\), beside IPv4"),
]


@pytest.mark.parametrize(("items", "says"), MIXED)
def test_mixed_items(items: Any, says: str) -> None:
    refused(column_of, items, kind=TypeError, says=(says,))


def test_other_refusals() -> None:
    for data in (["a", "\ud800"], np.array(["a", "\ud800"])):
        refused(column_of, data, kind=ValueError, says=(r"keys\[1\] holds a surrogate",))
    for array in (np.array([["a"]]), np.array([[b"a"]], object), np.array([["a"]], StringDType())):
        refused(column_of, array, kind=ValueError, says=(r"got 2-D of shape \(1, 1\)",))


REFUSED: list[tuple[Any, Any, str]] = [
    (TEXTS, [b"a"], r"cannot compare bytes with keys of str; pass \[k.decode\(\) for k in v\]"),
    (BYTES_ITEMS, ["a"], r"with keys of bytes; pass \[k.encode\(\) for k in v\]"),
    (TEXTS, IDS, r"UUID with keys of str; pass \[str\(k\) for k in v\]"),
    (IDS, ["a"], r"str with keys of UUID; pass \[uuid.UUID\(k\) for k in v\]"),
    (NETS, NETS6, "IPv6Address with keys of IPv4Address; pass IPv4Address"),
    (TEXTS, [1, 2], "list of int with keys of str; pass str"),
    (TEXTS, np.arange(3), "int64 with keys of str; pass str"),
    (IDS, [b"a" * 16, b"b"], r"v\[1\] has 1 bytes; pass 16 bytes, or UUID"),
]


@pytest.mark.parametrize(("keys", "queries", "says"), REFUSED)
def test_queries_of_another_kind(keys: Any, queries: Any, says: str) -> None:
    column = column_of(keys)
    assert column is not None
    kind = ValueError if "has 1 bytes" in says else TypeError
    refused(queries_of, queries, form_of(column), kind=kind, says=(says,))
    one = queries[-1]
    if isinstance(one, (str, bytes, uuid.UUID)):
        refused(bytes_of, one, form_of(column), kind=kind, says=("v",))


def test_queries_of_bytes_and_none() -> None:
    raws = [key.bytes for key in IDS]
    for data in (raws, np.array(raws).astype("V16"), [raws[0], None], [], [None]):
        assert queries_of(data, UUID).kind == "bytes"
    assert queries_of([library("pandas").NA, IDS[1]], UUID).tolist() == [None, IDS[1]]
    column = queries_of([IDS[1], None], UUID)
    assert column.nulls is not None
    assert (column.tolist(), column.nulls.tolist()) == ([IDS[1], None], [False, True])


def test_columns_of_pandas_without_a_value() -> None:
    """A dtype of text says so without items; categories that are none say nothing."""
    pandas = library("pandas")
    python = pandas.Series([], dtype="string[python]")
    column = column_of(python)
    assert column is not None
    assert form_of(column) is TEXT
    missing = pandas.Series(pandas.Categorical([None, None]))
    for form in (TEXT, BYTES, UUID):
        assert queries_of(missing, form).tolist() == [None, None]
        assert queries_of(missing[:0], form).tolist() == []
    assert column_of(missing) is None


def test_one_query() -> None:
    assert bytes_of("é", TEXT) == bytes_of(np.array("é"), TEXT) == "é".encode()
    assert bytes_of(bytearray(b"a"), BYTES) == bytes_of(np.bytes_(b"a"), BYTES) == b"a"
    assert bytes_of(np.void(b"a\0"), BYTES) == b"a\0"
    assert bytes_of(IDS[3], UUID) == bytes_of(IDS[3].bytes, UUID) == IDS[3].bytes
    assert bytes_of(NETS[3], IPV4) == NETS[3].packed
    for v in (1, None, b"a", [1]):
        refused(bytes_of, v, TEXT, kind=TypeError, says=("v: cannot compare", "keys of str"))
    refused(bytes_of, "\ud800", TEXT, kind=ValueError, says=("surrogate",))
