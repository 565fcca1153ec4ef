"""xarray: ``ds.set_xindex("time", lx.interop.xarray.LearnedIndex)`` looks labels up by a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray
from xarray.core.indexing import IndexSelResult
from xarray.indexes import Index, PandasIndex

from learnedidx import index as engine
from learnedidx._formats.known import known_family
from learnedidx._formats.times import Times
from learnedidx.interop._columns import values_at

__all__ = ["LearnedIndex"]

METHODS: dict[Any, Any] = {None: None, "nearest": "nearest", "pad": "pad", "ffill": "pad"}
METHODS |= {"backfill": "backfill", "bfill": "backfill"}


class LearnedIndex(Index):
    """An index of xarray over one ascending coordinate: integers, floats, datetime64, timedelta64.

    Selections are those of ``xarray.indexes.PandasIndex``. Labels of the coordinate's own kind are
    looked up by a `learnedidx.LearnedIndex`; slices, strings, masks and all else by pandas.

    Examples
    --------
    >>> import numpy as np, xarray as xr, learnedidx as lx
    >>> hours = np.datetime64("2026-01-01", "ns") + np.arange(1000) * np.timedelta64(1, "h")
    >>> ds = xr.Dataset({"celsius": ("time", np.arange(1000) / 10)}, {"time": hours})
    >>> ds = ds.drop_indexes("time").set_xindex("time", lx.interop.xarray.LearnedIndex)
    >>> ds.xindexes["time"]
    LearnedIndex(<1000 labels of datetime64[ns]>, 'time')
    >>> ds["celsius"].sel(time=hours[[700, 3]] + np.timedelta64(5, "m"), method="nearest").values
    array([70. ,  0.3])
    """

    def __init__(self, labels: PandasIndex, options: Mapping[str, Any], lookup: Any = None) -> None:
        self._labels = labels
        self._options = dict(options)
        self._lookup = lookup
        self._unique: bool | None = None

    @classmethod
    def from_variables(cls, variables: Mapping[Any, Any], *, options: Mapping[str, Any]) -> Self:
        """Return an index over a coordinate, as ``ds.set_xindex`` calls it.

        Parameters
        ----------
        variables : mapping of one 1-D Variable
        options : mapping
            The keyword arguments of ``set_xindex``: ``model`` and ``threads`` of
            `learnedidx.LearnedIndex`. O(n).

        Raises
        ------
        TypeError, ValueError
            Several coordinates, or one of another dtype or number of dimensions, with NaN or NaT,
            or that does not ascend.
        """
        if len(variables) != 1:
            raise ValueError(f"coordinates {list(variables)}: a LearnedIndex is over one of them")
        ((name, variable),) = variables.items()
        if variable.ndim != 1:
            raise ValueError(
                f"coordinate {name!r}: has {variable.ndim} dimensions; pass one that has one"
            )
        labels = PandasIndex.from_variables(variables, options={})
        if not _is_known(labels.index.dtype):
            raise TypeError(
                f"coordinate {name!r}: {variable.dtype} is neither a number nor a time; keep "
                "PandasIndex for it"
            )
        if not labels.index.is_monotonic_increasing:
            raise _disorder(name, labels.index.to_numpy())
        made = cls(labels, options)
        _ = made.lookup  # what is wrong with options is told now
        return made

    @property
    def lookup(self) -> engine.LearnedIndex:
        """The `learnedidx.LearnedIndex` over the labels; made when it is first asked for. O(n)."""
        if self._lookup is None:
            self._lookup = engine.LearnedIndex(self._labels.index.to_numpy(), **self._options)
        found: engine.LearnedIndex = self._lookup
        return found

    @property
    def is_unique(self) -> bool:
        """Whether no label comes twice. O(n) the first time."""
        if self._unique is None:
            keys = self._labels.index.to_numpy()
            self._unique = not bool((keys[1:] == keys[:-1]).any())
        return self._unique

    def sel(self, labels: dict[Any, Any], method: Any = None, tolerance: Any = None) -> Any:
        """Return the positions of labels, as ``ds.sel`` asks for them.

        Raises
        ------
        KeyError
            A label is not there, or none is within the tolerance.
        """
        ((name, label),) = labels.items()
        found: Any = None if isinstance(label, tuple) else self._found(label, method, tolerance)
        if found is None:
            return self._labels.sel(labels, method, tolerance)
        if not isinstance(found, slice) and np.min(found, initial=0) < 0:
            hint = "" if method else "; method='nearest' takes the nearest one"
            raise KeyError(f"not all values found in index {name!r}{hint}")
        if isinstance(label, xarray.Variable):
            found = xarray.Variable(label.dims, found)
        elif isinstance(label, xarray.DataArray):
            found = xarray.DataArray(found, coords=label.coords, dims=label.dims)
        return IndexSelResult({self._labels.dim: found})

    def reindex_like(
        self, other: Index, method: Any = None, tolerance: Any = None
    ) -> dict[Any, Any]:
        """Return the positions of another index's labels, -1 where one is not there."""
        theirs = other._labels if isinstance(other, LearnedIndex) else other
        found = self._found(theirs.to_pandas_index().to_numpy(), method, tolerance)
        if found is None:
            return self._labels.reindex_like(theirs, method, tolerance)  # type: ignore[arg-type]
        return {self._labels.dim: found}

    def _found(self, label: Any, method: Any, tolerance: Any) -> Any:
        """Return positions, a slice of equal labels, or -1 for absent ones; None: ask pandas.

        That is so for what it converts to the coordinate's kind, and for what it refuses.
        """
        asked, keys = np.asarray(label), self._labels.index.to_numpy()
        if not _is_comparable(asked, keys) or (asked.ndim > 1 and not hasattr(label, "ndim")):
            return None
        if known_family(keys.dtype).is_real:  # type: ignore[union-attr]
            asked = asked.astype(self._labels.coord_dtype, copy=False)
        if asked.ndim == 0 and method is None and tolerance is None:
            return self._at(asked[()])
        limit = None if tolerance is None else _limit(tolerance, keys.dtype)
        unclear = method not in METHODS or (tolerance is not None and (limit is None or not method))
        if unclear or not self.is_unique or (method and (asked != asked).any()):
            return None
        threads = self._options.get("threads", 1)
        return self.lookup.find(asked, METHODS[method], limit, threads=threads)

    def _at(self, label: Any) -> Any:
        """Return the position of one label, a slice of several that are equal, or -1."""
        found = self.lookup.range(label, label, inclusive="both")
        count = found.stop - found.start
        return found if count > 1 else int(found.start) if count else -1

    def isel(self, indexers: Mapping[Any, Any]) -> Index | None:
        """Return the index of a part: of this kind if its labels ascend, else a PandasIndex."""
        taken = self._at_rows(indexers[self._labels.dim])
        found: Index | None = self._kept(self._labels.isel(indexers) if taken is None else taken)
        return found

    def _at_rows(self, rows: Any) -> Any:
        """Return labels at many positions, as they come from a selection; None: ask pandas."""
        index = self._labels.index
        if not isinstance(rows, np.ndarray) or rows.dtype != np.intp or rows.ndim != 1:
            return None
        if not rows.size or rows.min() < 0 or rows.max() >= len(index):
            return None
        keys = index.to_numpy()
        if not (keys.flags.c_contiguous and rows.flags.c_contiguous):
            return None
        taken = pd.Index(values_at(keys, rows, over=False)[0], name=index.name)
        return PandasIndex(taken, self._labels.dim, self._labels.coord_dtype)

    def roll(self, shifts: Mapping[Any, int]) -> Any:
        """Return the index of rolled labels: a PandasIndex, unless they still ascend."""
        return self._kept(self._labels.roll(shifts))

    def join(self, other: Self, how: Any = "inner") -> Self:
        """Return an index over the labels of both ("inner") or of either ("outer")."""
        try:
            made = self._kept(self._labels.join(other._labels, how))
        except TypeError:  # NumPy has no dtype for both
            made = None
        if not isinstance(made, type(self)):
            pair = [index._labels.coord_dtype for index in (self, other)]
            raise TypeError(
                f"coordinate {self._labels.index.name!r}: cannot align {pair[0]} with {pair[1]}; "
                "convert one of them"
            )
        return made

    @classmethod
    def concat(
        cls, indexes: Sequence[Self], dim: Any, positions: Iterable[Iterable[int]] | None = None
    ) -> Any:
        """Return an index over the labels of several: a PandasIndex, unless they ascend."""
        labels = PandasIndex.concat([index._labels for index in indexes], dim, positions)
        return indexes[0]._kept(labels)

    def equals(self, other: Index, **kwargs: Any) -> bool:
        """Tell whether another index of this kind has the same labels."""
        return isinstance(other, LearnedIndex) and bool(self._labels.equals(other._labels))

    def rename(self, name_dict: Mapping[Any, Any], dims_dict: Mapping[Any, Any]) -> Self:
        """Return an index of another name; its model is this one's."""
        renamed = self._labels.rename(name_dict, dims_dict)  # type: ignore[no-untyped-call]
        return type(self)(renamed, self._options, self._lookup)

    def create_variables(self, variables: Mapping[Any, Any] | None = None) -> dict[Any, Any]:
        """Return the coordinate, over the same memory."""
        return dict(self._labels.create_variables(variables))

    def to_pandas_index(self) -> pd.Index:
        """Return the labels as pandas has them, over the same memory."""
        return self._labels.to_pandas_index()

    def _kept(self, labels: Any) -> Any:
        """Return an index over some of the labels, or what xarray has where they do not ascend."""
        if labels is None or labels is self._labels:
            return None if labels is None else self
        keeps = _is_known(labels.index.dtype) and labels.index.is_monotonic_increasing
        return type(self)(labels, self._options) if keeps else labels

    def _copy(self, deep: bool = True, memo: Any = None) -> Self:
        labels = self._labels.copy(deep=deep)
        return type(self)(labels, self._options, None if deep else self._lookup)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_lookup": None}  # which holds the labels a second time

    def __repr__(self) -> str:
        labels = self._labels
        return (
            f"LearnedIndex(<{len(labels.index)} labels of {labels.coord_dtype}>, "
            f"{labels.index.name!r})"
        )


def _is_known(dtype: Any) -> bool:
    """Tell whether labels are numbers or times, which have an order and distances."""
    family = (
        known_family(dtype) if isinstance(dtype, np.dtype) and dtype != np.dtype(bool) else None
    )
    return family is not None and not family.no_distance


def _is_comparable(asked: Any, keys: Any) -> bool:
    """Tell whether labels compare with keys as they are."""
    if not _is_known(asked.dtype):
        return False
    try:
        known_family(keys.dtype).check(asked.dtype)  # type: ignore[union-attr]
    except TypeError:
        return False
    return True


def _limit(tolerance: Any, dtype: Any) -> Any:
    """Return a tolerance as lookups take it; None for many, and for one that nothing is within."""
    if Times.accepts(dtype):
        tolerance = pd.to_timedelta(tolerance)
    if np.ndim(tolerance):
        return None
    limit = np.asarray(tolerance)[()]
    return tolerance if limit >= type(limit)(0) else None


def _disorder(name: Any, keys: Any) -> ValueError:
    missing = np.flatnonzero(keys != keys)
    if missing.size:
        return ValueError(
            f"coordinate {name!r}: has {keys[missing[0]]} at position {missing[0]}, which is no "
            "label; leave such labels out first"
        )
    at = int(np.argmax(keys[1:] < keys[:-1]))
    return ValueError(
        f"coordinate {name!r}: does not ascend: {keys[at + 1]} at position {at + 1} comes after "
        f"{keys[at]}; sort it first: ds.sortby({name!r})"
    )
