"""Uniform keys with inserted keys that make least-squares lines fit badly.

After the greedy attacks on the distribution function of Kornaropoulos, Ren and Tamassia, "The price
of tailoring the index to your data", SIGMOD 2022: `poison_greedy` inserts key by key, each where
the line of its block then loses the most; `poison` inserts one cluster a block, which is quick.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from datasets.keytypes import Floats, Keys
from datasets.synthetic.counter import raw
from datasets.synthetic.draws import distinct, thinned

Attack = Callable[[Keys, float], Keys]

_KEY_BITS = 44
_SHARE = 0.10
_BLOCK = 4096
_GREEDY_BLOCK = 512
_HONEST_STREAM = 0
_FILLER_STREAM = 1


def poison(n: int, seed: int, phi: float = _SHARE, block: int = _BLOCK) -> Keys:
    """Return n distinct keys, a share phi of which is poison, one cluster a block."""
    return _poisoned(n, seed, phi, block, _cluster)


def poison_greedy(n: int, seed: int, phi: float = _SHARE, block: int = _GREEDY_BLOCK) -> Keys:
    """Return n distinct keys, a share phi of which is poison, each the worst one for its block."""
    return _poisoned(n, seed, phi, block, _greedy)


def _poisoned(n: int, seed: int, phi: float, block: int, attack: Attack) -> Keys:
    """Return uniform keys and what an attack inserts into each block of them."""
    if not 0.0 <= phi < 0.5:
        raise ValueError(f"phi={phi} is not in 0 to 0.5")
    if block < 2:
        raise ValueError(f"block={block} is below 2")
    honest = _uniform(n - int(phi * n), seed, _HONEST_STREAM)
    ratio = phi / (1.0 - phi)
    clusters = [
        attack(honest[start : start + block], ratio) for start in range(0, honest.size, block)
    ]
    keys = np.concatenate([honest, *clusters]) if clusters else honest
    keys.sort()
    return _topped_up(keys, n, seed)


def _uniform(n: int, seed: int, stream: int) -> Keys:
    """Return n distinct uniform keys of 44 bits."""
    shift = np.uint64(64 - _KEY_BITS)
    return distinct(n, lambda start, stop: raw(seed, stream, start, stop) >> shift)


def _cluster(keys: Keys, ratio: float) -> Keys:
    """Return consecutive keys in the gap of one block where they harm a line the most."""
    count = int(keys.size * ratio)
    fits = np.flatnonzero(keys[1:] - keys[:-1] > np.uint64(count + 1))
    if count == 0 or fits.size == 0:
        return keys[:0]
    loss = _loss_after(keys, fits, count)
    cluster: Keys = np.arange(1, count + 1, dtype=np.uint64)
    cluster += keys[fits[np.argmax(loss)]]
    return cluster


def _loss_after(keys: Keys, fits: npt.NDArray[np.int64], count: int) -> Floats:
    """Return, for each gap, the squared error of the best line with the poison in it.

    The cluster is taken as ``count`` copies of the key before the gap, which gives each sum over
    the poisoned block in closed form. Running sums, not ``sum``, fix the order of additions.
    """
    x = (keys - keys[0]).astype(np.float64)
    rank = np.arange(x.size, dtype=np.float64)
    size = float(x.size + count)
    sum_x = np.cumsum(x)
    at, x0 = (fits + 1).astype(np.float64), x[fits]
    mean_rank = (size - 1.0) / 2.0
    variance_rank = size * (size * size - 1.0) / 12.0
    total_x = sum_x[-1] + count * x0
    total_xx = np.cumsum(x * x)[-1] + count * (x0 * x0)
    moved = count * (sum_x[-1] - sum_x[fits])
    own_ranks = x0 * (count * at + count * (count - 1) / 2.0)
    total_xy = np.cumsum(x * rank)[-1] + moved + own_ranks
    covariance = total_xy - total_x * mean_rank
    loss: Floats = variance_rank - covariance * covariance / (total_xx - total_x * total_x / size)
    return loss


def _greedy(keys: Keys, ratio: float) -> Keys:
    """Return keys inserted one after the other, each at the end of a gap where it harms most.

    Inside a gap the loss is convex, so that its two ends are all that has to be tried.
    """
    block, chosen = keys, []
    for _ in range(int(keys.size * ratio)):
        gaps = np.flatnonzero(block[1:] - block[:-1] > np.uint64(1))
        if gaps.size == 0:
            break
        places = np.concatenate([gaps, gaps])
        tried = np.concatenate([block[gaps] + np.uint64(1), block[gaps + 1] - np.uint64(1)])
        best = np.argmax(_loss_with(block, places, tried))
        chosen.append(tried[best])
        block = np.insert(block, places[best] + 1, tried[best])
    return np.array(chosen, dtype=np.uint64)


def _loss_with(keys: Keys, places: npt.NDArray[np.int64], tried: Keys) -> Floats:
    """Return, for each key that is tried behind a place, the squared error of the best line."""
    x, own = (keys - keys[0]).astype(np.float64), (tried - keys[0]).astype(np.float64)
    rank, size = np.arange(x.size, dtype=np.float64), float(x.size + 1)
    sum_x = np.cumsum(x)
    mean_rank, variance_rank = (size - 1.0) / 2.0, size * (size * size - 1.0) / 12.0
    total_x = sum_x[-1] + own
    total_xx = np.cumsum(x * x)[-1] + own * own
    moved = sum_x[-1] - sum_x[places]
    total_xy = np.cumsum(x * rank)[-1] + moved + own * (places + 1).astype(np.float64)
    covariance = total_xy - total_x * mean_rank
    loss: Floats = variance_rank - covariance * covariance / (total_xx - total_x * total_x / size)
    return loss


def _topped_up(keys: Keys, n: int, seed: int) -> Keys:
    """Return exactly n keys: uniform ones fill the places that no cluster took."""
    missing = n - keys.size
    if missing == 0:
        return keys
    # As many spare candidates as there are keys to collide with cannot run out.
    candidates = _uniform(n + missing, seed, _FILLER_STREAM)
    spare = thinned(np.setdiff1d(candidates, keys, assume_unique=True), missing)
    filled = np.concatenate([keys, spare])
    filled.sort()
    return filled
