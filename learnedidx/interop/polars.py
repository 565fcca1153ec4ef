"""Searches in an index for columns of Polars: ``.lidx`` of expressions and Series, once imported.

The column holds queries, and the verbs are those of ``lx.LearnedIndex``. Null asks nothing: its
answer is null. Expressions are elementwise, so lazy and streaming frames take them too.

>>> import polars as pl, learnedidx as lx, learnedidx.interop.polars
>>> index = lx.LearnedIndex([10, 20, 20, 40])
>>> frame = pl.LazyFrame({"q": [20, None, 25]})
>>> frame.select(pl.col("q").lidx.find(index, "pad"), r=pl.col("q").lidx.rank(index)).collect()["r"]
shape: (3,)
Series: 'r' [i64]
[
        3
        null
        3
]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from learnedidx.index import LearnedIndex

_HI = "hi of learnedidx"
_SPAN = pl.Struct({"start": pl.Int64, "stop": pl.Int64})


class _Searches:
    """The verbs of a Series and of an expression, which ask for answers in their own way."""

    def searchsorted(self, index: Any, side: Any = "left", *, threads: int = 1) -> Any:
        """Return where queries would be inserted, as ``index.searchsorted``: Int64."""
        index = _checked(index)
        return self._asked(lambda v: index.searchsorted(v, side, threads=threads))

    def rank(self, index: Any, *, threads: int = 1) -> Any:
        """Return how many keys are not above each query, as ``index.rank``: Int64."""
        index = _checked(index)
        return self._asked(lambda v: index.rank(v, threads=threads))

    def find(
        self, index: Any, method: Any = None, tolerance: Any = None, *, threads: int = 1
    ) -> Any:
        """Return the position of each query among the keys, -1 if absent: Int64.

        Method and tolerance are those of ``index.find``. ``get`` gives null in the place of -1,
        with which Polars takes the last row.
        """
        index = _checked(index)
        return self._asked(lambda v: index.find(v, method, tolerance, threads=threads))

    def contains(self, index: Any, *, threads: int = 1) -> Any:
        """Return whether each query is a key, as ``index.contains``: Boolean."""
        index = _checked(index)
        return self._asked(lambda v: index.contains(v, threads=threads), pl.Boolean)

    def get(
        self,
        index: Any,
        values: Any = None,
        method: Any = None,
        tolerance: Any = None,
        *,
        threads: int = 1,
    ) -> Any:
        """Return the value beside the key that each query finds, null if there is none.

        Parameters
        ----------
        index : LearnedIndex
        values : Series or array_like, shape (n,), optional
            One for each key. Default: ``index.values``, those of the file that it was opened from.
        method, tolerance
            As those of ``index.find``.
        threads : int
        """
        index, beside = _checked(index), _values(index, values)

        def ask(v: Any) -> Any:
            found = pl.Series(index.find(v, method, tolerance, threads=threads))
            return beside.gather(found.set(found < 0, None))

        return self._asked(ask, beside.dtype)

    def count(self, index: Any, hi: Any, inclusive: Any = "left", *, threads: int = 1) -> Any:
        """Return how many keys lie from each query to hi: Int64.

        hi is a Series or a scalar; of an expression, a column's name, an expression or a literal,
        and ``pl.lit`` makes one of text.
        """
        index = _checked(index)
        return self._asked(
            lambda lo, up: index.count(lo, up, inclusive, threads=threads), pl.Int64, hi
        )

    def range(self, index: Any, hi: Any, inclusive: Any = "left", *, threads: int = 1) -> Any:
        """Return the positions of keys from each query to hi: structs of start and stop, Int64.

        hi is as that of ``count``.
        """
        index = _checked(index)

        def ask(lo: Any, up: Any) -> Any:
            starts, stops = index.range(lo, up, inclusive, threads=threads)
            return pl.DataFrame({"start": starts, "stop": stops}).to_struct()

        return self._asked(ask, _SPAN, hi)

    def _asked(self, ask: Callable[..., Any], dtype: Any = pl.Int64, *others: Any) -> Any:
        """Return what `ask` answers to columns without nulls, as a column of a dtype."""
        raise NotImplementedError


@pl.api.register_series_namespace("lidx")
class SeriesSearches(_Searches):
    """``series.lidx``: a Series of queries.

    Examples
    --------
    >>> import polars as pl, learnedidx as lx, learnedidx.interop.polars
    >>> index = lx.LearnedIndex(["ape", "bee", "cow"])
    >>> pl.Series(["bee", "zoo", None]).lidx.get(index, pl.Series([1.5, 2.5, 3.5])).to_list()
    [2.5, None, None]
    """

    def __init__(self, series: Any) -> None:
        self._series = series

    def _asked(self, ask: Callable[..., Any], dtype: Any = pl.Int64, *others: Any) -> Any:
        """Return what is answered to the rows without a null, and null for the others."""
        lo = self._series
        columns = [lo, *(_column(other, len(lo)) for other in others)]
        is_there = columns[0].is_not_null() & columns[-1].is_not_null()
        whole = is_there.all()
        # A column of type Null compares with no keys, but an empty list with any.
        asked = ([] if c.dtype == pl.Null else c if whole else c.filter(is_there) for c in columns)
        found = _series(ask(*asked), lo.name, dtype)
        if whole:
            return found
        row = pl.when(is_there).then(is_there.cum_sum().cast(pl.Int64) - 1)
        return found.gather(pl.select(row).to_series())


@pl.api.register_expr_namespace("lidx")
class ExprSearches(_Searches):
    """``pl.col(...).lidx``: an expression of queries; the verbs of ``series.lidx``.

    Examples
    --------
    >>> import polars as pl, learnedidx as lx, learnedidx.interop.polars
    >>> index = lx.LearnedIndex([10, 20, 20, 40])
    >>> visits = pl.DataFrame({"lo": [5, 20, None], "hi": [20, 99, 50]})
    >>> visits.select(pl.col("lo").lidx.count(index, "hi", "both")).to_series().to_list()
    [3, 3, None]
    """

    def __init__(self, expr: Any) -> None:
        self._expr = expr

    def _asked(self, ask: Callable[..., Any], dtype: Any = pl.Int64, *others: Any) -> Any:
        """Return an expression that asks; others are expressions, names of columns or values."""

        def answer(queries: Any) -> Any:
            if not others:
                return SeriesSearches(queries)._asked(ask, dtype)
            lo, *rest = (queries.struct.field(name) for name in queries.struct.fields)
            return SeriesSearches(lo)._asked(ask, dtype, *rest)

        expr = pl.struct(self._expr, *map(_expression, others)) if others else self._expr
        return expr.map_batches(answer, dtype, is_elementwise=True)


def _expression(hi: Any) -> Any:
    if not isinstance(hi, pl.Expr):
        hi = pl.col(hi) if isinstance(hi, str) else pl.lit(hi)
    return hi.alias(_HI)


def _checked(index: Any) -> LearnedIndex:
    """Return an index, or say how to make one; to make it for each batch would take too long."""
    if isinstance(index, LearnedIndex):
        return index
    raise TypeError(
        f"index: must be a LearnedIndex, got {type(index).__name__}; pass lx.LearnedIndex(keys)"
    )


def _column(hi: Any, size: int) -> Any:
    """Return an end for each query."""
    column = hi if isinstance(hi, pl.Series) else pl.Series([hi])
    if len(column) == 1:
        column = column.new_from_index(0, size)
    if len(column) != size:
        raise ValueError(f"hi: has {len(column)} items, the queries {size}; pass one for each")
    return column


def _values(index: Any, values: Any) -> Any:
    """Return the values beside an index as a Series."""
    if values is None:
        values = _checked(index).values
    if values is None:
        raise ValueError("values: the index has none beside it; pass a Series, one for each key")
    made = values if isinstance(values, pl.Series) else _made(np.asarray(values))
    if len(made) != len(_checked(index)):
        raise ValueError(
            f"values: has {len(made)} items, the index {len(index)} keys; pass one for each key"
        )
    return made


def _made(values: Any) -> Any:
    try:
        return pl.Series(values)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise TypeError(
            f"values: Polars has no column of {values.dtype} ({error}); pass a Series"
        ) from None


def _series(answers: Any, name: str, dtype: Any) -> Any:
    made = answers if isinstance(answers, pl.Series) else pl.Series(answers)
    return made.cast(dtype).alias(name)
