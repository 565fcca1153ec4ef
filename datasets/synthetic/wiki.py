"""wiki: time stamps of edits in seconds, with days, weeks, bursts and many repeats."""

from __future__ import annotations

import numpy as np

from datasets.keytypes import Floats, Keys
from datasets.synthetic.counter import unit
from datasets.synthetic.draws import in_blocks
from datasets.synthetic.portable_maths import exp, log, sin_turns

_EPOCH = 10**9
# Sets the share of repeats: 66% at a million keys.
_KEYS_PER_SECOND = 2.2
_CELLS = 200_000
_DAY = 86_400.0
_WEEK = 604_800.0
_SECONDS_PER_BURST = 20_000.0
_MEAN_BURST = 600.0


def wiki(n: int, seed: int) -> Keys:
    """Return n sorted time stamps of an inhomogeneous Poisson process."""
    if n == 0:
        return np.empty(0, dtype=np.uint64)
    span = n / _KEYS_PER_SECOND
    cumulative = _cumulative_rate(span, seed)
    width = span / _CELLS

    def stamps(start: int, stop: int) -> Keys:
        target = unit(seed, 0, start, stop) * cumulative[-1]
        cell = np.minimum(np.searchsorted(cumulative, target, side="right"), _CELLS) - 1
        inside = (target - cumulative[cell]) / (cumulative[cell + 1] - cumulative[cell])
        seconds: Keys = np.floor((cell + inside) * width).astype(np.uint64)
        return seconds + np.uint64(_EPOCH)

    keys = in_blocks(n, stamps)
    keys.sort()
    return keys


def _cumulative_rate(span: float, seed: int) -> Floats:
    """Return the integral of the rate from zero to each border of the grid."""
    time = (np.arange(_CELLS, dtype=np.float64) + 0.5) * (span / _CELLS)
    growth = 0.15 + 1.0 / (1.0 + exp(-8.0 * (time / span - 0.35)))
    season = 1.0 + 0.35 * sin_turns(time / _DAY) + 0.15 * sin_turns(time / _WEEK)
    rate = growth * season
    _add_bursts(rate, time, span, seed)
    cumulative: Floats = np.concatenate([[0.0], np.cumsum(rate)])
    return cumulative


def _add_bursts(rate: Floats, time: Floats, span: float, seed: int) -> None:
    """Multiply the rate inside each burst: overlapping ones multiply twice."""
    count = max(1, int(span / _SECONDS_PER_BURST))
    start = unit(seed, 1, 0, count) * span
    stop = start - _MEAN_BURST * log(unit(seed, 2, 0, count))
    factor = 3.0 + 20.0 * unit(seed, 3, 0, count)
    first, last = np.searchsorted(time, start), np.searchsorted(time, stop)
    for begin, end, height in zip(first, last, factor, strict=True):
        rate[begin:end] *= height
