"""join_asof of Arrow tables gives what pandas gives after conversion."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import learnedidx as lx
from tests.interop.joins import merged, random_join


def as_arrow(table: pd.DataFrame) -> pa.Table:
    """Return a table in two chunks."""
    whole = pa.Table.from_pandas(table, preserve_index=False)
    return pa.concat_tables([whole.slice(0, 2), whole.slice(2)])


@pytest.mark.parametrize("hundred", [0, pytest.param(1, marks=pytest.mark.whole)])
def test_random_joins_are_those_of_pandas_after_conversion(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * (hundred + 1)):
        join = random_join(seed)
        options: dict[str, Any] = dict(join.options)
        for side in ("left", "right"):
            if options.pop(f"{side}_index", False):
                options[f"{side}_on"] = "t"
        tables = [t.reset_index() if t.index.name else t for t in join[:2]]
        tables[1] = tables[1].assign(row=range(len(tables[1])))
        left, right = map(as_arrow, tables)
        got = lx.join_asof(left, right, **options)
        wanted = merged(left.to_pandas(), right.to_pandas(), options)
        if wanted is None:
            continue
        assert got.column_names == list(wanted)
        rows = [None if row != row else int(row) for row in wanted["row"]]
        assert got["row"].to_pylist() == rows, f"{seed}: {join}"
        texts = right["text"].to_pylist()
        assert got["text"].to_pylist() == [None if row is None else texts[row] for row in rows]


def test_chunks_dictionaries_and_record_batches() -> None:
    left = pa.record_batch({"t": [5, 5, 1], "g": pa.array(["b", None, "b"]).dictionary_encode()})
    right = pa.table({"t": [1, 2, 3], "g": ["b", None, "a"], "v": [0, 1, 2]})
    got = lx.join_asof(left, right, on="t", by="g", allow_exact_matches=False)
    assert isinstance(got, pa.RecordBatch)
    assert got.to_pydict() == {"t": [5, 5, 1], "g": ["b", None, "b"], "v": [0, 1, None]}
    assert got.schema.field("g").type == left.schema.field("g").type
    empty = lx.join_asof(pa.table(left), right[:0], on="t", by="g")
    assert isinstance(empty, pa.Table)
    assert empty["v"].to_pylist() == [None] * 3


def test_views_of_strings() -> None:
    """Arrow takes no rows of them."""
    kind = pa.string_view()
    if int(pa.__version__.partition(".")[0]) < 18:
        pytest.skip("this Arrow does not cast views")
    left = pa.table({"t": [5, 0, 3], "of": pa.array(["x", "y", "z"], kind)})
    texts, words = pa.array(["a", "longer than twelve bytes"], kind), pa.list_(kind)
    named = pa.array([{"x": "b"}, {"x": None}], pa.struct({"x": kind}))
    right = pa.table({"t": [1, 4], "v": texts, "w": pa.array([["c"], []], words), "s": named})
    got = lx.join_asof(left, right, on="t")
    assert got["v"].to_pylist() == ["longer than twelve bytes", None, "a"]
    assert got["w"].to_pylist() == [[], None, ["c"]]
    assert got["s"].to_pylist() == [{"x": None}, None, {"x": "b"}]
    assert got.schema.types == [pa.int64(), kind, kind, words, named.type]
    ranges = pa.table({"lo": [3, 0], "hi": [6, 2], "n": pa.array(["late", "early"], kind)})
    pairs = lx.join_range(right, ranges, on="t", lo="lo", hi="hi")
    assert (
        pairs["n"].to_pylist() == ["early", "late"] and pairs["v"].to_pylist() == texts.to_pylist()
    )
