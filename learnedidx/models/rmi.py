"""Recursive model index: the estimator.

T. Kraska, A. Beutel, E. Chi, J. Dean, N. Polyzotis: The Case for Learned Index Structures,
SIGMOD 2018, section 3.2.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys, as_keys
from learnedidx.models.estimator import Estimator, NotFittedError, check_no_targets, predicted
from learnedidx.models.grow import grow
from learnedidx.models.roots import CompiledRoot
from learnedidx.models.train import Training, refit, train


class RMI(Estimator):
    """A recursive model index: a root that spreads the keys over leaves, and the leaves.

    Parameters
    ----------
    root : {"histogram", "linear", "cubic", "radix"} or scikit-learn regressor
        What learns the CDF of the keys. "histogram" counts keys in equally wide bins; any
        scikit-learn regressor can take its place. All are compiled to one monotone piecewise
        linear function. One that falls by more than a hundredth of the keys is made flat there,
        with a warning; one that raises, or gives anything but a finite number for each coordinate,
        is a ValueError. Files keep the compiled form alone: of a model that was opened, ``root`` is
        the regressor's text, and fitting it is a ValueError that asks for the regressor.
    leaf : {"interpolate", "linear"}
        "interpolate" stores the position at each leaf border (4 bytes a leaf); "linear" adds a
        line of least squares (12 bytes a leaf).
    n_leaves : int or sequence of int, optional
        Number of leaves; a sequence names the models of every stage after the root, the leaves
        last, as in ``(64, 4096)``. By default one leaf for 32 keys, for 64 beyond 30 million.
        More leaves than keys work, many stay empty; more than four for each key and 2**20 are
        refused.

    Attributes
    ----------
    n_leaves_ : int
    leaf_positions_ : ndarray of uint32, shape (n_leaves_ + 1,)
        Position of the first key of each leaf.
    leaf_slopes_, leaf_intercepts_ : ndarray of float64, shape (n_leaves_,)
        Line of each leaf: positions across the whole leaf, and positions after its first key.
        Editable: an index that is given this model uses what they hold then.
    stage_knots_ : list of ndarray of uint64
        Compiled stages, root first: values at the knots, in models of the next stage times 2**32.
    root_pieces_ : ndarray of uint64, shape (pieces, 3)
        Where clusters of keys lie far apart, or single keys do, the pieces of the domain that have
        bins of their own: first and last coordinate, and the number of bins as a power of two.
        Empty where one range of equal bins will do.
    distillation_error_ : float
        Largest difference between root and compiled root on the training sample, as a fraction
        of the keys.
    max_error_ : int
        Largest distance between a prediction and the position of any key, measured by the core.
    nbytes_ : int
        Memory of the compiled model.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> model = lx.RMI(root="linear", n_leaves=100).fit(np.arange(0, 50_000, 5))
    >>> model.n_leaves_, model.predict(np.array([2500]))
    (100, array([500.]))
    """

    def __init__(
        self, root: Any = "histogram", leaf: str = "interpolate", n_leaves: Any = None
    ) -> None:
        self.root = root
        self.leaf = leaf
        self.n_leaves = n_leaves

    def fit(self, keys: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Train on sorted keys.

        Parameters
        ----------
        keys : array_like, 1-D, sorted
            What LearnedIndex accepts.
        y : None
            For scikit-learn's tools, which pass it; anything else is a TypeError.
        sample_weight : array_like, optional
            How often each key is asked for; keys that weigh more get more leaves. The root learns
            the distribution of the weight, with a tenth left for all keys alike; "radix", which
            learns nothing, has no use for weights.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            Bad keys, parameters or weights: the message names which.
        """
        check_no_targets(y)
        training = train(self, as_keys(keys), sample_weight)
        training.core.measure()
        return self._adopt(training)

    def predict(self, v: Any) -> NDArray[np.float64]:
        """Return predicted positions of v, shape of v, as floats; a hint, not an answer."""
        return predicted(self._current(), v, self._training.dtype)

    def _adopt(self, training: Training) -> Self:
        self._training_or_none = training
        self._edited: dict[str, NDArray[np.float64]] = {}
        self._fitted = True
        return self

    @property
    def _training(self) -> Training:
        training: Training | None = getattr(self, "_training_or_none", None)
        if training is None:
            raise NotFittedError(f"{type(self).__name__} is not fitted: call fit(keys) first")
        return training

    @property
    def n_leaves_(self) -> int:
        return int(self._training.core.models[-1])

    @property
    def leaf_positions_(self) -> NDArray[np.uint32]:
        return self._training.core.leaf_positions

    @property
    def leaf_slopes_(self) -> NDArray[np.float64]:
        return self._line("leaf_slopes_")

    @leaf_slopes_.setter
    def leaf_slopes_(self, slopes: Any) -> None:
        self._set_line("leaf_slopes_", slopes)

    @property
    def leaf_intercepts_(self) -> NDArray[np.float64]:
        return self._line("leaf_intercepts_")

    @leaf_intercepts_.setter
    def leaf_intercepts_(self, intercepts: Any) -> None:
        self._set_line("leaf_intercepts_", intercepts)

    def _line(self, name: str) -> NDArray[np.float64]:
        if name not in self._edited:
            self._edited[name] = self._fitted_line(name)
        return self._edited[name]

    def _fitted_line(self, name: str) -> NDArray[np.float64]:
        """Return slopes or intercepts as they were fitted, in memory of their own."""
        core, slopes = self._training.core, name == "leaf_slopes_"
        if core.lines is not None:
            return core.lines[:, int(slopes)].astype(np.float64)
        if slopes:
            return np.diff(core.leaf_positions.astype(np.float64))
        return np.zeros(self.n_leaves_)

    def _set_line(self, name: str, values: Any) -> None:
        try:
            array = np.array(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: must be numbers ({error})") from None
        if array.shape != (self.n_leaves_,):
            raise ValueError(f"{name}: shape {array.shape}; must be ({self.n_leaves_},)")
        self._edited[name] = array

    def _edited_lines(self) -> NDArray[np.float32] | None:
        """Return the lines as they stand now; None if they are as they were fitted."""
        if all(
            np.array_equal(array, self._fitted_line(name)) for name, array in self._edited.items()
        ):
            return None
        lines = np.stack([self.leaf_intercepts_, self.leaf_slopes_], axis=1)
        largest = np.finfo(np.float32).max
        with np.errstate(invalid="ignore"):
            return np.clip(lines, -largest, largest).astype(np.float32)

    def _lines(self) -> NDArray[np.float32] | None:
        """Return the lines that an index of this model uses; None if leaves interpolate."""
        edited = self._edited_lines()
        return self._training.core.lines if edited is None else edited

    def _current(self) -> _core.Rmi:
        """Return the core model, with the leaves as they stand now."""
        core = self._training.core
        edited = self._edited_lines()
        return core if edited is None else core.with_lines(edited)

    @property
    def stage_knots_(self) -> list[NDArray[np.uint64]]:
        return self._training.core.stages

    @property
    def root_pieces_(self) -> NDArray[np.uint64]:
        return self._training.core.pieces

    @property
    def distillation_error_(self) -> float:
        return self._training.distillation_error

    @property
    def max_error_(self) -> int:
        return int(max(self._training.core.over, self._training.core.under))

    @property
    def nbytes_(self) -> int:
        return int(self._training.core.nbytes)

    def _for_index(self, keys: Keys) -> Self:
        """Return a model whose leaves and bounds are those of `keys`."""
        fresh = self._unfitted()
        if getattr(self, "_fitted", False):
            return fresh._adopt(refit(self._training, self._lines(), keys))
        return fresh._adopt(train(self, keys, None))

    def _extended(self, keys: Keys, trained: int) -> Self | None:
        """Return a model of longer keys that keeps all old leaves, or None to train anew."""
        training = grow(self._training, keys, trained)
        fresh = self._unfitted()
        return None if training is None else fresh._adopt(training)

    def _anew(self) -> Self:
        """Return an RMI that can be fitted: a root of which a file kept the text is replaced."""
        fresh = self._unfitted()
        if isinstance(fresh.root, CompiledRoot):
            fresh.root = "histogram"
        return fresh

    def _drifts(self) -> bool:
        """Tell whether training anew could make more of keys that were appended."""
        return True

    def _trained_on(self) -> int:
        return self._training.numbers

    def _shared(self) -> Self:
        """Return an estimator of its own over the same fitted arrays."""
        return self._unfitted()._adopt(self._training)

    def _agrees(self, keys: Keys) -> bool:
        """Tell whether leaves and bounds are those that these keys give."""
        old = self._training.core
        new = refit(self._training, old.lines, keys).core
        same = np.array_equal(old.leaf_positions, new.leaf_positions)
        return bool(same and (old.over, old.under) == (new.over, new.under))

    def _fit_state(self) -> dict[str, Any]:
        return {"training": self._training, "edited": self._edited}

    def _restore(self, fitted: dict[str, Any]) -> None:
        self._adopt(fitted["training"])
        self._edited = fitted["edited"]
