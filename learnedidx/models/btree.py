"""The static implicit B+-tree: the baseline that a model must beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.bounds import bounds
from learnedidx._formats.keys import Keys, as_keys, read_only
from learnedidx.models.estimator import Estimator, NotFittedError, check_no_targets, whole


class BTree(Estimator):
    """A static B+-tree over borrowed keys: separators only, no pointers, SIMD counting.

    Parameters
    ----------
    node : {8, 16}
        Separators in a node. Leaves are two cache lines of the keys themselves.

    Attributes
    ----------
    nbytes_ : int
        Memory of the separators: about 7 % of 8-byte keys.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> lx.BTree(node=8).fit(np.arange(1000)).nbytes_ > 0
    True
    """

    def __init__(self, node: int = 16) -> None:
        self.node = node

    def fit(self, keys: Any, y: None = None, *, sample_weight: Any = None) -> Self:
        """Build the separators over sorted keys; weights are not used. O(n / 16)."""
        check_no_targets(y)
        return self._adopt(as_keys(keys))

    def predict(self, v: Any) -> NDArray[np.float64]:
        """Return the middle of the leaf that holds the answer, for each of v, as floats."""
        keys = self._fitted_keys()
        index = _core.IndexBase.__new__(_core.IndexBase)
        _core.bind(index, read_only(keys.array), keys.numbers, self._core)
        low, high = bounds(index, keys, v, False)
        return np.asarray((low + high) / 2)

    def _fitted_core(self) -> _core.Tree:
        if not getattr(self, "_fitted", False):
            raise NotFittedError("BTree is not fitted: call fit(keys) first")
        return self._core

    def _fitted_keys(self) -> Keys:
        if self._fitted_core().n > self._keys.array.size:
            raise NotFittedError("this BTree was opened without its keys: lx.open(path, keys=keys)")
        return self._keys

    def _adopt(self, keys: Keys) -> Self:
        node = whole("node", self.node, "the int 8 or 16")
        if node not in (8, 16):
            raise ValueError(f"node: must be the int 8 or 16, got {node}")
        return self._hold(_core.Tree(keys.array, keys.numbers, node, keys.threads), keys)

    def _hold(self, core: _core.Tree, keys: Keys) -> Self:
        self._core, self._keys, self._fitted = core, keys, True
        return self

    @property
    def max_error_(self) -> int:
        """Half a leaf: the answer is inside the leaf."""
        self._fitted_core()
        return 64 // int(self._keys.array.dtype.itemsize)

    @property
    def nbytes_(self) -> int:
        return int(self._fitted_core().nbytes)

    def _for_index(self, keys: Keys) -> Self:
        return self._unfitted()._adopt(keys)

    def _extended(self, keys: Keys, trained: int) -> Self | None:
        """Return the tree over longer keys, or None if there were too few for one."""
        core = _core.extended_tree(self._core, keys.array, keys.numbers)
        return None if core is None else self._unfitted()._hold(core, keys)

    def _trained_on(self) -> int:
        return self._fitted_keys().numbers

    def _shared(self) -> Self:
        """Return an estimator of its own over the same fitted arrays."""
        return self._unfitted()._hold(self._fitted_core(), self._keys)

    def _agrees(self, keys: Keys) -> bool:
        """Tell whether the separators are those that these keys give."""
        return self._core.n == keys.numbers and self._core.agrees(keys.array)

    def _fit_state(self) -> dict[str, Any]:
        return {"keys": self._fitted_keys().array}

    def _restore(self, fitted: dict[str, Any]) -> None:
        self._adopt(as_keys(fitted["keys"]))
