"""Each kind of keys that no index holds gets the hint that fits it; hints that are code are run."""

import datetime
import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

DAY = datetime.date(2024, 1, 1)
NOON = datetime.datetime(2024, 1, 1, 12)
IDS = [uuid.UUID(int=i << 70) for i in range(3)]

NO_ARRAYS: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: {1, 2, 3}, "set", r"sorted\(keys\)"),
    (lambda: frozenset({1, 2}), "frozenset", r"sorted\(keys\)"),
    (lambda: {1: 2}, "dict", r"sorted\(keys\)"),
    (lambda: {1: 2}.keys(), "dict_keys", r"sorted\(keys\)"),
    (lambda: (i for i in range(3)), "generator", r"list\(keys\)"),
    (lambda: iter([1, 2]), "list_iterator", r"list\(keys\)"),
    (lambda: map(int, "12"), "map", r"list\(keys\)"),
    (lambda: None, "None", "1-D array"),
    (lambda: object(), "object", "1-D array"),
]
OBJECTS: list[tuple[Any, str, str]] = [
    ([Decimal("0.25"), Decimal("0.5")], "Decimal", "int"),
    ([Fraction(1, 3), Fraction(1, 2)], "Fraction", "float64"),
    ([DAY, datetime.date(2024, 1, 2)], "date", r"M8\[D\]"),
    ([NOON, NOON.replace(year=2025)], "datetime", r"M8\[us\]"),
    ([NOON.replace(tzinfo=datetime.UTC)], "datetime", "astimezone"),
    ([datetime.time(1), datetime.time(2)], "time", "key.hour"),
    ([datetime.timedelta(1), datetime.timedelta(2)], "timedelta", r"m8\[us\]"),
    (np.array([1, 2, 3], object), "int", "int64"),
    (np.array([0, 2**64 - 1], object), "int", "uint64"),
    (np.array([1.5, 2.5], object), "float", "float64"),
    (np.array([np.datetime64(5, "D"), np.datetime64(720, "h")], object), "datetime64", "'M8'"),
    ([np.datetime64(5, "D"), DAY], "datetime64 and date", "'M8'"),
    (np.array([np.timedelta64(1, "s")], object), "timedelta64", "'m8'"),
    ([0, 2**64], "int", "floats"),
    ([-1, 2**70], "int", "floats"),
]
TEXT: list[tuple[Any, str]] = [
    ("abc", "got one item of text or bytes; pass a sorted list"),
    (b"abc", "got one item of text or bytes; pass a sorted list"),
    (np.array("abc"), "got one item of text or bytes; pass a sorted list"),
    ([["a", "b"], ["c", "d"]], r"got 2-D of shape \(2, 2\); pass one column"),
    ([1, "a"], "of text and others, cannot be indexed; pass keys of one kind"),
    ([ipaddress.ip_interface("10.0.0.1/8")], r"IPv4Interface, .* pass \[key.ip for key in keys\]"),
    ([ipaddress.ip_address("fe80::1%eth0")], "IPv6Address, .* pass .key.packed for key in keys"),
    ([2.5, b"a"], "of text and others, cannot be indexed; pass keys of one kind"),
]
EMPTY: list[tuple[Callable[[], Any], str]] = [
    (lambda: np.array([], object), "keys: an empty array of dtype object cannot be indexed"),
    (lambda: arrow().array([], arrow().decimal128(3, 1)), r"decimal128\(3, 1\) cannot be indexed"),
    (lambda: arrow().array([], arrow().time64("us")), r"time64\[us\] cannot be indexed"),
]
STRINGS = [["a", "b"], [b"a"], IDS, np.array(["a"], object), np.array(["a", "b"], "T")]
CODE = re.compile(
    r"(?:pass |: |such as |; )((?:np|pandas|keys)\b[^;:]*?)"
    r"(?: for two decimals| rounds.*| of a Multi.*)?(?:$|;)"
)


def run_hint(message: str, keys: Any) -> Any:
    """Build an index of what the hint says."""
    code = CODE.findall(message)[0]
    known: dict[str, Any] = {"np": np, "keys": keys, "timezone": timezone}
    if "pandas" in code:
        known["pandas"] = pytest.importorskip("pandas")
    if "pyarrow" in code:
        known["pyarrow"] = pytest.importorskip("pyarrow")
    return lx.LearnedIndex(eval(code, known))


def arrow() -> Any:
    return pytest.importorskip("pyarrow")


@pytest.mark.parametrize(("make", "says"), EMPTY)
def test_no_keys_of_a_type_that_is_none(make: Callable[[], Any], says: str) -> None:
    refused(lx.LearnedIndex, make(), kind=TypeError, says=(says, "convert it to numbers"))


@pytest.mark.parametrize(("make", "kind", "hint"), NO_ARRAYS, ids=lambda part: str(part)[:12])
def test_no_arrays(make: Callable[[], Any], kind: str, hint: str) -> None:
    refused(lx.LearnedIndex, make(), kind=TypeError, says=("keys: got", kind, hint))


@pytest.mark.parametrize(("keys", "kind", "hint"), OBJECTS, ids=lambda part: str(part)[:20])
def test_objects(keys: Any, kind: str, hint: str) -> None:
    message = refused(
        lx.LearnedIndex, keys, kind=TypeError, says=("keys: dtype object", kind, hint)
    )
    if "floats" not in hint:
        assert len(run_hint(message, keys)) == len(keys)


@pytest.mark.parametrize("key", ["5", b"5", IDS[0]])
def test_text_beside_numbers(key: Any) -> None:
    kind = type(key).__name__
    says = (rf"keys\[1\] is int.*, beside {kind}; pass items of one kind",)
    refused(lx.LearnedIndex, np.array([key, 3], object), kind=TypeError, says=says)
    says = (f"dtype object, of int and {kind}, cannot be indexed; pass keys of one kind",)
    refused(lx.LearnedIndex, np.array([3, key], object), kind=TypeError, says=says)


@pytest.mark.parametrize("key", [np.datetime64("2020-01-01"), DAY, NOON, (1, 2)])
def test_numbers_beside_what_is_none(key: Any) -> None:
    for keys in ([key, 3], [3, key], [key, 2.5, 3]):
        array = np.empty(len(keys), object)
        array[:] = keys
        kind = type(key).__name__
        says = (f"dtype object, of .*{kind}", "cannot be indexed; pass keys of one kind, all num")
        if keys[0] is key and isinstance(key, str | uuid.UUID):
            says = (r"keys\[1\] is (int|float)", f"beside {kind}; ")
        refused(lx.LearnedIndex, array, kind=TypeError, says=says)
    if kind == "datetime64":
        refused(lx.LearnedIndex, keys, kind=TypeError, says=(*says, "datetime64 and float and int"))


@pytest.mark.parametrize(("keys", "says"), TEXT, ids=repr)
def test_text_that_is_no_column(keys: Any, says: str) -> None:
    refused(lx.LearnedIndex, keys, kind=TypeError, says=(f"keys: .*{says}",))


@pytest.mark.parametrize("keys", STRINGS, ids=repr)
def test_strings(keys: Any) -> None:
    for model in (lx.RMI(), lx.PGM(), lx.RadixSpline(), lx.BTree(), lx.models.DirectTable()):
        refused(model.fit, keys, kind=TypeError, says=("keys", r"lx.LearnedIndex\(keys\)"))
    assert len(lx.LearnedIndex(keys)) == len(keys)


def test_one_field_of_records() -> None:
    keys = np.zeros(3, [("a", "i4"), ("b", "f8")])
    message = refused(lx.RMI().fit, keys, kind=TypeError, says=(r"keys\['a'\]",))
    assert len(run_hint(message, keys)) == 3


def test_missing_values() -> None:
    message = refused(lx.LearnedIndex, [1, None, 2], kind=TypeError, says=(r"keys\[1\] is None",))
    assert "drop" in message


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    stamps = pandas.date_range("2024", periods=3)
    for keys, hint in (
        (list(stamps), "DatetimeIndex"),
        (list(stamps.tz_localize("Europe/Berlin")), "DatetimeIndex"),
        (list(stamps - stamps[0]), "TimedeltaIndex"),
        (stamps.to_period("D"), "PeriodIndex"),
        (pandas.interval_range(0, 3), "left"),
        (pandas.Index([1, 2, 3], dtype=object), "int64"),
    ):
        message = refused(lx.LearnedIndex, keys, kind=TypeError, says=("keys", hint))
        assert len(run_hint(message, keys)) == 3
    refused(lx.LearnedIndex, pandas.Series([1j, 2j]), kind=TypeError, says=(r"abs\(keys",))


ORDERS: list[tuple[Any, str]] = [
    (np.array([1, 3, 2]), r"keys\[2\] = 2 comes after keys\[1\] = 3;"),
    (np.array([0.5, 0.1], np.float32), r"keys\[1\] = 0.1 comes after keys\[0\] = 0.5;"),
    (np.array([True, False]), r"keys\[1\] = False comes after keys\[0\] = True;"),
    (np.array([1.0, np.nan, 2.0]), r"keys\[2\] = 2.0 comes after keys\[1\] = nan, which .* last;"),
    (
        np.array(["2024-02", "2024-01"], "M8[M]"),
        r"keys\[1\] = .*'2024-01'\) comes after .*'2024-02'\);",
    ),
]


@pytest.mark.parametrize(("keys", "told"), ORDERS, ids=repr)
def test_what_is_out_of_order(keys: Any, told: str) -> None:
    message = refused(
        lx.LearnedIndex, keys, kind=ValueError, says=("^keys: not sorted: " + told, "argsort")
    )
    assert "np.int64(" not in message and "np.float" not in message and "np.True" not in message


def test_the_name_of_the_argument_is_in_the_text() -> None:
    index: Any = lx.LearnedIndex(np.arange(10))
    unsorted = np.array([*range(10), 5])
    refused(index.extended, unsorted, says=(r"^longer_keys: .*longer_keys\[10\] = 5 comes",))
    refused(index.extended, {1, 2}, says=(r"^longer_keys: got set.*sorted\(longer_keys\)",))
    refused(index.range, np.ma.masked_array([1]), 5, says=(r"^lo: .*lo\.compressed\(\)",))
    refused(lx.advise, index.keys, np.ma.masked_array([1]), says=(r"queries\.compressed\(\)",))
    refused(index.find, 5, "nearest", "v: x", says=(r"^tolerance: .*'v: x'",))
    refused(index.count, "v: x", 5, says=("^lo: .*'v: x'",))
    refused(index.count, 5, ["v: x"], says=("^hi: ",))
    refused(lx.advise, index.keys, ["v."], says=("^queries: ",))
    pandas = pytest.importorskip("pandas")
    days: Any = lx.LearnedIndex(np.arange(9).astype("M8[D]"))
    stamp = pandas.Timestamp("2024", tz="UTC")
    refused(days.count, None, stamp, says=(r"^hi: has a time zone; pass hi\.tz_convert\(None\)",))
    refused(days.find, 5, says=(r"^v: cannot compare int \(5\)",))
    refused(days.find, np.int64(5), says=(r"^v: cannot compare int64 \(5\)",))


class Holder:
    """Gives NumPy a number, or what no array is made of, when asked for an array."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if isinstance(self.held, type):
            raise self.held("on a device")
        return self.held


UNREADABLE: list[tuple[Any, str]] = [
    ([[1], [2, 3]], "its rows differ in length; pass rows of one length$"),
    ([Holder(np.arange(2)), 3], "its rows differ in length; pass rows of one length$"),
    ([Holder(np.array(3)), 3], "not 'Holder'"),
    ([2**60, Holder(np.array(3))], "not 'Holder'"),
    ([Holder(5)], "not producing an array"),
    (Holder(5), "not producing an array"),
    (Holder(RuntimeError), "on a device"),
    ([Holder(TypeError)], "on a device"),
]


@pytest.mark.parametrize("number", range(len(UNREADABLE)))
def test_what_numpy_cannot_read_names_the_argument(number: int) -> None:
    """NumPy's own texts name none."""
    given, why = UNREADABLE[number]
    index: Any = lx.LearnedIndex(np.arange(10.0))
    why = why if why.startswith("its") else rf"cannot be read as one array \(.*{why}.*\); pass "
    refused(lx.LearnedIndex, given, says=(f"^keys: {why}",))
    refused(index.extended, given, says=(f"^longer_keys: {why}",))
    for verb in (index.searchsorted, index.contains, index.bounds):
        refused(verb, given, says=(f"^v: {why}",))
    refused(index.count, 5, given, says=(f"^hi: {why}",))
    refused(index.save, bytes, values=given, says=(f"^values: {why}",))
    tolerance = "^tolerance: must be one number .*, got (list|Holder)$"
    refused(index.find, 5, "nearest", given, says=(tolerance,))


def test_advice_over_keys_that_are_not_sorted_names_the_first() -> None:
    notes = " ".join(lx.advise(np.array([1, 5, 3, 9] * 20)).notes)
    assert "keys[2] = 3 comes after keys[1] = 5" in notes


def encoded_columns() -> list[Any]:
    """Return columns whose missing values or zones lie below the surface."""
    arrow, polars = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    compute = pytest.importorskip("pyarrow.compute")
    numbers = arrow.array([2**53 + 1, None])
    zoned = arrow.array([0, 1], arrow.timestamp("s", "America/New_York"))
    return [
        arrow.DictionaryArray.from_arrays(arrow.array([0, 1]), numbers),
        compute.run_end_encode(numbers),
        zoned.dictionary_encode(),
        polars.Series([[2**53 + 1, None]], dtype=polars.Array(polars.Int64, 2)),
    ]


@pytest.mark.parametrize("number", range(4))
def test_encoded_and_nested_columns_are_refused(number: int) -> None:
    column = encoded_columns()[number]
    index = lx.LearnedIndex(np.array([2**53, 2**53 + 1]))
    refused(index.find, column, kind=TypeError, says=("^v: .* is no plain column",))
    refused(lx.LearnedIndex, column, kind=TypeError, says=("^keys: .* is no plain column",))


def test_rows_of_a_list_are_checked_as_they_are_alone() -> None:
    arrow = pytest.importorskip("pyarrow")
    index = lx.LearnedIndex(np.array([2**53, 2**53 + 1]))
    masked = np.ma.array([1, 2**53 + 1], mask=[False, True])
    refused(index.find, [masked, [1, 2]], kind=TypeError, says=("^v: masked arrays",))
    missing = arrow.array([2**53 + 1, None])
    refused(index.find, [missing, arrow.array([1, 2])], kind=TypeError, says=("1 missing",))
    zoned = arrow.array([1], arrow.timestamp("s", "Asia/Tokyo"))
    times = lx.LearnedIndex(np.arange(3).astype("M8[s]"))
    refused(times.find, [zoned], kind=TypeError, says=("time zone Asia/Tokyo",))
