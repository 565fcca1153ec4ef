"""Searches of an index inside DuckDB's SQL: functions over Arrow. For convenience, not for speed.

DuckDB calls them with 2,048 rows at a time, and its own joins are faster. For a large column ask
the index once, outside: ``index.find(con.sql("select q from t").to_arrow_table())``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from learnedidx.index import LearnedIndex

_TYPES = {  # of queries, by how the dtype of the keys begins
    "uint64": "UBIGINT",
    "uint": "BIGINT",
    "int": "BIGINT",
    "bool": "BOOLEAN",
    "float": "DOUBLE",
    "datetime64[ns": "TIMESTAMP_NS",
    "datetime64": "TIMESTAMP",
    "str": "VARCHAR",
    "bytes": "BLOB",
}


def register(con: Any, index: LearnedIndex, name: str, values: Any = None) -> None:
    """Give a connection of DuckDB three functions that ask an index.

    ``NAME_rank(v)`` is how many keys are not above v, ``NAME_count_between(lo, hi)`` how many lie
    from lo to hi, both ends included as in SQL's BETWEEN, and ``NAME_get(v)`` the value beside the
    first key that equals v, or NULL. NULL asks nothing: its answer is NULL.

    Their parameters are BIGINT for integers (UBIGINT for uint64), DOUBLE for floats, TIMESTAMP for
    days and times (TIMESTAMP_NS for nanoseconds, TIMESTAMP WITH TIME ZONE for instants), BOOLEAN,
    VARCHAR and BLOB. DuckDB casts to these what it casts by itself, and refuses other queries.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    index : LearnedIndex
        The functions keep it.
    name : str
        An identifier, which no other three functions of the connection begin with.
    values : array_like, shape (n,), optional
        One for each key, of a type of Arrow. Default: ``index.values``, those of the file that the
        index was opened from; without them get answers the position.

    Raises
    ------
    TypeError
        The index is none, or its keys are lengths of time, UUIDs, addresses or rows.
    ValueError
        The name is no identifier, or there are not as many values as keys.
    duckdb.Error
        The connection has such a function: ``con.remove_function(name)`` takes it away.

    Examples
    --------
    >>> import duckdb, learnedidx as lx, learnedidx.interop.duckdb
    >>> con, index = duckdb.connect(), lx.LearnedIndex(["ape", "bee", "cow"])
    >>> lx.interop.duckdb.register(con, index, "animals", values=[1.5, 2.5, 3.5])
    >>> con.sql("select animals_get('bee'), animals_count_between('b', 'z')").fetchall()
    [(2.5, 2)]
    """
    import pyarrow as pa

    if not isinstance(index, LearnedIndex):
        raise TypeError(
            f"index: must be a LearnedIndex, got {type(index).__name__}; pass lx.LearnedIndex(keys)"
        )
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name: must be an identifier, got {name!r}; pass one such as 'prices'")
    of_query = _type_of(index)
    beside = _values(index, values)
    of_value = "BIGINT" if beside is None else con.from_arrow(pa.table({"v": beside})).types[0]

    def rank(v: Any) -> Any:
        return pa.array(index.rank(v))

    def get(v: Any) -> Any:
        found = np.full(len(v), -1, np.intp)
        found[v.is_valid().to_numpy()] = index.find(v.drop_null())
        rows = pa.array(found, mask=found < 0)
        return rows if beside is None else beside.take(rows)

    def count_between(lo: Any, hi: Any) -> Any:
        return pa.array(index.count(lo, hi, "both"))

    def give(ask: Callable[..., Any], parameters: int, answer: Any, nulls: str = "default") -> None:
        con.create_function(
            f"{name}_{ask.__name__}",
            ask,
            [of_query] * parameters,
            answer,
            type="arrow",
            null_handling=nulls,
        )

    give(rank, 1, "BIGINT")
    give(get, 1, of_value, "special")  # by default, DuckDB takes no NULL for an answer
    give(count_between, 2, "BIGINT")


def _type_of(index: LearnedIndex) -> str:
    """Return DuckDB's type of queries."""
    dtype = str(index._state.checked.dtype)
    if dtype.startswith("datetime64") and dtype.endswith(", UTC]"):
        return "TIMESTAMP WITH TIME ZONE"
    found = next((made for start, made in _TYPES.items() if dtype.startswith(start)), None)
    if found is None:
        raise TypeError(
            f"index: DuckDB has no queries for keys of {dtype}; index numbers, times, text or bytes"
        )
    return found


def _values(index: LearnedIndex, values: Any) -> Any:
    """Return the values beside an index as an array of Arrow; None: there are none."""
    import pyarrow as pa

    values = index.values if values is None else values
    if values is None:
        return None
    made = (pa.chunked_array if hasattr(values, "__arrow_c_stream__") else pa.array)(values)
    if len(made) != len(index):
        raise ValueError(
            f"values: has {len(made)} items, the index {len(index)} keys; pass one for each key"
        )
    return made
