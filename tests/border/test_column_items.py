"""A column is a sequence: items, slices and choices, as a list or NumPy gives them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnedidx._core import Column

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=12)
ENDS = st.none() | st.integers(-15, 15)


def arrow(items: list[str], kind: str = "string") -> Column:
    """Return a column that is borrowed from Arrow, behind an offset."""
    pyarrow = pytest.importorskip("pyarrow")
    array = pyarrow.array(["before", *items]).cast(getattr(pyarrow, kind)())[1:]
    column = Column.of_arrow(*array.__arrow_c_array__())
    assert column is not None
    return column


def fixed(items: list[str]) -> Column:
    """Return a column of one width, without the NULs at the end of items."""
    return Column.of_fixed(np.array([item.encode() for item in items], "S80"), True, "str")


MAKES: list[Callable[[list[str]], Column]] = [
    Column.of_list,
    arrow,
    lambda items: arrow(items, "string_view"),
    lambda items: arrow(items, "large_string"),
]


@given(TEXTS, ENDS, ENDS, st.integers(-4, 4).filter(bool), st.data())
def test_items_are_those_of_a_list(
    items: list[str], start: int | None, stop: int | None, step: int, data: st.DataObject
) -> None:
    for make in MAKES:
        column = make(items)
        assert column.tolist() == list(column) == items
        part = column[start:stop:step]
        assert part.tolist() == items[start:stop:step]
        assert part.kind == "str"
        assert part[::-1].tolist() == items[start:stop:step][::-1]
        assert column.copy().same(column)
        assert column.same(Column.of_list(items))
        assert not column.same(Column.of_list([*items, "x"]))
        if items:
            at = data.draw(st.lists(st.integers(-len(items), len(items) - 1), max_size=9))
            assert column[at].tolist() == [items[i] for i in at]
            assert [column[i] for i in at] == [items[i] for i in at]
            mask = data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
            assert column[np.array(mask)].tolist() == np.array(items, object)[mask].tolist()
            assert not column.same(column[1:])


@given(TEXTS)
def test_numpy_text(items: list[str]) -> None:
    array = np.array(items, str)
    assert Column.of_ucs4(array).tolist() == array.tolist()
    trimmed = [item.rstrip("\0") for item in items]
    assert fixed(items).tolist() == trimmed
    assert fixed(items)[2:].tolist() == trimmed[2:]
    assert fixed(items).same(Column.of_list(trimmed))


@pytest.mark.parametrize(
    "key", [3, -4, 2**70, -(2**70), [3], [-4], [1.5], "a", None, [[1]], [True]]
)
def test_what_is_no_position(key: Any) -> None:
    with pytest.raises(IndexError):
        Column.of_list(["a", "b", "c"])[key]


def test_positions_that_may_be_missing() -> None:
    column = Column.of_list(["a", None, "b"])
    taken = column.take(np.array([2, -1, 1, 0]))
    assert taken.tolist() == ["b", None, None, "a"]
    assert taken.nulls is not None
    assert taken.nulls.tolist() == [False, True, True, False]
    assert (taken.first_null, taken[3:].first_null, taken[2:].first_null) == (1, -1, 0)
    assert taken.same(Column.of_list(["b", None, None, "a"]))
    assert not taken.same(Column.of_list(["b", "", None, "a"]))
    for wrong in (-2, 3):
        with pytest.raises(IndexError):
            column.take(np.array([wrong]))


def test_kinds() -> None:
    text, raw = Column.of_list(["a"]), Column.of_list([b"a"])
    assert (text.kind, raw.kind) == ("str", "bytes")
    assert not text.same(raw)
    assert Column.of_list([None], "v", "bytes").kind == "bytes"
    with pytest.raises(ValueError, match="kind: must be 'str' or 'bytes', got 'text'"):
        Column.of_list([], "v", "text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="v: must be a list or a tuple"):
        Column.of_list({"a"}, "v")  # type: ignore[arg-type]


def test_items_are_shown_as_what_they_stand_for() -> None:
    column = Column.of_list([b"\1", b"\2\3", None]).with_items(bytes.hex)
    assert column.tolist() == list(column) == ["01", "0203", None]
    assert column[::-1].tolist() == [None, "0203", "01"]
    assert column[:1].copy()[0] == column[[0]][0] == "01"
    assert column.make == bytes.hex
    assert column.with_items(None).tolist() == [b"\1", b"\2\3", None]

    def broken(_: bytes) -> Any:
        raise KeyError("no such thing")

    with pytest.raises(KeyError):
        column.with_items(broken).tolist()


def test_widths() -> None:
    column = Column.of_list([b"ab", None, b"cd", b"e"])
    assert (column.first_not_of_width(2), column[:3].first_not_of_width(2)) == (3, -1)


def test_bytes_of_memory() -> None:
    assert Column.of_list(["ab", "cde"]).nbytes == 3 * 8 + 5
    assert arrow(["ab", "cde"]).nbytes == 3 * 4 + 5
    assert Column.of_fixed(np.array([b"abcd"] * 3), True).nbytes == 12
    assert Column.of_list([]).nbytes == 0


def test_memory_is_kept_and_given_up() -> None:
    array = np.array([b"ab", b"c"])
    before = sys.getrefcount(array)
    column = Column.of_fixed(array, True)
    part = column[1:]
    del column
    assert sys.getrefcount(array) == before + 1
    array[1] = b"zz"
    assert part.tolist() == [b"zz"], "it is borrowed"
    del part
    assert sys.getrefcount(array) == before

    items = ["x" * 40, "é" * 40]
    counts = [sys.getrefcount(item) for item in items]
    held = Column.of_list(items)
    assert [sys.getrefcount(item) for item in items] == counts
    assert held.tolist() == items
    make = object.__repr__
    before = sys.getrefcount(make)
    shown = held.with_items(make)[1:].copy()
    assert sys.getrefcount(make) == before + 1
    del shown
    assert sys.getrefcount(make) == before


def test_a_list_that_changes_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signal handlers run while a long list is read; what they do to it harms nobody."""
    import signal

    items = ["a"] * 10_000_000

    def shorten(*_: Any) -> None:
        items.clear()

    before = signal.signal(signal.SIGALRM, shorten)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.06)
        column = Column.of_list(items)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(column) <= 10_000_000
    assert column[-1:].tolist() == ["a"]
