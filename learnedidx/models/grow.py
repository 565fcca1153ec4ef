"""Growing an RMI: keys were appended, and only what lies behind the old ones is trained.

The domain grows by a power of two, and the number of root bins with it, so that all old keys keep
their points, stage after stage; knots behind them lead to new models, as many for a key as before.
Leaves before that of the last old key keep their borders, which are not measured again; unless they
come from a file, which may hold anything: then all borders are counted over the keys.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.family import Family
from learnedidx._formats.keys import Keys
from learnedidx.models.train import Training, borders, root_bits

Knots = NDArray[np.uint64]

MORE_BITS = 3  # than a root that is trained anew has: beyond, most bins of old keys would be wasted
USUAL = 1 / 16  # of a bin: how much its usual number of keys counts against those it has got so far
CROWDED = 16  # times the keys of an average leaf,
MAX_CROWDED = 1 / 16  # of all keys may be in such leaves
LOW32 = 0xFFFFFFFF


def grow(old: Training, keys: Keys, trained: int) -> Training | None:
    """Return the training of longer keys, or None where only training anew makes a good model.

    ``trained`` of the keys were there when the model was last trained as a whole.
    """
    if old.numbers == 0 or keys.numbers > 2 * trained:
        return None
    core, domain = _wider(old, keys)
    if core is None:
        return None
    last_old = keys.native[old.numbers - 1 : old.numbers]
    point = int(core.coordinates(last_old)[0]) >> (32 - core.root_bits)
    last = core.last_point()
    for stage, (stored, models) in enumerate(zip(old.core.stages, old.core.models, strict=True)):
        knots = np.minimum(np.maximum.accumulate(stored), np.uint64((models << 32) - 1))
        first = (point >> 32) + 1  # the first input without an old key
        at = borders(core, stage == 0, first)
        core.add_stage(*_continued(knots, models, first, at, last, old.numbers))
        point, last = _through(point, knots), core.last_point()
    leaf = point >> 32
    kept = 0 if old.core.guarded else leaf
    at = borders(core, first=kept)
    positions = np.concatenate([old.core.leaf_positions[:kept], at >> core.position_shift]).astype(
        np.uint32
    )
    if _crowded(positions, keys, trained, core.position_shift):
        return None
    _core.extend_leaves(core, old.core, positions, leaf, int(at[leaf - kept]))
    return Training(core, old.dtype, domain, old.distillation_error, keys.numbers)


def _wider(old: Training, keys: Keys) -> tuple[_core.Rmi | None, tuple[Any, Any]]:
    """Return a model without stages whose root goes on behind the old one's domain, or None."""
    low, high = old.domain
    end = keys.domain()[1]
    if high <= low:
        return None, old.domain
    if end > high and keys.native[old.numbers - 1] > high:
        return None, old.domain  # old keys were cut off at the end of the domain
    most = root_bits(keys.numbers) + MORE_BITS  # whatever earlier steps added
    for more, wider in _ends(low, high, end, keys.family):
        if more and old.core.root_bits + more > most:
            break
        core = _core.Rmi(keys.array, keys.numbers, low, wider, old.core.root_bits + more)
        if _core.goes_on(core, old.core):
            return core, (low, wider)
    return None, old.domain


def _ends(low: Any, high: Any, end: Any, family: Family) -> Iterator[tuple[int, Any]]:
    """Yield ends of a domain that holds `end`, and how often each doubles the old domain.

    The span of a domain of floats is rounded: of each end, a neighbour may do where it does not.
    """
    if end <= high:
        yield 0, high
    elif not family.is_real:
        yield (int(end) - int(low)).bit_length() - (int(high) - int(low)).bit_length(), end
    else:
        span, most = high - low, family.highest
        more = max(0, math.frexp(end / 2 - low / 2)[1] - math.frexp(span / 2)[1])
        for doublings in range(more, more + 3):
            wider = low + span * 2.0 ** min(doublings, 64)
            for near in (wider, math.nextafter(wider, math.inf), math.nextafter(wider, -math.inf)):
                if end <= near <= most:
                    yield doublings, near


def _continued(
    knots: Knots, models: int, first: int, at: NDArray[np.int64], last: int, numbers: int
) -> tuple[Knots, int]:
    """Return the knots of a stage and its models: those behind the old keys as new keys ask for.

    Inputs from ``first`` on hold none of the ``numbers`` old keys; ``at`` are the first keys of
    each, and the end; ``last`` is the point of the last key. The input that it ends in gets a line
    that leads on past it, as steep as up to there; where that is hardly known, as steep as usual.
    """
    counts = (at - at[0]).astype(np.float64)
    if counts[-1] == 0:
        return np.pad(knots, (0, first + counts.size - knots.size), mode="edge"), models
    row, filled = (last >> 32) - first, ((last & LOW32) + 1) / 2**32
    reached, usual = counts[row + 1] - counts[row], numbers / first
    rate = (reached + USUAL * usual) / (filled + USUAL)
    counts[row + 1 :] += rate * (1.0 - filled)
    steps = (counts * (models / numbers * 2.0**32)).astype(np.uint64)
    grown = np.concatenate([knots[:first], knots[first] + steps])
    return grown, max(models, (int(grown[-1]) >> 32) + 1)


def _through(point: int, knots: Knots) -> int:
    """Return the point that a stage leads to."""
    model = point >> 32
    start, end = int(knots[model]), int(knots[model + 1])
    return start + ((end - start) * (point & LOW32) >> 32)


def _crowded(positions: NDArray[np.uint32], keys: Keys, trained: int, shift: int) -> bool:
    """Tell whether too many keys behind those of the last training are in overfull leaves."""
    trained >>= shift
    first = max(0, int(np.searchsorted(positions, trained, side="right")) - 1)
    borders = np.maximum(positions[first:].astype(np.int64), trained)
    counts = np.diff(borders)
    full = np.flatnonzero(counts > CROWDED * (keys.numbers >> shift) / (positions.size - 1))
    starts, ends = borders[full] << shift, (borders[full + 1] << shift) - 1
    differ = keys.array[starts] != keys.array[ends]  # equal keys are in one leaf of any model
    return int(counts[full][differ].sum()) << shift > MAX_CROWDED * keys.numbers
