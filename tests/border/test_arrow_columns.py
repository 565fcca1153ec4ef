"""Columns out of Arrow's C interface, of which nothing is believed and which is released once."""

from __future__ import annotations

import gc
import mmap
import threading
from typing import Any

import numpy as np
import pytest

from learnedidx._core import Column
from tests.border.arrow_structs import Made, MadeStream, capsule, offsets, view

LONG = b"more than twelve bytes"


def text(form: str = "u", length: int = 3, **fields: int) -> Made:
    """Return a right array of ["ab", "", "cd"]."""
    parts = [None, offsets(0, 2, 2, 4, wide=form in "UZ"), b"abcd"]
    return Made(form, length, parts, None, **fields)


def read(made: Made, name: str = "keys") -> Any:
    return Column.of_arrow(*made.capsules(), name)


@pytest.mark.parametrize("form", ["u", "U", "z", "Z"])
def test_offsets(form: str) -> None:
    items = ["ab", "", "cd"] if form in "uU" else [b"ab", b"", b"cd"]
    assert read(text(form)).tolist() == items
    assert read(text(form, length=1, offset=2)).tolist() == items[2:]
    assert read(text(form, length=0, offset=3)).tolist() == []
    assert read(Made(form, 0, [None, None, None])).tolist() == []
    nulls = read(Made(form, 3, [b"\x05", offsets(0, 2, 2, 4, wide=form in "UZ"), b"abcd"]))
    assert nulls.tolist() == [items[0], None, items[2]]
    assert (nulls.first_null, nulls.nulls.tolist()) == (1, [False, True, False])


def test_views_and_widths() -> None:
    views = view(3, inside=b"abc") + view(len(LONG), 1, 2) + view(0)
    buffers = [None, views, b"unused", b"xx" + LONG, np.array([6, 2 + len(LONG)]).view(np.uint8)]
    assert read(Made("vu", 3, buffers)).tolist() == ["abc", LONG.decode(), ""]
    assert read(Made("vz", 2, buffers, offset=1)).tolist() == [LONG, b""]
    assert read(Made("w:2", 2, [None, b"a\0b\0c\0"], offset=1)).tolist() == [b"b\0", b"c\0"]
    assert read(Made("w:0", 2, [None, None])).tolist() == [b"", b""]


def test_dictionaries() -> None:
    for form, dtype in (
        ("c", "i1"),
        ("C", "u1"),
        ("s", "i2"),
        ("S", "u2"),
        ("I", "u4"),
        ("L", "u8"),
    ):
        entries, codes = text(), np.array([2, 0, 0, 1], dtype).view(np.uint8)
        made = Made(form, 4, [b"\x0b", codes], entries)
        column = read(made)
        assert column.tolist() == ["cd", "ab", None, ""]
        assert column.copied
        assert made.released == 1
    with pytest.raises(ValueError, match=r"keys\[1\] has an index outside its dictionary of 3"):
        read(Made("i", 2, [None, np.array([0, 3], "i4").view(np.uint8)], text()))
    with pytest.raises(ValueError, match=r"keys\[0\] has an index"):
        read(Made("c", 1, [None, np.array([-1], "i1").view(np.uint8)], text()))
    hidden = Made("c", 1, [b"\0", np.array([-1], "i1").view(np.uint8)], text())
    assert read(hidden).tolist() == [None]
    lacking = Made("c", 1, [None, b"\0"], text())
    lacking.array.dictionary = None
    with pytest.raises(ValueError, match="lacks its dictionary"):
        read(lacking)


FAR = np.array([20]).view(np.uint8)
DAMAGED = [
    (Made("u", 3, [None, offsets(0, 4, 2, 4), b"abcd"]), r"keys\[1\] ends before it begins"),
    (Made("u", 2, [None, offsets(-1, 2, 4), b"abcd"]), "first offset of -1"),
    (Made("U", 1, [None, offsets(0, -5, wide=True), b""]), r"keys\[0\] ends before"),
    (Made("u", 1, [None, None, b"a"]), "lacks its buffer 1"),
    (Made("u", 1, [None, offsets(0, 1), None]), "lacks its buffer 2"),
    (Made("u", 1, [None, offsets(0, 1)]), "has 2 buffers, fewer"),
    (Made("w:4", 1, [None, None]), "lacks its buffer 1"),
    (Made("w:2147483647", 1 << 39, [None, b""]), "longer than memory"),
    (text(length=-1), "has the length -1"),
    (text(offset=-1), "the offset -1"),
    (text(length=2**62, offset=2**62), "has the length"),
    (text(n_buffers=-1), "has -1 buffers"),
    (Made("vu", 1, [None, view(13, 0, 8), LONG[:20], FAR]), r"keys\[0\] leads outside"),
    (Made("vu", 1, [None, view(13, 1, 0), LONG[:20], FAR]), r"keys\[0\] leads outside"),
    (Made("vu", 1, [None, view(13, -1, 0), LONG[:20], FAR]), r"keys\[0\] leads outside"),
    (Made("vu", 1, [None, view(13, 0, -1), LONG[:20], FAR]), r"keys\[0\] leads outside"),
    (Made("vu", 1, [None, view(-13), LONG[:20], FAR]), r"keys\[0\] leads outside"),
    (Made("vu", 1, [None, view(13), None, FAR]), "lacks its buffer 2"),
    (Made("vu", 1, [None, view(13), LONG[:20], None]), "lacks the sizes"),
    (Made("vu", 1, [None, view(13), LONG[:20], np.array([-1]).view("u1")]), "lacks its buffer 2"),
    (Made("u", 2, [None, offsets(0, 1, 2), b"a\xff"]), r"keys\[1\] is no UTF-8"),
    (Made("u", 2, [None, offsets(0, 1, 3), "aé".encode()[::-1]]), r"keys\[0\] is no UTF-8"),
    (Made("U", 2, [None, offsets(0, 2, 3, wide=True), "aé".encode()]), r"keys\[0\] is no UTF-8"),
]


@pytest.mark.parametrize(("made", "says"), DAMAGED, ids=lambda part: part if str(part) else "")
def test_damaged_arrays(made: Made, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(made)
    gc.collect()
    assert made.released == 1


BAD_TEXT = [
    *(b"\x80", b"\xc1\x81", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8"),
    *(b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xf0\x80\x80\x80", b"\xc3(", b"\xe2\x82("),
]


@pytest.mark.parametrize("bad", BAD_TEXT)
@pytest.mark.parametrize("around", [b"", b"x", b"seven..", b"nine and more", "äöü€".encode()])
def test_text_is_utf8(bad: bytes, around: bytes) -> None:
    data = around + bad + around
    with pytest.raises(UnicodeDecodeError):
        data.decode()
    with pytest.raises(ValueError, match=r"v\[1\] is no UTF-8; mend the text, or pass .* bytes"):
        read(Made("u", 2, [None, offsets(0, 0, len(data)), data]), "v")
    hidden = Made("u", 2, [b"\x01", offsets(0, 0, len(data)), data])
    assert read(hidden).tolist() == ["", None]
    assert read(Made("z", 1, [None, offsets(0, len(data)), data])).tolist() == [data]


def test_all_characters() -> None:
    codes = [0, 1, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF]
    items = [
        chr(code) * times + "x" * more for code in codes for times in (1, 3) for more in (0, 9)
    ]
    data = [item.encode() for item in items]
    ends = np.cumsum([0, *map(len, data)]).tolist()
    assert read(Made("u", len(items), [None, offsets(*ends), b"".join(data)])).tolist() == items
    padded = np.array([item.replace("\0", "\1") for item in items])
    assert Column.of_ucs4(padded).tolist() == padded.tolist()


def test_other_formats_are_no_text() -> None:
    for form in (
        "i",
        "l",
        "g",
        "n",
        "+s",
        "+l",
        "tdD",
        "w:",
        "w:-1",
        "w:2x",
        "w:99999999999",
        "",
        "uu",
    ):
        made = Made(form, 1, [None, offsets(0, 1), b"a"])
        assert read(made) is None
        assert made.released == 0, "the capsule keeps it"
    numbers = Made("i", 1, [None, b"\0" * 8], Made("l", 1, [None, b"\0" * 8]))
    assert read(numbers) is None


def test_offsets_beyond_31_bits() -> None:
    size, room = 2**31 + 10, mmap.mmap(-1, 2**31 + 4096)
    room[size - 2 : size] = b"yz"
    made = Made("Z", 2, [None, offsets(0, size - 2, size, wide=True), room])  # type: ignore[list-item]
    column = read(made)
    assert (column[1], column.nbytes) == (b"yz", size + 24)
    assert column[1:].nbytes == 18


def test_an_array_is_released_once_by_the_last_user() -> None:
    made = text()
    column = read(made)
    assert not made.array.release, "it was taken out of the capsule"
    part, slower = column[1:], column[::2]
    shown = column.with_items(bytes.hex)
    del column
    assert made.released == 0
    assert (part.tolist(), slower.tolist()) == (["", "cd"], ["ab", "cd"])
    del part
    assert made.released == 0
    del shown
    assert made.released == 1
    assert slower.tolist() == ["ab", "cd"]
    with pytest.raises(ValueError, match="arrow_array was released before"):
        read(made)


def test_the_last_user_may_be_another_thread() -> None:
    made = text()
    held = [read(made)]
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert made.released == 1


def test_streams() -> None:
    chunks = [text(), Made("u", 0, [None, None, None]), text(offset=1, length=2)]
    made = MadeStream(chunks)
    column = Column.of_arrow_stream(capsule(made.stream), "keys")
    assert column is not None
    assert column.tolist() == ["ab", "", "cd", "", "cd"]
    assert (column.chunks, column.copied) == (2, True)
    assert [chunk.released for chunk in chunks] == [1, 1, 1]
    assert made.released == 1
    with pytest.raises(ValueError, match="was released before"):
        Column.of_arrow_stream(capsule(made.stream))


def test_one_chunk_is_borrowed() -> None:
    chunk = text()
    column = Column.of_arrow_stream(capsule(MadeStream([chunk]).stream))
    assert column is not None
    assert (column.tolist(), column.copied, column.chunks) == (["ab", "", "cd"], False, 1)
    assert chunk.released == 0
    del column
    assert chunk.released == 1
    empty = Column.of_arrow_stream(capsule(MadeStream([]).stream))
    assert empty is not None
    assert empty.tolist() == []


def test_streams_that_fail() -> None:
    chunks = [text(), text()]
    made = MadeStream(chunks, error=1)
    with pytest.raises(ValueError, match="keys: its Arrow stream failed: no more"):
        Column.of_arrow_stream(capsule(made.stream), "keys")
    assert (chunks[0].released, chunks[1].released, made.released) == (1, 0, 1)
    bad = Made("u", 1, [None, offsets(0, 1), b"\xff"])
    with pytest.raises(ValueError, match=r"v\[3\] is no UTF-8"):
        Column.of_arrow_stream(capsule(MadeStream([text(), bad]).stream), "v")
    assert bad.released == 1
    numbers = MadeStream([text()], "l")
    assert Column.of_arrow_stream(capsule(numbers.stream)) is None


def test_capsules_of_another_kind() -> None:
    made = text()
    schema, array = made.capsules()
    with pytest.raises(TypeError, match="must be named arrow_schema"):
        Column.of_arrow(array, schema)
    with pytest.raises(TypeError, match="must be named arrow_array_stream"):
        Column.of_arrow_stream(array)
    assert made.released == 0
