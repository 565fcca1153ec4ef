"""Pictures of an index. matplotlib is imported when a picture is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

POINTS = 4_000
KEYS, MODEL, ERROR = "#0072B2", "#D55E00", "#555555"  # told apart by the colour-blind too


def plot_index(index: LearnedIndex, axes: Any = None) -> Any:
    """Draw keys, model and error of an index on two axes; return the figure."""
    import matplotlib.pyplot as plt

    if axes is None:
        _, axes = plt.subplots(2, 1, sharex=True, figsize=(8, 6), height_ratios=[3, 1])
    above, below = axes
    numbers = index.keys[: index._checked.numbers]
    at = np.linspace(0, max(numbers.size - 1, 0), min(numbers.size, POINTS)).astype(np.intp)
    keys = numbers[at]
    above.plot(keys, at, color=KEYS, lw=2, label="keys (CDF)")
    if index.model is not None and at.size:
        predicted = index.model.predict(keys)
        above.plot(keys, predicted, color=MODEL, lw=1, ls="--", label=repr(index.model))
        truth = np.asarray(index.searchsorted(keys))
        below.plot(keys, predicted - truth, color=ERROR, lw=0.7)
    above.set_ylabel("position")
    above.legend(loc="upper left", frameon=False)
    below.set_ylabel("prediction − position")
    below.set_xlabel("key")
    figure = above.figure
    figure.tight_layout()
    return figure
