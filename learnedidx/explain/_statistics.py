"""Lookups of evenly spaced keys, counted by the core: errors, windows, cache lines, by region."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Array
from learnedidx._state import without_zone

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

SAMPLE = 100_000
REGIONS = 64
SHARES = (50, 90, 99)

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Sampled keys, where they lie, where they are found, and what their lookups cost.

    ``errors`` is None without a model. A window is the number of positions between the certified
    bounds of an answer, without one all keys.
    """

    keys: Array
    at: NDArray[np.intp]
    truth: NDArray[np.intp]
    predicted: NDArray[np.float64] | None
    windows: Counts
    counts: Counts

    def column(self, name: str) -> Counts:
        """Return one of the counts that the core made: see ``_core.trace_columns``."""
        column: Counts = self.counts[:, _core.trace_columns.index(name)]
        return column

    @property
    def errors(self) -> NDArray[np.float64] | None:
        """How far predictions are off."""
        return None if self.predicted is None else np.abs(self.predicted - self.truth)

    @property
    def lines(self) -> Counts:
        """Cache lines that lookups touch, of the model and of the keys."""
        total: Counts = self.column("model_lines") + self.column("key_lines")
        return total


def sample_of(index: LearnedIndex, most: int = SAMPLE) -> Sample:
    """Look up at most so many evenly spaced keys, the first and the last among them."""
    index = without_zone(index)
    numbers = index._state.checked.array[: index._state.checked.numbers]
    at = np.linspace(0, max(numbers.size - 1, 0), min(numbers.size, most)).astype(np.intp)
    keys = np.ascontiguousarray(numbers[at])
    model = index._state.model
    low, high = (0, numbers.size) if model is None else index.bounds(keys)
    return Sample(
        keys,
        at,
        np.asarray(index.searchsorted(keys), np.intp),
        None if model is None else np.asarray(model.predict(keys), np.float64),
        np.broadcast_to(np.asarray(high, np.int64) - np.asarray(low, np.int64), at.shape),
        _core.trace_counts(index, keys, False),
    )


def histogram(values: NDArray[Any]) -> list[int]:
    """Count values in buckets of doubling width: 0, then 1, then 2 to 3, 4 to 7, and so on.

    Examples
    --------
    >>> import numpy as np
    >>> histogram(np.array([0, 0, 1, 3, 4, 7, 8]))
    [2, 1, 1, 2, 1]
    """
    if values.size == 0:
        return []
    _, exponents = np.frexp(np.floor(values.astype(np.float64)))
    return [int(count) for count in np.bincount(exponents)]


def spread(values: NDArray[Any]) -> dict[str, float]:
    """Return the 50th, 90th and 99th percentiles and the largest of some values."""
    if values.size == 0:
        return {}
    found = np.percentile(values, SHARES)
    shares = {f"p{share}": float(value) for share, value in zip(SHARES, found, strict=True)}
    return {**shares, "worst": float(values.max())}


def regions_of(size: int) -> list[slice]:
    """Cut a sample into as many equal parts as there are regions, or items if these are fewer."""
    ends = np.linspace(0, size, min(REGIONS, size) + 1).astype(int).tolist()
    return [slice(start, stop) for start, stop in pairwise(ends)]


def by_region(values: NDArray[Any]) -> list[dict[str, float]]:
    """Return the spread of the values in every region."""
    return [spread(values[part]) for part in regions_of(values.size)]


def tail_fairness(regions: list[dict[str, float]]) -> float:
    """Compare the worst region with the median one: (1 + worst p99) / (1 + median p99).

    1 where all regions are alike. One is added so that regions without any error count too.
    """
    tails = [1 + region["p99"] for region in regions]
    return float(max(tails) / np.median(tails)) if tails else 1.0


def positions_of(sample: Sample) -> list[tuple[int, int]]:
    """Return the positions [start, stop) that each region covers."""
    parts = regions_of(sample.at.size)
    starts = [int(sample.at[part.start]) for part in parts]
    last = int(sample.at[-1]) + 1 if sample.at.size else 0
    return list(zip(starts, [*starts[1:], last], strict=True)) if parts else []
