"""model="auto": a fixed rule on evenly spaced keys. No clock, so equal keys give equal indexes."""

from __future__ import annotations

from typing import Any

import numpy as np

from learnedidx.keys import Keys
from learnedidx.models.btree import BTree
from learnedidx.models.direct import DirectTable, is_narrow
from learnedidx.models.estimator import Estimator
from learnedidx.models.pgm import PGM
from learnedidx.models.radix_spline import RadixSpline
from learnedidx.models.rmi import RMI

FEWEST = 64  # below, a binary search is as fast as anything
SAMPLE = 4096
# Fitted to benchmarks/results/grid.jsonl by `python -m benchmarks.grid.refit`, which prints what
# other values cost: an RMI from so many keys on, if so many of its first windows hit. One that has
# more stages than two, or pieces in its root, takes longer: fewer keys than these have a tree
# instead. Between the last two numbers of keys, a tree over keys of 8 bytes has narrow nodes.
FEWEST_FOR_MODEL = 2**17
ENOUGH_HITS = 0.9
FEWEST_FOR_STAGES = 2**62  # no number of keys
FEWEST_FOR_PIECES = 2**20
FEWEST_FOR_NARROW_NODES = 2**8
FEWEST_FOR_WIDE_NODES = 2**22
LINE_BYTES = 64
# By the bytes of a key. A direct table is built and searched faster than anything at any number of
# keys; but for 16 bits it takes 256 KiB, here at most eight times the memory of the keys.
FEWEST_FOR_TABLE = {1: FEWEST, 2: 2**14}


def choose(keys: Keys) -> RMI | BTree | DirectTable | None:
    """Return the fitted model that suits the keys, or None."""
    if keys.numbers < FEWEST:
        return None
    dtype = keys.array.dtype
    if is_narrow(dtype) and keys.numbers >= FEWEST_FOR_TABLE[dtype.itemsize]:
        return DirectTable()._for_index(keys)
    if keys.numbers >= FEWEST_FOR_MODEL:
        rmi = RMI()._for_index(keys)
        if suits(rmi, keys):
            return rmi
    narrow = FEWEST_FOR_NARROW_NODES <= keys.numbers < FEWEST_FOR_WIDE_NODES
    return BTree(node=8 if narrow and dtype.itemsize == 8 else 16)._for_index(keys)


def suits(rmi: RMI, keys: Keys) -> bool:
    """Tell whether this RMI is the faster choice."""
    return (
        (len(rmi.stage_knots_) <= 1 or keys.numbers >= FEWEST_FOR_STAGES)
        and (len(rmi.root_pieces_) == 0 or keys.numbers >= FEWEST_FOR_PIECES)
        and window_hits(rmi, keys) >= ENOUGH_HITS
    )


def window_hits(model: Estimator, keys: Keys, start: int = 0, stop: int | None = None) -> float:
    """Return the share of sampled keys, of positions [start, stop), that first windows prove."""
    if isinstance(model, (BTree, DirectTable)):
        return 1.0  # a leaf is a window; a table needs none
    numbers = keys.array[: keys.numbers]
    if numbers.dtype.kind in "Mm":
        numbers = numbers.view(np.int64)
    stop = numbers.size if stop is None else stop
    sample = numbers[np.linspace(start, stop - 1, min(SAMPLE, stop - start)).astype(np.intp)]
    truth = np.searchsorted(numbers, sample)
    line = LINE_BYTES // numbers.dtype.itemsize
    low = model._aimed(sample.view(keys.array.dtype)).astype(np.int64) - line // 2
    low -= low % line
    low = np.clip(low, 0, max(numbers.size - 2 * line, 0))
    inside = (low < truth) & (truth < low + 2 * line)
    return float(np.mean(inside | (truth == 0) | (truth + line >= numbers.size)))


def fitted(model: Any, keys: Keys) -> Any:
    """Return the model fitted to these keys; None for the best search without one."""
    named: dict[str, type[PGM | RMI | BTree | RadixSpline] | None] = {
        "auto": None,
        "btree": BTree,
        "none": None,
        "pgm": PGM,
        "radix_spline": RadixSpline,
        "rmi": RMI,
    }
    if isinstance(model, str):
        if model not in named:
            raise ValueError(
                f"model: must be one of {sorted(named)} or an estimator, got {model!r}"
            )
        if model == "auto":
            return choose(keys)
        kind = named[model]
        return None if kind is None else kind()._for_index(keys)
    if not isinstance(model, (PGM, RMI, BTree, DirectTable, RadixSpline)):
        raise TypeError(
            f"model: must be one of {sorted(named)} or an estimator of learnedidx, "
            f"got {type(model).__name__}"
        )
    return model._for_index(keys)


def core_of(model: Any) -> Any:
    """Return what the core searches with."""
    if model is None:
        return None
    return model._core if hasattr(model, "_core") else model._training.core
