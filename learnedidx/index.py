"""LearnedIndex: an index over a sorted array, with the verbs of NumPy and pandas, answered exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core, queries, scalars
from learnedidx.keys import Array, Keys, as_keys
from learnedidx.models.estimator import Estimator

Positions = NDArray[np.intp]


class LearnedIndex(_core.IndexBase):
    """An index over a sorted 1-D array of numbers or times, which it borrows.

    Parameters
    ----------
    keys : array_like, 1-D, sorted
        Integers, floats, bool, datetime64 or timedelta64; NaN and NaT last.
    model : str or estimator
        "auto", "rmi", "btree", "none", or an estimator such as ``lx.RMI(root="linear")``, fitted
        or not.
    copy : bool, optional
        None copies only what must be converted; False refuses to; True always copies.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> index = lx.LearnedIndex(np.array([3, 5, 5, 8], dtype=np.uint64), model="rmi")
    >>> index.searchsorted(5), index.rank(5), 8 in index, len(index), int(index[0])
    (1, 3, True, 4, 3)
    """

    _model: Estimator | None

    def __init__(self, keys: Any, model: Any = "auto", *, copy: bool | None = None):
        checked = as_keys(keys, copy)
        self._model = _fitted(model, checked)
        _core.bind(self, _read_only(checked.array), checked.numbers, _core_of(self._model))

    def _searchsorted(self, v: Any, side: Any = "left", *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, queries.checked_side(side), "position", out, threads)

    def _rank(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, True, "position", out, threads)

    def _contains(self, v: Any, *, out: Any = None, threads: Any = 1) -> Any:
        return self._search(v, False, "contains", out, threads)

    def _search(self, v: Any, right: bool, verb: str, out: Any, threads: Any) -> Any:
        """Answer scalars that the core cannot read, and arrays."""
        number = queries.checked_threads(threads)
        dtype = np.bool_ if verb == "contains" else np.intp
        if not queries.is_array(v):
            answer = self._search_scalar(v, right, verb)
            if out is not None:
                out = queries.checked_out(out, (), dtype, self.keys)
                out[()] = answer
                return out
            return answer
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

    @property
    def model(self) -> Any:
        """The fitted estimator, or None for model="none"."""
        return self._model

    @property
    def nbytes(self) -> int:
        """Bytes beside the keys."""
        return 0 if self._model is None else int(self._model.nbytes_)  # type: ignore[attr-defined]


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _fitted(model: Any, keys: Keys) -> Any:
    """Return the model fitted to these keys; None for the best search without one."""
    from learnedidx.models import RMI, BTree

    named = {"rmi": RMI, "btree": BTree, "none": None, "auto": RMI}
    if isinstance(model, str):
        if model not in named:
            raise ValueError(f"model: must be one of {sorted(named)} or an estimator, got {model!r}")
        kind = named[model]
        return None if kind is None else kind()._for_index(keys)
    if not isinstance(model, (RMI, BTree)):
        raise TypeError(
            f"model: must be one of {sorted(named)} or an estimator of learnedidx, "
            f"got {type(model).__name__}"
        )
    return model._for_index(keys)


def _core_of(model: Any) -> Any:
    if model is None:
        return None
    return model._core if hasattr(model, "_core") else model._training.core
