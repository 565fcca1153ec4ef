"""How hard keys are for models: how often lines have to bend, how unevenly the keys lie.

A line within epsilon of all positions is a segment of the PGM-index (P. Ferragina, G. Vinciguerra,
PVLDB 13(8), 2020); segments for 1000 keys at a small and a large epsilon measure local and global
hardness, after C. Wongkham, B. Lu, C. Liu, Z. Zhong, E. Lo, T. Wang: Are Updatable Learned Indexes
Ready?, PVLDB 15(11), 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from learnedidx._formats.keys import Array, Keys, in_order
from learnedidx.models import PGM

EPSILONS = (32, 256)
STRETCH = 2**16
STRETCHES = 4
BINS = 1024
PAIRS = 2**17


@dataclass(frozen=True, slots=True)
class Hardness:
    """What makes keys hard.

    Attributes
    ----------
    segments : dict of int to float
        By epsilon, the segments that 1000 keys need, on stretches of up to 65,536 keys: one
        segment for a stretch is the least, 0.015 for 1000.
    misses : float
        Share of the first windows of a default RMI that do not hold the answer.
    duplicates : float
        Share of keys that equal the key before them.
    skew : float
        Gini coefficient of the numbers of keys in equally wide parts of the domain: 0 if all hold
        as many, near 1 if one holds all.
    """

    segments: dict[int, float]
    misses: float
    duplicates: float
    skew: float


def measure(
    keys: Keys, misses: float, random: np.random.Generator, starts: Array | None = None
) -> tuple[Hardness, int]:
    """Measure keys, at least one of them a number; return also how many keys PGMs were fitted to.

    Where the keys are stretches of others, as long as each other, only their first keys tell how
    evenly those lie: `starts` are the positions of these. O(log n), but for the stretches.
    """
    numbers = keys.array[: keys.numbers]
    stretches = _stretches(numbers, random)
    segments = {epsilon: _segments(stretches, epsilon) for epsilon in EPSILONS}
    pairs = sum(max(part.size - 1, 0) for part in stretches)
    equal = sum(int(np.count_nonzero(part[1:] == part[:-1])) for part in stretches)
    hard = Hardness(segments, misses, equal / max(pairs, 1), _skew(keys, starts))
    return hard, len(EPSILONS) * sum(part.size for part in stretches)


def _stretches(numbers: Array, random: np.random.Generator) -> list[Array]:
    if numbers.size <= STRETCH * STRETCHES:
        return [numbers]
    part = numbers.size // STRETCHES
    starts = np.arange(STRETCHES) * part + random.integers(0, part - STRETCH + 1, STRETCHES)
    return [numbers[start : start + STRETCH] for start in starts.tolist()]


def _segments(stretches: list[Array], epsilon: int) -> float:
    """Count the segments that a thousand keys need."""
    found = sum(PGM(epsilon)._for_index(in_order(part)).n_segments_ for part in stretches)
    return 1000 * found / sum(part.size for part in stretches)


def _skew(keys: Keys, starts: Array | None) -> float:
    """Return the Gini coefficient of how many keys lie in each of equally wide parts."""
    plain = keys.native
    first, last = keys.domain()
    bins = min(BINS, plain.size // 16)
    if bins < 2 or first == last:
        return 0.0
    edges = _edges(first, last, bins, plain.dtype)
    counts = np.diff(np.searchsorted(plain, edges))
    if starts is not None:  # the keys between two of them lie evenly, for what is known
        known = plain[:: keys.array.size // starts.size].astype(float)
        counts = np.diff(np.interp(edges.astype(float), known, starts[: known.size]))
    counts = np.sort(counts)
    total = float(counts.sum())
    if total == 0:
        return 0.0
    ranks = np.arange(1, counts.size + 1)
    return float(2 * (ranks * counts).sum() / (counts.size * total) - (bins + 1) / bins)


def _edges(first: Any, last: Any, bins: int, dtype: np.dtype[Any]) -> Array:
    """Return the borders of equally wide parts, exactly for integers of any size."""
    if isinstance(first, float):
        share = np.linspace(0.0, 1.0, bins + 1)
        return np.asarray(first * (1 - share) + last * share).astype(dtype)
    first, last = int(first), int(last)
    return np.array([first + (last - first) * i // bins for i in range(bins + 1)], dtype)
