"""LearnedIndex: an index over a sorted array; the verbs of NumPy and pandas, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

from learnedidx import _core, extend, prefixes
from learnedidx._formats import nearest, queries
from learnedidx._formats.bounds import bounds
from learnedidx._formats.keys import Array
from learnedidx._state import NotBuilt, State, built
from learnedidx.filters import beside

if TYPE_CHECKING:
    import os

    from _typeshed import SupportsWrite as _SupportsWrite

    from learnedidx.models.layers import Layers

    Target = str | os.PathLike[str] | _SupportsWrite[bytes]


class LearnedIndex(_core.IndexBase):
    """An index over a sorted 1-D array of numbers, times, strings or rows, which it borrows.

    Parameters
    ----------
    keys : array_like, 1-D, sorted
        Integers, floats, bool, datetime64 or timedelta64; NaN and NaT last. Text, bytes, UUIDs or
        addresses of a list, NumPy, Arrow, pandas or Polars, in the order of their bytes. Rows of
        several columns: ``lx.Columns``, a structured array, a MultiIndex, a table or structs.
    model : str or estimator
        "auto", "rmi", "pgm", "radix_spline", "btree", "none", or an estimator such as
        ``lx.RMI(root="linear")``, fitted or not. "auto" is a fixed rule, without a clock: no model
        below 64 keys; a table of all answers for keys of 8 bits, of 16 from 2**14 on; from 2**16 on
        the RMI, its root in one piece, if at most 1/64 of first windows miss, 1/64 more each
        doubling, and 64 times the keys for a third stage; else the B+-tree.
    size : {"small", "large"}, optional
        Of strings and rows. "small": 1 to 2 bytes a key, not 8 to 11, and 1.3 to 1.8 times the
        time. "large": a hash table beside for ``contains`` and ``find``: 5.8 bytes, not in files.
    copy : bool, optional
        None copies only what must be converted; False refuses to; True always copies.
    threads : int
        How many check numbers and build a tree or an RMI without lines (0: all cores).

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> index = lx.LearnedIndex(np.array([3, 5, 5, 8], dtype=np.uint64), model="rmi")
    >>> index.searchsorted(5), index.rank(5), 8 in index, len(index), int(index[0])
    (1, 3, True, 4, 3)
    """

    _state: State = NotBuilt()  # type: ignore[assignment]

    def __init__(
        self,
        keys: Any,
        model: Any = "auto",
        *,
        size: str | None = None,
        copy: bool | None = None,
        threads: int = 1,
    ) -> None:
        self._bind(built(LearnedIndex, keys, model, size, copy, threads))

    @staticmethod
    def _layers(column: _core.Column, model: Any, size: str | None) -> Layers:
        from learnedidx.models.layers import layers_over

        return layers_over(column, model, LearnedIndex, size)

    def _bind(self, state: State) -> None:
        state.fill(self)
        self._state = state

    def _searchsorted(
        self, v: Any, side: Any = "left", *, out: Any = None, threads: Any = 1, sorter: Any = None
    ) -> Any:
        if sorter is not None:
            raise TypeError("sorter: not supported; sort once: keys = keys[sorter]")
        return self._search(v, queries.checked_side(side), "position", out, threads)

    def _rank(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        end = self._state.checked.family.end(v, True, "v")
        return self._search(end, True, "position", out, threads)

    def _find(
        self,
        v: Any,
        method: Any = None,
        tolerance: Any = None,
        *,
        out: Any = None,
        threads: Any = 1,
    ) -> Any:
        if method is None:
            if tolerance is not None:
                raise ValueError("tolerance: needs a method: 'pad', 'backfill' or 'nearest'")
            return self._search(v, False, "find", out, threads)
        return nearest.find_near(self, v, method, tolerance, out, threads)

    def _range(
        self, lo: Any, hi: Any, inclusive: Any = "left", *, out: Any = None, threads: Any = 1
    ) -> Any:
        starts, stops, ends = self._between(lo, hi, inclusive, threads)
        if out is None:
            scalar = starts.ndim == 0
            return slice(int(starts), int(stops)) if scalar else (starts, stops)
        return queries.filled_pair(out, (starts, stops), self._state.held, *ends)

    def _between(self, lo: Any, hi: Any, inclusive: Any, threads: Any) -> tuple[Any, ...]:
        """Return starts and stops in one shape, and both ends as they were searched."""
        right_of_lo, right_of_hi = queries.checked_inclusive(inclusive)
        number = queries.checked_threads(threads)
        family, at = self._state.checked.family, [0, self._state.checked.array.size]
        ends = [family.end(lo, right_of_lo, "lo"), family.end(hi, right_of_hi, "hi")]
        for i, (name, right) in enumerate((("lo", right_of_lo), ("hi", right_of_hi))):
            if queries.is_array(ends[i], family):
                ends[i] = queries.as_batch(ends[i], family, name)
                at[i] = self._search_batch(ends[i], right, "position", None, number, name)
            elif ends[i] is not None:
                at[i] = self._search_scalar(ends[i], right, "position", name)
        starts, stops = queries.broadcast(*at)
        np.maximum(starts, stops, out=stops)
        return starts, stops, ends

    def _count(
        self, lo: Any, hi: Any, inclusive: Any = "left", *, out: Any = None, threads: Any = 1
    ) -> Any:
        starts, stops, ends = self._between(lo, hi, inclusive, threads)
        np.subtract(stops, starts, out=stops)
        if out is None:
            return stops if stops.ndim else int(stops)
        checked = queries.checked_out(out, starts.shape, np.intp, self._state.held, *ends)
        checked[...] = stops
        return checked

    def _bounds(self, v: Any, side: Any = "left", *, out: Any = None, threads: Any = 1) -> Any:
        right = queries.checked_side(side)
        return bounds(self, self._state.checked, v, right, out, threads)

    def _ends(self, v: Any) -> tuple[int, int]:
        """Return the first position with key >= v, and the last with key <= v."""
        after = self._search_scalar(v, False, "position")
        return int(after), int(self._search_scalar(v, True, "position")) - 1

    def _in(self, v: Any) -> bool:
        if queries.is_array(v, self._state.checked.family):
            raise TypeError("v: `in` takes one query; use index.contains(v) for an array")
        return bool(self._search_scalar(v, False, "contains"))

    def _contains(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, False, "contains", out, threads)

    def _search(
        self, v: Any, right: bool, verb: str, out: Any, threads: Any, name: str = "v"
    ) -> Any:
        """Answer scalars that the core cannot read, and arrays; errors call the queries `name`."""
        number, family = queries.checked_threads(threads), self._state.checked.family
        if queries.is_array(v, family):
            batch = queries.as_batch(v, family, name)
            return self._search_batch(batch, right, verb, out, number, name, v)
        answer = self._search_scalar(v, right, verb, name)
        dtype = np.bool_ if verb == "contains" else np.intp
        return answer if out is None else queries.filled(out, answer, dtype, v, self._state.held)

    def _search_batch(
        self, batch: Any, right: bool, verb: str, out: Any, number: int, name: str, v: Any = None
    ) -> Any:
        """Answer an array that was read, out of v."""
        family, dtype = self._state.checked.family, np.bool_ if verb == "contains" else np.intp
        missing = family.missing(batch, verb == "position", name)
        out = queries.checked_out(out, batch.shape, dtype, v, batch, self._state.held)
        if family.goes_one_by_one(batch):
            items = family.items(batch)
            out.flat[:] = [self._search_scalar(item, right, verb, name) for item in items]
            return out

        def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
            _core.search(self, part, scale, right, verb, answers[0], number)

        queries.run(batch, (out,), family, search)
        if missing is not None:
            out[missing] = False if verb == "contains" else -1
        return out

    def _search_scalar(self, v: Any, right: bool, verb: str, name: str = "v") -> int | bool:
        family = self._state.checked.family
        if verb != "position" and family.is_missing(v):
            return False if verb == "contains" else -1
        value, fit = family.fixed(v, name)
        answer = _core.search_fixed(self, value, fit, right, verb)
        return bool(answer) if verb == "contains" else answer

    def stats(self) -> dict[str, Any]:
        """Return sizes, errors, windows and cache lines, as ``help(lx.explain.stats)`` lists them.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> lx.LearnedIndex(np.arange(10_000), "rmi").stats()["cache_lines"]["keys"]["p50"]
        2.0
        """
        from learnedidx.explain import stats

        return stats(self)

    def explain(self, v: Any, side: str = "left") -> Any:
        """Return the core's own trace of one lookup; printing it tells the story.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> trace = lx.LearnedIndex(np.arange(0, 9999, 3), "rmi").explain(300)
        >>> trace.answer, trace.proven, [step.kind for step in trace.steps]
        (100, True, ['stage', 'leaf', 'window'])
        """
        from learnedidx.explain import explain

        return explain(self, v, side)

    def plot(self, axes: Any = None) -> Any:
        """Draw keys, model and errors with matplotlib, on two axes if given; return the figure."""
        from learnedidx.explain._plot import plot_index

        return plot_index(self, axes)

    prefix = prefixes.prefix
    extended = extend.extended

    def verify(self) -> None:
        """Check keys and bounds again; ValueError: keys changed, build the index anew. O(n)."""
        from learnedidx.explain import verify

        verify(self)

    def __repr__(self) -> str:
        if "_state" not in vars(self):
            return "LearnedIndex(<not built>)"
        state = self._state
        model = "'none'" if state.model is None else repr(state.model)
        size = f", size={state.layers.size!r}" if state.layers and state.layers.size else ""
        return f"LearnedIndex(<{len(self)} keys of {state.checked.dtype}>, {model}{size})"

    @overload
    def save(
        self, path: type[bytes], keys: bool = ..., values: Any = ..., filter: Any = ...
    ) -> bytes: ...
    @overload
    def save(
        self, path: Target, keys: bool = ..., values: Any = ..., filter: Any = ...
    ) -> None: ...
    def save(
        self, path: Any, keys: bool = True, values: Any = None, filter: Any = None
    ) -> bytes | None:
        """Write the index to a .lidx file, which ``lx.open`` opens in a millisecond.

        Parameters
        ----------
        path : str, os.PathLike, file object or the type ``bytes``
            A path is written atomically: whatever happens meanwhile, the file that was there
            stays whole, or the new one is; and it is on disk when this returns. Bytes are no path.
            Where ``write`` of a file object returns None, it took all bytes, unless it would block.
        keys : bool
            False leaves the keys out: pass them to ``lx.open``, which knows them again. Models hold
            some keys, layers of strings eight bytes of each, an exact filter all: docs/reveals.md.
        values : array_like, shape (n, ...), optional
            Of fixed width, also fields, one row for each key: ``index.values`` of what is opened.
        filter : RangeFilter, PointFilter or LearnedFilter, optional
            Of these keys: ``index.filter`` of what is opened, which reads no page of the keys.

        Returns
        -------
        bytes or None
            The file itself for ``save(bytes)``. Equal keys, model and values give equal bytes.

        Raises
        ------
        OSError, TypeError, ValueError
            The message names the file or the argument. O(n).

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> blob = lx.LearnedIndex(np.arange(100)).save(bytes, values=np.arange(100) / 2)
        >>> float(lx.open(blob).values[7])
        3.5
        """
        from learnedidx.files._saving import save

        return save(self._state, path, keys, values, beside.kept(filter, self._state))

    filter = property(beside.filter_of)

    @property
    def _source(self) -> Any:
        """Keys as they were given, or as the core reads them."""
        state = self._state
        if state.source is not None:
            return state.source
        keys = state.checked.array
        shown = state.checked.family.shown(keys)
        state.source = None if shown is keys else shown
        return shown

    @property
    def values(self) -> Array | None:
        """The values beside the keys of the file that this was opened from, read-only, or None."""
        values = self._state.values
        return None if values is None else values.view()

    def __reduce__(self) -> Any:
        from learnedidx.files._building import reduce

        return reduce(self)

    def __getstate__(self) -> Any:
        from learnedidx.files._building import attributes

        return attributes(self)

    def __copy__(self) -> LearnedIndex:
        from learnedidx.files._building import copied

        return copied(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> LearnedIndex:
        from learnedidx.files._building import copied_deep

        return copied_deep(self, memo)

    @property
    def model(self) -> Any:
        """The fitted estimator, None for model="none", a tuple of them over strings."""
        model = self._state.model
        return None if model is None else model._shared()

    @property
    def nbytes(self) -> int:
        """Bytes beside the keys."""
        return self._state.nbytes


for _verb in ("searchsorted", "rank", "find", "contains", "range", "count", "bounds"):
    # What Python says of wrong arguments names the verb that was called.
    getattr(LearnedIndex, f"_{_verb}").__qualname__ = f"LearnedIndex.{_verb}"
