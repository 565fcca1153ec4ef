"""Searches in an Index or a Series of pandas by a learned index: ``.lidx``, once this is imported.

Each verb gives what pandas' verb of that name gives. The keys must ascend: pandas' own verbs, which
hash, are the better ones for others. The index is built at the first call and kept beside the keys.

>>> import pandas as pd, learnedidx.interop.pandas
>>> times = pd.Index([10, 20, 40])
>>> times.lidx.get_indexer([20, 39, 5], method="pad")
array([ 1,  1, -1])
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from learnedidx.index import LearnedIndex

Positions = NDArray[np.intp]

_KEPT = "_lidx_kept"
_METHODS = {"ffill": "pad", "bfill": "backfill"}


class _Searches:
    """What an Index and a Series share: searches among the values of either."""

    def __init__(self, keys: Any) -> None:
        if isinstance(keys, pd.MultiIndex):
            raise AttributeError("lidx: is of single columns; pass the MultiIndex to LearnedIndex")
        self._obj = keys

    @property
    def index(self) -> LearnedIndex:
        """The LearnedIndex over the values, built when first asked for. O(n) then.

        Raises TypeError for missing values of a dtype with NA, ValueError for keys out of order.
        """
        kept = vars(self._obj).get(_KEPT)
        memory = _memory_of(self._obj)
        if kept is not None and kept[0] == memory:
            found: LearnedIndex = kept[1]
            return found
        shared = self._obj.copy(deep=False)  # so that a write to a Series takes other memory
        made = LearnedIndex(shared)
        if isinstance(shared, pd.Index) or _copies_on_write():
            object.__setattr__(self._obj, _KEPT, (memory, made, shared))
        return made

    def get_indexer(self, target: Any, method: Any = None, tolerance: Any = None) -> Positions:
        """Return the position of each value of target, -1 for none, as pandas.Index.get_indexer.

        Parameters
        ----------
        target : array_like, shape (m,)
            Text among times is read as times, of the keys' zone. What is missing is found where the
            keys hold NaN or NaT.
        method : {"pad", "ffill", "backfill", "bfill", "nearest"}, optional
            The last key that is not after, the first that is not before, or the nearer.
        tolerance : scalar, optional
            The longest distance to a key, with a method.

        Returns
        -------
        positions : ndarray of intp, shape (m,)

        Raises
        ------
        pandas.errors.InvalidIndexError
            A key comes twice, so a position is not all there is: ask ``.lidx.index.range``.
        TypeError
            Values do not compare with the keys: text with numbers, a time without a zone.
        """
        if not _values(self._obj).is_unique:
            raise pd.errors.InvalidIndexError(
                "lidx: Reindexing only valid with uniquely valued Index objects; for the positions "
                "of equal keys ask .lidx.index.range(target, target, 'both')"
            )
        return self._positions(target, _METHODS.get(method, method), tolerance)

    def _positions(self, target: Any, method: Any = None, tolerance: Any = None) -> Positions:
        if isinstance(tolerance, str):
            tolerance = pd.Timedelta(tolerance)
        target, is_there = _present(self._asked(target))
        found = np.full(is_there.size, -1, np.intp)
        if method is None and len(self._obj) and pd.isna(self._obj.array[-1]):
            found[:] = self.index.searchsorted(self._obj.array[-1])  # for those that are missing
        found[is_there] = self.index.find(target, method, tolerance)
        return found

    def searchsorted(self, value: Any, side: Any = "left") -> Any:
        """Return where values would be inserted, as pandas does: an int, or an array of intp."""
        return self.index.searchsorted(self._asked(value), side)

    def between(self, left: Any, right: Any, inclusive: Any = "both") -> Any:
        """Return which keys lie between two scalars, as pandas.Series.between; two searches.

        ``.lidx.index.range(left, right, "both")`` is the same as a slice, without a pass over the
        keys. Ends that are missing or arrays are left to pandas.
        """
        series = pd.Series(self._obj, copy=False)
        lo, hi = (
            self._asked(end) if pd.api.types.is_scalar(end) else None for end in (left, right)
        )
        if pd.isna(lo) or pd.isna(hi):
            return self._shown(series.between(left, right, inclusive))
        mask = np.zeros(len(series), np.bool_)
        mask[self.index.range(lo, hi, inclusive)] = True
        return self._masked(mask, series.iloc[:0].between(left, right, inclusive))

    def isin(self, values: Any) -> Any:
        """Return which keys are among values, as pandas' isin; what does not compare is refused.

        O(n) for the answer, and a search for each value.
        """
        if not pd.api.types.is_list_like(values):
            raise TypeError(f"values: must be list-like, got {type(values).__name__}; pass a list")
        asked, is_there = _present(_column(values))
        starts, stops = self.index.range(asked, asked, "both")
        is_key = stops > starts
        steps = np.zeros(len(self._obj) + 1, np.int8)
        steps[starts[is_key]] = 1
        steps[stops[is_key]] -= 1  # once for all equal values: of each key one stretch
        mask = np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)
        if not is_there.all():
            mask |= np.asarray(self._obj.isna())
        return self._masked(mask, pd.Series(self._obj, copy=False).iloc[:0].isin([]))

    def _masked(self, mask: NDArray[np.bool_], like: Any) -> Any:
        """Return a mask of the dtype that pandas' answer has."""
        answer = pd.Series(mask, copy=False).astype(like.dtype)
        if isinstance(self._obj, pd.Series):
            answer.index, answer.name = self._obj.index, self._obj.name
        return self._shown(answer)

    def _shown(self, mask: Any) -> Any:
        if isinstance(self._obj, pd.Series):
            return mask
        return mask.to_numpy() if isinstance(mask.dtype, np.dtype) else mask.array

    def _asked(self, values: Any) -> Any:
        """Return one value or a column of them; text among times is read as pandas does."""
        kind = getattr(self._obj.dtype, "kind", "O")
        if pd.api.types.is_list_like(values):
            column = _column(values)
            is_text = kind in "mM" and pd.api.types.is_string_dtype(column.dtype)
            if not is_text or not len(column):
                return column
            return (
                pd.TimedeltaIndex(column) if kind == "m" else self._zoned(pd.DatetimeIndex(column))
            )
        if kind not in "mM" or not isinstance(values, str):
            return values
        return pd.Timedelta(values) if kind == "m" else self._zoned(pd.Timestamp(values))

    def _zoned(self, times: Any) -> Any:
        """Return times that were read from text; those without a zone are of the keys' zone."""
        zone = getattr(self._obj.dtype, "tz", None)
        return times if zone is None or times.tz is not None else times.tz_localize(zone)


@pd.api.extensions.register_index_accessor("lidx")
class IndexSearches(_Searches):
    """``index.lidx``: searches in an Index of pandas whose labels ascend.

    Examples
    --------
    >>> import pandas as pd, learnedidx.interop.pandas
    >>> days = pd.DatetimeIndex(["2026-01-01", "2026-01-03", "2026-01-07"])
    >>> days.lidx.asof("2026-01-05"), days.lidx.searchsorted("2026-01-03", side="right")
    (Timestamp('2026-01-03 00:00:00'), 2)
    """

    def asof(self, label: Any) -> Any:
        """Return the last label that is not after one, or a missing value, as pandas.Index.asof.

        Raises TypeError for several; ``get_indexer(labels, method="pad")`` takes them.
        """
        if pd.api.types.is_list_like(label):
            raise TypeError(
                f"label: must be one, got {type(label).__name__}; for the positions of many ask "
                "get_indexer(labels, method='pad')"
            )
        at = int(self._positions([label], "pad")[0])
        return self._obj[at] if at >= 0 else self._obj[:0].to_series().reindex([0]).iloc[0]


@pd.api.extensions.register_series_accessor("lidx")
class SeriesSearches(_Searches):
    """``series.lidx``: searches in the values of a Series, which ascend; asof in its index.

    Examples
    --------
    >>> import pandas as pd, learnedidx.interop.pandas
    >>> prices = pd.Series([1.5, 2.5, 4.0], index=[10, 20, 30])
    >>> prices.lidx.between(2, 3).tolist(), prices.lidx.asof([25, 5]).tolist()
    ([False, True, False], [2.5, nan])
    """

    def asof(self, where: Any) -> Any:
        """Return the last value that is not missing at or before labels, as pandas.Series.asof.

        The labels of the index must ascend, the values need not. A missing label takes nothing.
        """
        series, is_list = self._obj, pd.api.types.is_list_like(where)
        labels = IndexSearches(series.index)
        where = _values(labels._asked(where if is_list else [where]))
        found = labels._positions(where, "pad")
        is_there = series.notna().to_numpy()
        if not is_there.all():
            last = np.maximum.accumulate(np.where(is_there, np.arange(len(series)), -1))
            found[found >= 0] = last[found[found >= 0]]
        if not is_list:
            return series.iloc[found[0]] if found[0] >= 0 else np.nan
        if found.size and found.min() >= 0:
            return series.take(found).set_axis(where)
        return series.reset_index(drop=True).reindex(found).set_axis(where)


def _column(values: Any) -> Any:
    """Return values as pandas holds them."""
    if isinstance(values, (pd.Index, pd.Series)):
        return values
    return pd.Index(values if hasattr(values, "dtype") else list(values))


def _values(keys: Any) -> pd.Index:
    return keys if isinstance(keys, pd.Index) else pd.Index(keys)


def _present(column: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Return the values that are not missing, and which these are."""
    is_there = ~np.asarray(column.isna())
    if is_there.size and not is_there.any():
        return [], is_there  # NaT and NaN alone are of no dtype
    return (column if is_there.all() else column[is_there]), is_there


def _memory_of(keys: Any) -> tuple[Any, ...]:
    """Return what is unequal when a Series has been written to; an Index never is."""
    if isinstance(keys, pd.Index):
        return ()
    if isinstance(keys.dtype, np.dtype):
        return len(keys), keys.to_numpy().__array_interface__["data"][0]
    return id(keys.array), keys.array


def _copies_on_write() -> bool:
    """Tell whether a write to a Series leaves shallow copies of it alone: always from pandas 3."""
    return int(pd.__version__.partition(".")[0]) >= 3 or pd.options.mode.copy_on_write is True
