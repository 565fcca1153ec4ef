"""RadixSpline: the estimator.

A. Kipf, R. Marcus, A. van Renen, M. Stoian, A. Kemper, T. Kraska, T. Neumann: RadixSpline: a
single-pass learned index, aiDM at SIGMOD 2020, section 2. The spline is the greedy corridor of
T. Neumann, S. Michel: Smooth Interpolating Histograms with Error Guarantees, BNCOD 2008.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys
from learnedidx._formats.scalars import shown
from learnedidx.models.estimator import (
    CoreEstimator,
    checked_epsilon,
    whole,
)

MAX_RADIX_BITS = 24


class RadixSpline(CoreEstimator[_core.Spline]):
    """A linear spline through points of the CDF, found in one pass, and a radix table over them.

    Every prediction is within `epsilon` of the answer, for keys and for what lies between keys,
    with any number of duplicates. Fitting takes O(n) time and memory for the points alone; a
    lookup O(1) time where the radix table tells the points apart, else O(log n).

    Parameters
    ----------
    epsilon : int, at least 1
        Largest distance between prediction and position. Smaller ones take more points: over keys
        spread at random a point lasts for about epsilon**2 keys.
    radix_bits : int in [1, 24], optional
        The radix table has ``2**radix_bits`` bins. By default one for every two points, at most
        ``2**18``.

    Attributes
    ----------
    n_points_ : int
    radix_bits_ : int
    points_ : tuple of ndarray of uint64, shape (n_points_,)
        Coordinates and positions of the points. The coordinate of a key counts the values of its
        dtype from the first key on; floats count by their bits. Read-only.
    radix_table_ : ndarray of uint32, shape (2**radix_bits_ + 1,)
        How many points lie before each bin of coordinates. Read-only.
    max_error_ : int
        Largest distance between prediction and answer, measured by the core over all keys and the
        gaps between them.
    nbytes_ : int
        Memory of points, table and corrections: for every 32 predicted positions or so, lookups
        note in a byte how far predictions are off there, and look nearer than `epsilon`.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> keys = np.sort(np.random.default_rng(0).integers(0, 10**9, 100_000))
    >>> model = lx.RadixSpline(epsilon=16).fit(keys)
    >>> bool((np.abs(model.predict(keys) - np.searchsorted(keys, keys)) <= 16).all())
    True
    >>> model.n_points_ < 1000
    True
    """

    def __init__(self, epsilon: Any = 32, radix_bits: Any = None) -> None:
        self.epsilon = epsilon
        self.radix_bits = radix_bits

    def _fit_core(self, keys: Keys) -> _core.Spline:
        epsilon, radix_bits = checked(self.epsilon, self.radix_bits)
        return _core.Spline(keys.array, keys.numbers, epsilon, radix_bits)

    def _extend_core(self, core: _core.Spline, keys: Keys) -> _core.Spline | None:
        _, radix_bits = checked(self.epsilon, self.radix_bits)
        return _core.extended_spline(core, keys.array, keys.numbers, radix_bits)

    def _arrays(self, core: _core.Spline) -> tuple[NDArray[Any], ...]:
        return *core.points, core.radix_table

    @property
    def n_points_(self) -> int:
        return int(self._fitted_core().points[0].size)

    @property
    def radix_bits_(self) -> int:
        return int(self._fitted_core().radix_bits)

    @property
    def points_(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        return self._fitted_core().points

    @property
    def radix_table_(self) -> NDArray[np.uint32]:
        return self._fitted_core().radix_table

    @property
    def max_error_(self) -> int:
        return int(self._fitted_core().max_error)

    def _fit_state(self) -> dict[str, Any]:
        core = self._core
        return {
            "dtype": self._dtype,
            "numbers": self._numbers,
            "domain": core.domain,
            "points": tuple(np.array(part) for part in core.points),
            "radix_bits": core.radix_bits,
            "max_error": core.max_error,
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        dtype, (coordinates, positions) = fitted["dtype"], fitted["points"]
        core = _core.Spline.restore(
            np.empty(0, dtype),
            fitted["domain"],
            coordinates,
            positions,
            checked(self.epsilon, self.radix_bits)[0],
            fitted["radix_bits"],
            fitted["max_error"],
        )
        self._hold(core, dtype, fitted["numbers"])


def checked(epsilon: Any, radix_bits: Any) -> tuple[int, int]:
    """Return both parameters as the core takes them: radix_bits 0 lets it choose."""
    margin = checked_epsilon(epsilon)
    if radix_bits is None:
        return margin, 0
    bits = whole("radix_bits", radix_bits, f"None or an int in [1, {MAX_RADIX_BITS}]")
    if not 1 <= bits <= MAX_RADIX_BITS:
        raise ValueError(
            f"radix_bits: must be None or an int in [1, {MAX_RADIX_BITS}], got {shown(radix_bits)}"
        )
    return margin, bits
