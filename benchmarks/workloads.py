"""Query mixes over a set of keys; the same seed always gives the same queries.

Every mix is a function ``(keys, count, seed) -> queries`` in the dtype of the keys.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.contenders.contender import Array

ZIPF_EXPONENT = 0.99  # the skew of the YCSB workloads
RUN = 256  # neighbouring queries of a cluster
_GOLDEN = 0.6180339887498949


def hits(keys: Array, count: int, seed: int = 0) -> Array:
    """Draw keys that are there, each position equally often."""
    _need_keys(keys)
    chosen: Array = keys[_random(seed, 1).integers(0, len(keys), count)]
    return chosen


def misses(keys: Array, count: int, seed: int = 0) -> Array:
    """Draw values evenly between the first and the last key.

    In 64-bit keys nearly all are absent. On skewed keys nearly all fall into the few widest
    gaps, which are then in the cache: see `gaps` for misses that are spread as the keys are.
    """
    ordered = _as_numbers(keys)
    low, high = ordered[0], ordered[-1]
    random = _random(seed, 2)
    if ordered.dtype.kind == "f":
        part = random.random(count)
        drawn = np.asarray(low * (1 - part) + high * part, dtype=ordered.dtype)
    else:
        drawn = random.integers(low, high, count, dtype=ordered.dtype, endpoint=True)
    return drawn.view(keys.dtype)


def gaps(keys: Array, count: int, seed: int = 0) -> Array:
    """Draw midpoints between neighbouring keys, each gap equally often.

    A gap without room gives its left key, so dense keys are hit.
    """
    ordered = _as_numbers(keys)
    left = _random(seed, 3).integers(0, max(len(ordered) - 1, 1), count)
    right = np.minimum(left + 1, len(ordered) - 1)
    low, high = ordered[left], ordered[right]
    return np.asarray(_mean(low, high), dtype=ordered.dtype).view(keys.dtype)


def _mean(low: Array, high: Array) -> Array:
    if low.dtype.kind == "f":
        return np.asarray(low / 2 + high / 2)
    return np.asarray((low & high) + ((low ^ high) >> 1))


def mixed(keys: Array, count: int, seed: int = 0) -> Array:
    """Shuffle half hits and half misses."""
    return _shuffled_with_hits(misses, keys, count, seed)


def near(keys: Array, count: int, seed: int = 0) -> Array:
    """Shuffle half hits and half gaps: misses that are spread as the keys are."""
    return _shuffled_with_hits(gaps, keys, count, seed)


def held_out(keys: Array, count: int, seed: int = 0) -> Array:
    """Shuffle half hits and half of the numbers between keys that are none.

    For keys that are positions in a set, some of which were held out.
    """
    return _shuffled_with_hits(_between, np.asarray(keys), count, seed)


def _between(keys: Array, count: int, seed: int) -> Array:
    _need_keys(keys)
    is_key = np.zeros(int(keys[-1]) + 1, np.bool_)
    is_key[keys] = True
    others = np.flatnonzero(~is_key)
    chosen: Array = others[_random(seed, 7).integers(0, len(others), count)]
    return chosen


def _shuffled_with_hits(
    others: Callable[[Array, int, int], Array], keys: Array, count: int, seed: int
) -> Array:
    half = count // 2
    queries = np.concatenate([hits(keys, half, seed), others(keys, count - half, seed)])
    _random(seed, 4).shuffle(queries)
    return queries


def zipf(keys: Array, count: int, seed: int = 0) -> Array:
    """Draw keys that are there, a few very often: Zipf(0.99) over scattered positions."""
    _need_keys(keys)
    ranks = zipf_ranks(len(keys), count, _random(seed, 5))
    chosen: Array = keys[_scatter(ranks, len(keys))]
    return chosen


def in_order(keys: Array, count: int, seed: int = 0) -> Array:
    """Sort the queries of `mixed`."""
    return np.sort(mixed(keys, count, seed))


def clustered(keys: Array, count: int, seed: int = 0) -> Array:
    """Sort the queries of `mixed`, cut them into runs of 256 and shuffle the runs."""
    ordered = in_order(keys, count, seed)
    whole = count // RUN * RUN
    runs = ordered[:whole].reshape(-1, RUN)
    order = _random(seed, 6).permutation(len(runs))
    return np.concatenate([runs[order].ravel(), ordered[whole:]])


WORKLOADS: dict[str, Callable[[Array, int, int], Array]] = {
    "mixed": mixed,
    "near": near,
    "hits": hits,
    "misses": misses,
    "gaps": gaps,
    "zipf": zipf,
    "sorted": in_order,
    "clustered": clustered,
}
OVER_POSITIONS = {"held_out": held_out}


def zipf_ranks(n: int, count: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw ranks 0 .. n-1, rank r with a weight of 1 / (r + 1) ** 0.99.

    By rejection-inversion (Hörmann and Derflinger, ACM TOMACS 1996), so memory and time do
    not depend on n.
    """
    low = _zipf_area(np.asarray(1.5)) - 1.0
    high = _zipf_area(np.asarray(n + 0.5))
    accepted: list[npt.NDArray[np.int64]] = []
    missing = count
    while missing > 0:
        area = random.uniform(low, high, missing)
        rank = np.clip(np.rint(_zipf_area_inverse(area)), 1, n)
        kept = rank[area >= _zipf_area(rank + 0.5) - rank**-ZIPF_EXPONENT]
        accepted.append(kept.astype(np.int64) - 1)
        missing -= len(kept)
    return np.concatenate(accepted) if accepted else np.empty(0, np.int64)


def _zipf_area(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Integrate x ** -0.99 up to x."""
    power = 1.0 - ZIPF_EXPONENT
    return np.asarray(np.expm1(power * np.log(x)) / power)


def _zipf_area_inverse(area: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Find the x whose `_zipf_area` is the one given."""
    power = 1.0 - ZIPF_EXPONENT
    return np.asarray(np.exp(np.log1p(power * area) / power))


def _scatter(ranks: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    step = max(int(n * _GOLDEN), 1)
    while math.gcd(step, n) != 1:
        step += 1
    return np.asarray((ranks * step) % n, dtype=np.int64)


def _as_numbers(keys: Array) -> Array:
    """View the keys as plain finite numbers: dates as integers, without NaT, NaN and inf."""
    _need_keys(keys)
    if keys.dtype.kind in "mMf":
        finite = keys[np.isfinite(keys)]
        if len(finite) == 0:
            raise ValueError("keys: none is finite, so no queries can be drawn between them")
        return finite if keys.dtype.kind == "f" else finite.view(np.int64)
    return keys.view(np.uint8) if keys.dtype.kind == "b" else keys


def _need_keys(keys: Array) -> None:
    if len(keys) == 0:
        raise ValueError("keys: cannot draw queries from an empty array")


def _random(seed: int, stream: int) -> np.random.Generator:
    """Give each mix its own stream, so that one mix does not repeat another's positions."""
    return np.random.default_rng([seed, stream])
