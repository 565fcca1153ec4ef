"""LearnedIndex: an index over a sorted array; the verbs of NumPy and pandas, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core, nearest, queries, scalars
from learnedidx.keys import Array, Keys, as_keys

if TYPE_CHECKING:
    from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline

Positions = NDArray[np.intp]


class LearnedIndex(_core.IndexBase):
    """An index over a sorted 1-D array of numbers or times, which it borrows.

    Parameters
    ----------
    keys : array_like, 1-D, sorted
        Integers, floats, bool, datetime64 or timedelta64; NaN and NaT last.
    model : str or estimator
        "auto", "rmi", "pgm", "radix_spline", "btree", "none", or an estimator such as
        ``lx.RMI(root="linear")``, fitted or not. "auto" takes the B+-tree if on a sample of the
        keys fewer than 85 % of the RMI's first windows hold the answer, a table of all answers
        for many keys of 8 or 16 bits, and no model for fewer than 64 keys.
    copy : bool, optional
        None copies only what must be converted; False refuses to; True always copies.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> index = lx.LearnedIndex(np.array([3, 5, 5, 8], dtype=np.uint64), model="rmi")
    >>> index.searchsorted(5), index.rank(5), 8 in index, len(index), int(index[0])
    (1, 3, True, 4, 3)
    """

    _model: PGM | RMI | BTree | DirectTable | RadixSpline | None
    _checked: Keys
    _core_model: Any  # what the core searches with, whatever becomes of the estimator

    def __init__(self, keys: Any, model: Any = "auto", *, copy: bool | None = None) -> None:
        checked = as_keys(keys, copy)
        fitted = _fitted(model, checked)
        self._bind(checked, fitted, _core_of(fitted))

    def _bind(self, checked: Keys, model: Any, core_model: Any) -> None:
        _core.bind(self, _read_only(checked.array), checked.numbers, core_model)
        self._checked = checked
        self._model = model
        self._core_model = core_model

    def _searchsorted(
        self, v: Any, side: Any = "left", *, out: Any = None, threads: Any = 1, sorter: Any = None
    ) -> Any:
        if sorter is not None:
            raise TypeError("sorter: not supported; sort once: keys = keys[sorter]")
        return self._search(v, queries.checked_side(side), "position", out, threads)

    def _rank(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, True, "position", out, threads)

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
        method = nearest.checked_method(method)
        limit = nearest.checked_tolerance(tolerance, self.keys.dtype)
        queries.checked_threads(threads)
        if not queries.is_array(v):
            found = nearest.find_one(self, v, method, limit)
            return found if out is None else queries.filled(out, found, np.intp, self.keys)
        batch = queries.as_batch(v, self.keys.dtype)
        out = queries.checked_out(out, batch.shape, np.intp, batch, self.keys)
        for start in range(0, batch.size, queries.BLOCK):
            part = queries.native(batch.flat[start : start + queries.BLOCK])
            out.flat[start : start + queries.BLOCK] = self._find_near(part, method, limit, threads)
        return out

    def _find_near(self, part: Array, method: str, limit: Any, threads: Any) -> Array:
        if part.dtype.kind == "O":
            return np.array([nearest.find_one(self, v, method, limit) for v in part], np.intp)
        after = self._searchsorted(part, "left", threads=threads)
        before = after
        if method == "pad":
            before = self._searchsorted(part, "right", threads=threads) - 1
        return nearest.find_many(self, part, after, before, method, limit)

    def _range(
        self, lo: Any, hi: Any, inclusive: Any = "left", *, out: Any = None, threads: Any = 1
    ) -> Any:
        right_of_lo, right_of_hi = queries.checked_inclusive(inclusive)
        queries.checked_threads(threads)
        start = 0 if lo is None else self._search_named("lo", lo, right_of_lo, threads)
        stop = self.keys.size if hi is None else self._search_named("hi", hi, right_of_hi, threads)
        if out is None and not isinstance(start, np.ndarray) and not isinstance(stop, np.ndarray):
            return slice(start, max(start, stop))
        starts, stops = queries.broadcast(start, stop)
        np.maximum(starts, stops, out=stops)
        return (starts, stops) if out is None else queries.copied(out, (starts, stops), self.keys)

    def _search_named(self, name: str, v: Any, right: bool, threads: Any) -> Any:
        try:
            return self._search(v, right, "position", None, threads)
        except (TypeError, ValueError) as error:
            raise type(error)(str(error).replace("v:", f"{name}:", 1)) from None

    def _count(
        self, lo: Any, hi: Any, inclusive: Any = "left", *, out: Any = None, threads: Any = 1
    ) -> Any:
        found = self._range(lo, hi, inclusive, threads=threads)
        if isinstance(found, slice):
            number = found.stop - found.start
            return number if out is None else queries.filled(out, number, np.intp, self.keys)
        starts, stops = found
        others = [end for end in (lo, hi) if isinstance(end, np.ndarray)]
        np.subtract(stops, starts, out=stops)
        if out is None:
            return stops
        checked = queries.checked_out(out, starts.shape, np.intp, self.keys, *others)
        checked[...] = stops
        return checked

    def _bounds(self, v: Any, side: Any = "left", *, out: Any = None, threads: Any = 1) -> Any:
        right = queries.checked_side(side)
        number = queries.checked_threads(threads)
        if not queries.is_array(v):
            value, fit = scalars.fixed(v, self.keys.dtype)
            return _core.bounds_fixed(self, value, fit, right)
        batch = queries.as_batch(v, self.keys.dtype)
        lows, highs = (
            queries.checked_out(part, batch.shape, np.intp, batch, self.keys)
            for part in ((None, None) if out is None else queries.pair(out))
        )
        if batch.dtype.kind == "O" or queries.needs_exact(batch, self.keys.dtype):
            for i, item in enumerate(batch.flat):
                lows.flat[i], highs.flat[i] = self._bounds(item, side)
            return lows, highs

        def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
            _core.bounds(self, part, scale, right, answers[0], answers[1], number)

        queries.run(batch, (lows, highs), self.keys.dtype, search)
        return lows, highs

    def _ends(self, v: Any) -> tuple[int, int]:
        """Return the first position with key >= v, and the last with key <= v."""
        after = self._search_scalar(v, False, "position")
        return int(after), int(self._search_scalar(v, True, "position")) - 1

    def _in(self, v: Any) -> bool:
        if queries.is_array(v):
            raise TypeError("v: `in` takes one query; use index.contains(v) for an array")
        return bool(self._search_scalar(v, False, "contains"))

    def _contains(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, False, "contains", out, threads)

    def _search(self, v: Any, right: bool, verb: str, out: Any, threads: Any) -> Any:
        """Answer scalars that the core cannot read, and arrays."""
        number = queries.checked_threads(threads)
        dtype = np.bool_ if verb == "contains" else np.intp
        if not queries.is_array(v):
            answer = self._search_scalar(v, right, verb)
            return answer if out is None else queries.filled(out, answer, dtype, self.keys)
        batch = queries.as_batch(v, self.keys.dtype)
        out = queries.checked_out(out, batch.shape, dtype, batch, self.keys)
        if batch.dtype.kind == "O" or queries.needs_exact(batch, self.keys.dtype):
            out.flat[:] = [self._search_scalar(item, right, verb) for item in batch.flat]
            return out

        def search(part: Array, scale: Any, answers: tuple[Array, ...]) -> None:
            _core.search(self, part, scale, right, verb, answers[0], number)

        queries.run(batch, (out,), self.keys.dtype, search)
        return out

    def _search_scalar(self, v: Any, right: bool, verb: str) -> int | bool:
        value, fit = scalars.fixed(v, self.keys.dtype)
        answer = _core.search_fixed(self, value, fit, right, verb)
        return bool(answer) if verb == "contains" else answer

    def stats(self) -> dict[str, Any]:
        """Return sizes, error and window distribution, and the worst regions, as a plain dict.

        Measured on at most 100,000 evenly spaced keys.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> lx.LearnedIndex(np.arange(10_000), "rmi").stats()["first_window_hits"] > 0.99
        True
        """
        from learnedidx.explain import stats

        return stats(self)

    def explain(self, v: Any, side: str = "left") -> Any:
        """Return the core's own trace of one lookup; printing it tells the story.

        Examples
        --------
        >>> import numpy as np, learnedidx as lx
        >>> trace = lx.LearnedIndex(np.arange(0, 9999, 3), "rmi").explain(300)
        >>> trace.answer, trace.proven
        (100, True)
        """
        from learnedidx.explain import explain

        return explain(self, v, side)

    def plot(self, axes: Any = None) -> Any:
        """Draw the CDF, the model and its error with matplotlib; return the figure."""
        from learnedidx.plot import plot_index

        return plot_index(self, axes)

    def verify(self) -> None:
        """Check all keys and recompute every bound of the model. O(n).

        Raises
        ------
        ValueError
            The keys changed since the index was built, or are out of order: build it anew.
        """
        from learnedidx.explain import verify

        verify(self)

    def __repr__(self) -> str:
        if not hasattr(self, "_checked"):
            return "LearnedIndex(<not built>)"
        model = "'none'" if self._model is None else repr(self._model)
        return f"LearnedIndex(<{len(self)} keys of {self.keys.dtype}>, {model})"

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self._checked.array, self._model)

    def __copy__(self) -> LearnedIndex:
        other = type(self).__new__(type(self))
        other._bind(self._checked, self._model, self._core_model)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> LearnedIndex:
        return _rebuilt(type(self), np.array(self.keys), self._model)

    @property
    def model(self) -> Any:
        """The fitted estimator, or None for model="none"; editing it does not change the index."""
        return None if self._model is None else self._model._shared()

    @property
    def nbytes(self) -> int:
        """Bytes beside the keys."""
        return 0 if self._model is None else int(self._model.nbytes_)


for _verb in ("searchsorted", "rank", "find", "contains", "range", "count", "bounds"):
    # What Python says of wrong arguments names the verb that was called.
    getattr(LearnedIndex, f"_{_verb}").__qualname__ = f"LearnedIndex.{_verb}"


def _rebuilt(kind: type[LearnedIndex], keys: Array, model: Any) -> LearnedIndex:
    """Rebuild an index from pickle: keys are checked and bounds measured again."""
    return kind(keys, "none" if model is None else model)


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _fitted(model: Any, keys: Keys) -> Any:
    """Return the model fitted to these keys; None for the best search without one."""
    from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline
    from learnedidx.models.choose import choose

    named: dict[str, type[PGM | RMI | BTree | RadixSpline] | None] = {
        "auto": None,
        "btree": BTree,
        "none": None,
        "pgm": PGM,
        "radix_spline": RadixSpline,
        "rmi": RMI,
    }
    if isinstance(model, str):
        if model not in named:
            raise ValueError(
                f"model: must be one of {sorted(named)} or an estimator, got {model!r}"
            )
        if model == "auto":
            return choose(keys)
        kind = named[model]
        return None if kind is None else kind()._for_index(keys)
    if not isinstance(model, (PGM, RMI, BTree, DirectTable, RadixSpline)):
        raise TypeError(
            f"model: must be one of {sorted(named)} or an estimator of learnedidx, "
            f"got {type(model).__name__}"
        )
    return model._for_index(keys)


def _core_of(model: Any) -> Any:
    if model is None:
        return None
    return model._core if hasattr(model, "_core") else model._training.core
