"""Any bytes of a file of rows are refused with a FormatError, or answer as the rows do."""

import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.format import spoil
from tests.format.string_questions import KEYS, ask, saved

MB = 1 << 20


def with_columns(blob: bytes, said: bytes) -> bytes:
    """Replace COLS."""
    table = [
        (kind, 1, said if kind == b"COLS" else inner) for kind, _, inner in spoil.sections(blob)
    ]
    return spoil.built(blob, table)


def columns_of(blob: bytes) -> bytes:
    return next(contents for kind, _, contents in spoil.sections(blob) if kind == b"COLS")


@pytest.mark.parametrize("keys", ["pairs", "rows"])
def test_columns_at_their_limits(keys: str) -> None:
    blob, random = saved(keys, "none"), np.random.default_rng(1)
    right = columns_of(blob)
    for at, size in [(i, 1) for i in range(len(right))] + [(i, 4) for i in range(4, len(right), 8)]:
        for value in (0, 1, 2, 3, 4, 5, 7, 9, 10, 14, 15, 255, 2**31 % 256**size):
            said = right[:at] + value.to_bytes(size, "little") + right[at + size :]
            opened = ask(with_columns(blob, said), random)
            assert opened or said != right
            column = said[at // 8 * 8 :][:8]
            kind, meaning, unit, zeros, multiple = struct.unpack("<BBBBI", column)
            times = meaning in (2, 3, 4)
            fits = kind < 10 and times == (unit > 0) == (multiple > 0) and unit < 15
            fits = fits and (kind == 7 if times else meaning == 0 or (meaning, kind) == (1, 0))
            fits = fits or (9 < kind < 15 and column[1:] == bytes(7))
            assert not opened or (fits and not zeros), column


@pytest.mark.parametrize("keys", ["pairs", "rows"])
def test_more_and_fewer_columns(keys: str) -> None:
    blob, random = saved(keys, "none"), np.random.default_rng(1)
    right = columns_of(blob)
    for said in (b"", right[:-1], right[:-8] + right[-7:], right + b"\0", right * 64):
        assert not ask(with_columns(blob, said), random)
    assert ask(with_columns(blob, right * 2), random) == (keys == "rows")
    table = spoil.sections(blob)
    for made in (table[:2] + table[3:], [*table[:2], table[2], table[2], *table[3:]]):
        assert not ask(spoil.built(blob, made), random)
    text = spoil.sections(saved("text", "none"))
    assert not ask(spoil.built(saved("text", "none"), [*text[:2], table[2], *text[2:]]), random)


def test_at_most_64_columns_are_saved() -> None:
    columns: Any = [np.arange(3) for _ in range(65)]
    index: Any = lx.open(lx.LearnedIndex(lx.Columns(*columns[1:])).save(bytes))
    assert len(index.keys.columns) == 64
    with pytest.raises(ValueError, match="65 columns; a file holds at most 64, so save fewer"):
        lx.LearnedIndex(lx.Columns(*columns)).save(bytes)


BAD_ROWS: list[tuple[Any, bytes, bytes]] = [
    (lx.Columns(["a", "b\0"], [1, 2]), b"b\0\xff\0\0", b"b\0\1\0\0"),
    (lx.Columns([b"a", b"\xfe"], [1, 2]), b"\xfe\xfe\0\0", b"\xfe\xfd\0\0"),
    (lx.Columns([b"a", b"b"], [1, 2]), b"b\0\0", b"\xff\0\0"),
    (lx.Columns(["a", "b"], [1, 2]), b"b\0\0", b"b\0\1"),
    (lx.Columns(["a", "b"], [1, 2]), b"b\0\0", b"b\xff\0"),
    (lx.Columns(["a", "b"], [1, 2]), b"b\0\0", b"\xfe\0\0"),
    (lx.Columns(["a", "b"], [1, 2]), b"b\0\0", b"bbb"),
    (lx.Columns(["a", "b"], [1, 2]), b"b\0\0", b"\0\0b"),
    (lx.Columns(["ab", "b"], [1, 2]), b"b\0\0\x80\0\0\0\0\0\0\2", b"\xc3\0\0\x80\0\0\0\0\0\0\2"),
    (lx.Columns([False, True], [1, 2]), b"\1\x80", b"\2\x80"),
    (lx.Columns([1.5, 2.5], [1, 2]), b"\xc0\4", b"\xff\xf1"),
    (lx.Columns([-1.5, 2.5], [1, 2]), b"\x40\x08\0", b"\0\1\0"),
]


@pytest.mark.parametrize(("keys", "old", "new"), BAD_ROWS)
def test_bytes_that_no_row_has_are_named_where_they_are_read(
    keys: Any, old: bytes, new: bytes
) -> None:
    blob = bytes(lx.LearnedIndex(keys).save(bytes) or b"")
    start = blob.rindex(old)
    spoilt = spoil.signed(blob[:start] + new + blob[start + len(new) :])
    index = lx.open(spoilt)
    bad = next(i for i in range(2) if not readable(index, i))
    assert readable(index, 1 - bad)
    assert 0 <= index.searchsorted(index[1 - bad]) <= 2
    with pytest.raises(ValueError, match=rf"keys\[{bad}\] is no row of \("):
        index.keys  # noqa: B018
    with pytest.raises(lx.FormatError, match="is damaged|not sorted|is no row of"):
        lx.open(spoilt, verify="full")


def readable(index: Any, at: int) -> bool:
    try:
        return len(index[at]) == 2
    except ValueError as error:
        assert "is no row of" in str(error)
        return False


def test_rows_that_overlap_take_no_more_memory_than_the_file() -> None:
    """All together they have 40 GB here."""
    size, n = MB, 39_999
    blob = bytes(lx.LearnedIndex(lx.Columns(["a", "b"], ["a", "b"])).save(bytes) or b"")
    kept = [s for s in spoil.sections(blob) if s[0] not in (b"OFFS", b"DATA")]
    offsets = np.resize([0, size], n + 1).astype("<u8").tobytes()
    data = (b"a" * (size // 2 - 2) + b"\0\0") * 2
    made = spoil.built(blob, [*kept, (b"OFFS", 1, offsets), (b"DATA", 1, data)])
    index = lx.open(spoil.with_header(made, 40, n.to_bytes(8, "little") * 2))
    assert index[0] == ("a" * (size // 2 - 2),) * 2
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"keys\[1\] is no row of"):
        index.keys  # noqa: B018
    assert tracemalloc.get_traced_memory()[1] < 64 * MB
    tracemalloc.stop()


def test_rows_of_a_file_are_those_that_were_saved() -> None:
    for keys in ("pairs", "rows"):
        index: Any = lx.open(saved(keys, "pgm"))
        given: Any = lx.LearnedIndex(KEYS[keys])
        assert repr(list(index)) == repr(list(given)) == repr([index[i] for i in range(len(index))])
        for column, own in zip(index.keys.columns, given.keys.columns, strict=True):
            if isinstance(column, np.ndarray):
                assert column.dtype == own.dtype and not column.flags.writeable
                own = own + 0 if own.dtype.kind == "f" else own  # -0.0 comes back as 0.0
            assert repr(list(column)) == repr(list(own))
