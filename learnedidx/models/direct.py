"""The direct table: for keys of 8 or 16 bits, the answer to every query there can be."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys, as_keys
from learnedidx._formats.known import family_of
from learnedidx.models.estimator import CoreEstimator, check_no_targets, predicted


class DirectTable(CoreEstimator[_core.Direct]):
    """The positions of all values of the keys' dtype: an answer is one load, and no key is read.

    For bool and for integers of 8 or 16 bits. Memory is 1 KiB or 256 KiB, whatever the number of
    keys, and twice that from 2**32 keys on. Fitting takes O(2**bits) time, and O(log n) for every
    distinct key where keys repeat often. It has no parameters. ``model="auto"`` takes it from 64
    keys of 8 bits on, and from 16,384 of 16 bits.

    Attributes
    ----------
    positions_ : ndarray of uint32 or uint64, shape (2**bits + 1,)
        The number of keys below each value of the dtype, in order, then that of all keys.
        Read-only.
    max_error_ : int
        0: every prediction is the answer.
    nbytes_ : int
        Memory of the table.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> from learnedidx.models import DirectTable
    >>> keys = np.array([1, 3, 3, 200], dtype=np.uint8)
    >>> model = DirectTable().fit(keys)
    >>> model.predict([0, 3, 4, 7.5]), model.positions_.shape
    (array([0., 1., 3., 3.]), (257,))
    >>> lx.LearnedIndex(keys, model).rank(3)
    3
    """

    def fit(self, keys: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Fill the table from sorted keys; weights are not used. O(2**bits + distinct * log(n)).

        Raises
        ------
        TypeError, ValueError
            Bad keys, or keys of more than 16 bits: the message says so.
        """
        check_no_targets(y)
        return self._adopt(as_keys(keys))

    def predict(self, v: Any) -> NDArray[np.float64]:
        """Return the positions of v, shape of v, as floats: here, the answers themselves."""
        return predicted(self._fitted_core(), v, self._dtype)

    def _window_middles(self, v: Any) -> NDArray[np.float64]:
        return self.predict(v)

    def _fit_core(self, keys: Keys) -> _core.Direct:
        if not is_narrow(keys.array.dtype):
            raise ValueError(
                "keys: DirectTable holds a position for every value of the dtype, which must be "
                f"bool or an integer of 8 or 16 bits, got {keys.array.dtype}; use model='auto'"
            )
        return _core.Direct(keys.array, keys.numbers)

    def _extend_core(self, core: _core.Direct, keys: Keys) -> _core.Direct | None:
        return _core.extended_direct(core, keys.array, keys.numbers)

    def _arrays(self, core: _core.Direct) -> tuple[NDArray[Any], ...]:
        return (core.positions,)

    @property
    def positions_(self) -> NDArray[np.uint32] | NDArray[np.uint64]:
        return self._fitted_core().positions

    @property
    def max_error_(self) -> int:
        self._fitted_core()
        return 0

    def _fit_state(self) -> dict[str, Any]:
        return {"dtype": self._dtype, "positions": np.array(self.positions_)}

    def _restore(self, fitted: dict[str, Any]) -> None:
        dtype, positions = fitted["dtype"], fitted["positions"]
        core = _core.Direct.restore(np.empty(0, dtype), positions)
        self._hold(core, dtype, core.n)


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Tell whether a direct table can be made for keys of that dtype."""
    return dtype.itemsize <= 2 and not family_of(dtype).is_real
