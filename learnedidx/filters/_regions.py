"""How a learned filter divides scores into regions, and how many bits the keys of each deserve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.int32]
SEGMENTS = 400  # equally full, of which regions are made
MOST_BITS = 16
COST = 1.13  # bits of a fuse filter for each bit of its fingerprints


class Regions(NamedTuple):
    """The lowest scores of all regions but the first, and bits of each; 0: no filter."""

    borders: NDArray[np.int32]
    bits: NDArray[np.uint8]


def divided(members: Scores, absent: Scores, fpr: float, most: int) -> Regions:
    """Return at most `most` regions with the fewest bits for an error of at most `fpr`.

    Borders maximize the divergence of keys from absent strings by dynamic
    programming over segments (Vaidya et al., ICLR 2021, algorithm 1), bits are whole numbers.
    O(n log n + regions * SEGMENTS**2).
    """
    both = np.sort(np.concatenate([members, absent]))
    edges = np.unique(both[np.linspace(0, both.size - 1, SEGMENTS).astype(np.intp)])
    keys, others = (_shares(scores, edges) for scores in (members, absent))
    others = (others * absent.size + 0.5) / (absent.size + 0.5 * others.size)  # never 0
    cuts = _cuts(np.r_[0.0, keys.cumsum()], np.r_[0.0, others.cumsum()], most)
    of_keys, of_others = np.add.reduceat(keys, cuts), np.add.reduceat(others, cuts)
    return Regions(edges[cuts[1:] - 1].astype(np.int32), _bits(of_keys, of_others, fpr))


def _shares(scores: Scores, edges: Scores) -> NDArray[np.float64]:
    """Return which share of scores is in each segment: below the first edge, from each edge on."""
    inside = np.bincount(np.searchsorted(edges, scores, "right"), minlength=edges.size + 1)
    return inside / max(scores.size, 1)


def _cuts(keys: NDArray[np.float64], others: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Return the first segment of each region, of shares that are summed up."""
    count = keys.size - 1
    share, rest = keys[None, :] - keys[:, None], others[None, :] - others[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(share > 0, share * np.log2(share / rest), 0.0)
    gain[np.tril_indices(count + 1)] = -np.inf
    best, came = np.full(count + 1, -np.inf), []
    best[0] = 0
    for _ in range(min(most, count)):
        total = best[:, None] + gain
        came.append(total.argmax(0))
        best = total.max(0)
    ends, at = [], count
    for last in reversed(came):
        at = int(last[at])
        ends.append(at)
    return np.array(ends[::-1], np.intp)


def _bits(keys: NDArray[np.float64], others: NDArray[np.float64], fpr: float) -> NDArray[np.uint8]:
    """Return whole bits of each region, so that errors are at most `fpr` where that can be.

    A bit more goes, again and again, to where it saves most errors for its cost.
    """
    bits = np.zeros(keys.size, np.uint8)
    bits[keys == 0] = MOST_BITS  # costs nothing, and denies all
    while (others * _errors(keys, bits)).sum() > fpr:
        spares = others * (_errors(keys, bits) - _errors(keys, bits + 1)) / np.maximum(keys, 1e-12)
        spares[bits >= MOST_BITS] = 0
        if not spares.any():
            break
        bits[spares.argmax()] += 1
    return bits


def _errors(keys: NDArray[np.float64], bits: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the share of absent strings that the filter of each region does not deny."""
    return np.where(keys == 0, 0.0, 0.5**bits)
