"""PGM-index: the estimator.

P. Ferragina, G. Vinciguerra: The PGM-index: a fully-dynamic compressed learned index with provable
worst-case bounds, PVLDB 13(8), 2020.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys
from learnedidx.models.estimator import (
    CoreEstimator,
    checked_epsilon,
)


class PGM(CoreEstimator[_core.Pgm]):
    """The fewest lines that predict every position within epsilon, and the same again above them.

    Every prediction is within `epsilon` of the answer, for keys and for what lies between keys,
    with any number of duplicates. Fitting takes O(n) time and memory for the segments alone; a
    lookup takes O(log(number of segments)) time, few steps in practice.

    Parameters
    ----------
    epsilon : int, at least 1
        Largest distance between prediction and position. Smaller ones take more segments: over
        keys spread at random a segment lasts for about three times epsilon**2 keys. The default
        suits keys that lie smoothly; of those that do not, 12 is faster.

    Attributes
    ----------
    n_segments_ : int
    coordinates_ : ndarray of uint64, shape (n_segments_,)
        Where each segment begins. The coordinate of a key counts the values of its dtype from the
        first key on; floats count by their bits.
    slopes_, positions_ : ndarray of float64, shape (n_segments_,)
        Line of each segment: positions for a step of one in the coordinate, and the position
        predicted where the segment begins.
    height_ : int
        Number of levels.
    max_error_ : int
        Largest distance between prediction and answer, measured by the core over all keys and the
        gaps between them; at most epsilon.
    nbytes_ : int
        Memory of all levels and of the corrections: where epsilon is larger than a few cache lines
        of keys, lookups note in 1 byte for every 64 positions or so how far predictions are off
        there, and look nearer than epsilon. What ``LearnedIndex.extended`` goes on from, some
        hundred bytes for most keys, is not counted.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> keys = np.sort(np.random.default_rng(0).integers(0, 10**9, 100_000))
    >>> model = lx.PGM(epsilon=16).fit(keys)
    >>> model.n_segments_ < 200, model.height_, model.max_error_
    (True, 1, 16)
    >>> bool((np.abs(model.predict(keys) - np.searchsorted(keys, keys)) <= 16).all())
    True
    """

    def __init__(self, epsilon: Any = 64) -> None:
        self.epsilon = epsilon

    def _fit_core(self, keys: Keys) -> _core.Pgm:
        return _core.Pgm(keys.array, keys.numbers, checked_epsilon(self.epsilon))

    def _extend_core(self, core: _core.Pgm, keys: Keys) -> _core.Pgm | None:
        return _core.extended_pgm(core, keys.array, keys.numbers)

    def _arrays(self, core: _core.Pgm) -> tuple[NDArray[Any], ...]:
        return core.coordinates, core.slopes, core.positions

    @property
    def n_segments_(self) -> int:
        return self._fitted_core().segments[-1]

    @property
    def coordinates_(self) -> NDArray[np.uint64]:
        return self._fitted_core().coordinates

    @property
    def slopes_(self) -> NDArray[np.float64]:
        return self._fitted_core().slopes

    @property
    def positions_(self) -> NDArray[np.float64]:
        return self._fitted_core().positions

    @property
    def height_(self) -> int:
        return len(self._fitted_core().segments)

    @property
    def max_error_(self) -> int:
        return max(self._fitted_core().errors)

    def _fit_state(self) -> dict[str, Any]:
        core = self._core
        return {
            "dtype": self._dtype,
            "numbers": self._numbers,
            "domain": core.domain,
            "segments": tuple(np.array(part) for part in self._arrays(core)),
            "errors": core.errors,
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        coordinates, slopes, positions = fitted["segments"]
        core = _core.Pgm.restore(
            np.empty(0, fitted["dtype"]),
            fitted["numbers"],
            checked_epsilon(self.epsilon),
            fitted["domain"],
            coordinates,
            slopes,
            positions,
            fitted["errors"],
        )
        self._hold(core, fitted["dtype"], fitted["numbers"])
