"""Tables, record batches and columns of any library that speaks Arrow's C interface."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx._core import arrow_array, arrow_stream
from tests.border.arrow_structs import Made, MadeStream, capsule, offsets
from tests.border.helpful import refused


class Speaker:
    """Data of a library that is not known, which speaks Arrow alone."""

    def __init__(self, data: Any) -> None:
        self.data = data


class Whole(Speaker):
    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.data.__arrow_c_array__()


class Stream(Speaker):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.data.__arrow_c_stream__()


class ByHand(Speaker):
    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.data.capsules()


def arrow() -> Any:
    return pytest.importorskip("pyarrow")


def batch_of(**columns: Any) -> Any:
    return arrow().record_batch(columns)


def frame_of(**columns: Any) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def chunked(**columns: Any) -> Any:
    batch = batch_of(**columns)
    return arrow().Table.from_batches([batch[:1], batch[1:1], batch[1:]])


TABLES: dict[str, Any] = {
    "batch": batch_of,
    "table": lambda **columns: arrow().table(columns),
    "frame": frame_of,
    "structs": lambda **columns: frame_of(**columns).to_struct("s"),
    "other batch": lambda **columns: Whole(batch_of(**columns)),
    "other table": lambda **columns: Stream(chunked(**columns)),
    "other slice": lambda **columns: Whole(
        batch_of(**{key: [part[0], *part] for key, part in columns.items()})[1:]
    ),
    "other frame": lambda **columns: Stream(frame_of(**columns)),
}


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_a_table_of_one_column_is_that_column(make: Any) -> None:
    index = lx.LearnedIndex(make(k=[1, 3, 3, 7]))
    asked = make(q=[3, 8, 0])
    assert index.find(asked).tolist() == [1, -1, -1]
    assert index.searchsorted(asked, "right").tolist() == index.rank(asked).tolist() == [3, 4, 0]
    assert index.contains(asked, threads=2).tolist() == [True, False, False]
    assert index.count(asked, make(h=[4, 9, 7])).tolist() == [2, 0, 3]
    assert index.range(asked, 5, "both")[1].tolist() == [3, 4, 3]
    assert index.find(asked, "nearest", 1).tolist() == [1, 3, 0]
    assert index.bounds(asked)[0].shape == (3,)
    assert index.extended(make(k=[1, 3, 3, 7, 9])).rank(9) == 5
    assert lx.open(index.save(bytes, keys=False), keys=make(k=[1, 3, 3, 7])).rank(7) == 4
    text = lx.LearnedIndex(make(k=["a", "bb", "c"]))
    assert text.find(make(q=["c", "b"])).tolist() == [2, -1]
    assert text.prefix(make(q=["b"]))[1].tolist() == [2]
    assert lx.PointFilter().fit(make(k=[5, 1])).may_contain(make(q=[1, 5])).all()


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_a_table_of_several_columns_has_rows(make: Any) -> None:
    index = lx.LearnedIndex(make(country=["NO", "NO", "SE"], year=[1, 5, 2]))
    assert index.find(make(country=["SE", "NO"], year=[2, 4])).tolist() == [2, -1]
    assert index.rank(make(country=["NO"])).tolist() == [2]
    with pytest.raises(ValueError, match="v: has 1 column, the keys have 2"):
        index.find(make(country=["NO"]))
    with pytest.raises(TypeError, match="v: "):
        lx.LearnedIndex([1, 2]).find(make(a=[1], b=[2]))


def columns() -> dict[str, Any]:
    """Return sorted columns of every type that NumPy has."""
    pa = arrow()
    numbers = [pa.array([0, 1, 100], t) for t in ("int8", "uint16", "int32", "uint64", "float64")]
    times = [pa.timestamp(u) for u in ("s", "ms", "us", "ns")] + [pa.duration("us"), pa.date64()]
    return {
        str(column.type): column
        for column in (
            *numbers,
            pa.array([1.5, 2], "float32"),
            pa.array(np.array([1.5, 2], np.float16)),
            pa.array([False] * 9 + [True] * 4)[7:11],
            pa.array([3, 9], pa.date32()),
            *(pa.array([0, 86_400_000, 10**12]).cast(t) for t in times),
        )
    }


def test_types_of_an_unknown_library_are_those_of_arrow() -> None:
    for kind, column in columns().items():
        known = lx.LearnedIndex(column)
        for other in (Whole(column), Stream(arrow().chunked_array([column[:1], column[1:]]))):
            index = lx.LearnedIndex(other)
            assert index.keys.dtype == known.keys.dtype, kind
            assert index.keys.tolist() == known.keys.tolist(), kind
            assert known.find(other).tolist() == known.find(column).tolist(), kind


def test_instants_keep_their_zone() -> None:
    pa = arrow()
    zoned = pa.array([10, 20], pa.timestamp("ms", "Europe/Berlin"))
    index = lx.LearnedIndex(Whole(zoned))
    assert index.find(zoned).tolist() == index.find(Whole(zoned)).tolist() == [0, 1]
    assert index.find(Stream(pa.table({"q": zoned}))).tolist() == [0, 1]
    assert index.keys.tolist() == zoned.cast(pa.timestamp("ms")).to_numpy().tolist()
    naive = zoned.cast(pa.timestamp("ms"))
    for asked in (naive, pa.table({"q": naive}), Whole(naive)):
        with pytest.raises(TypeError, match="has no time zone"):
            index.find(asked)
    with pytest.raises(TypeError, match=r"v: has the time zone Europe/Berlin; pass pyarrow\.array"):
        lx.LearnedIndex(naive).find(Whole(zoned))
    assert lx.LearnedIndex(pa.table({"k": zoned})).rank(zoned).tolist() == [1, 2]


def test_numbers_are_borrowed() -> None:
    data = np.arange(100)
    held = Made("l", 90, [None, data], None, offset=10)
    index = lx.LearnedIndex(ByHand(held), copy=False)
    assert index.keys[0] == 10
    assert np.shares_memory(index.keys, data)
    assert not index.keys.flags.writeable
    assert held.released == 0
    del index
    gc.collect()
    assert held.released == 1
    pa = arrow()
    for other in (
        Stream(pa.chunked_array([[1], [2]])),
        Whole(pa.array([True])),
        Stream(chunked(k=[1, 2])),
    ):
        with pytest.raises(ValueError, match="copy=False, but several chunks"):
            lx.LearnedIndex(other, copy=False)


def test_buffers_need_no_alignment() -> None:
    raw = np.frombuffer(b"x" + NUMBERS.tobytes(), np.uint8)[1:]
    index = lx.LearnedIndex(ByHand(Made("l", 6, [None, raw])))
    assert index.find(ByHand(Made("l", 2, [None, raw], None, offset=3))).tolist() == [3, 4]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Whole(arrow().array([1, None, 3])), ("2|1 missing values",)),
        (lambda: Whole(batch_of(k=[1, None, None])), (r"\['k'\]: 2 missing values",)),
        (lambda: Whole(batch_of(k=["a", None])), ("is None",)),
        (lambda: Whole(arrow().array([{"k": 1}, None])), ("has missing rows",)),
        (lambda: frame_of(k=[1, 2]).to_struct("s").shift(1), (r"\[0\] is missing",)),
        (lambda: Whole(arrow().array([None, None])), ("type 'n' cannot be indexed",)),
        (lambda: Whole(arrow().array([[1]])), (r"type '\+l' cannot be indexed",)),
        (
            lambda: Stream(arrow().table({"k": arrow().array([1]).cast(arrow().decimal128(19))})),
            ("d:19,0",),
        ),
    ],
    ids=range(8),
)
def test_what_is_missing_or_of_no_type_of_numpy(make: Any, says: tuple[str, ...]) -> None:
    data = make()
    refused(lx.LearnedIndex, data, kind=TypeError, says=says)


def struct(rows: int, child: Made, **fields: int) -> Made:
    """Return a table of one column, made by hand."""
    import ctypes as c

    made: Any = Made("+s", rows, [None], None)
    made.pointers_to = [(c.c_void_p * 1)(c.addressof(part)) for part in (child.schema, child.array)]
    made.schema.n_children = made.array.n_children = 1
    for part, pointers in zip((made.schema, made.array), made.pointers_to, strict=True):
        part.children = c.addressof(pointers)
    made.child = child
    for name, value in fields.items():
        setattr(made.array, name, value)
    whole: Made = made
    return whole


NUMBERS = np.arange(6)
DAMAGED = [
    (Made("l", -1, [None, NUMBERS]), "has the length -1"),
    (Made("l", 2, [None, NUMBERS], None, offset=-1), "offset -1"),
    (Made("l", 2, [None]), "has 1 buffers"),
    (Made("l", 2, [None, None]), "lacks its buffer 1"),
    (Made("b", 2, [None, None]), "lacks its buffer 1"),
    (struct(3, Made("l", 2, [None, NUMBERS])), "has columns shorter than itself"),
    (struct(1, Made("l", 2, [None, NUMBERS]), offset=2), "has columns shorter than itself"),
    (struct(1, Made("l", 2, [None, NUMBERS], None, offset=-5)), "shorter"),
    (struct(1, Made("l", 2, [None, NUMBERS], None, offset=2**62)), "offset"),
    (struct(1, Made("l", 2, [None, NUMBERS]), n_children=0), "other columns than its schema"),
    (struct(1, Made("l", 2, [None, NUMBERS]), n_children=2), "other columns than its schema"),
    (struct(1, Made("l", 2, [None, NUMBERS]), children=0), "other columns than its schema"),
    (struct(2, Made("u", 2, [None, offsets(0, 4, 2), b"abcd"])), "ends before it begins"),
]


@pytest.mark.parametrize(("made", "says"), DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_tables_are_refused(made: Made, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        arrow_array(*made.capsules())
    gc.collect()
    assert made.released == 1


def test_schemas_that_lie_are_refused() -> None:
    for fields in ({"n_children": -1}, {"n_children": 2, "children": None}):
        made = struct(1, Made("l", 2, [None, NUMBERS]))
        for name, value in fields.items():
            setattr(made.schema, name, value)
        with pytest.raises(ValueError, match="lacks its columns"):
            arrow_array(*made.capsules())
    with pytest.raises(TypeError, match="must be named arrow_schema"):
        arrow_array(capsule(made.array), capsule(made.array))


def test_streams_end_or_fail() -> None:
    def chunks() -> list[Made]:
        return [Made("l", 2, [None, NUMBERS]), Made("l", 1, [None, NUMBERS], None, offset=5)]

    stream = MadeStream(chunks(), "l")
    is_table, [(_, form, parts, dtype)] = arrow_stream(capsule(stream.stream))
    assert (is_table, form, dtype) == (False, "l", "i8")
    assert [part.tolist() for part in parts or ()] == [[0, 1], [5]]
    assert stream.released == 1
    with pytest.raises(ValueError, match="its Arrow stream failed: no more"):
        arrow_stream(capsule(MadeStream(chunks(), "l", error=1).stream))
    empty = Stream(arrow().table({"k": arrow().array([], "int64")}))
    assert lx.LearnedIndex(empty).keys.dtype == np.int64
    assert lx.LearnedIndex([1]).find(empty).tolist() == []
