"""model="auto": a fixed rule on evenly spaced keys. No clock, so equal keys give equal indexes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from learnedidx._formats.keys import Array, Keys
from learnedidx.models.btree import BTree
from learnedidx.models.direct import DirectTable, is_narrow
from learnedidx.models.estimator import Estimator
from learnedidx.models.pgm import PGM
from learnedidx.models.radix_spline import RadixSpline
from learnedidx.models.rmi import RMI
from learnedidx.models.train import is_crowded, is_skewed

FEWEST = 64  # below, a binary search is as fast as anything
SAMPLE = 4096
# Fitted by `python -m benchmarks refit`, which prints what other values cost, to the records of
# every processor in benchmarks/results/auto.jsonl and measured.jsonl. From so many keys on, an RMI
# is taken if at most this share of its first windows misses; each doubling of the keys allows the
# same share more. A stage beyond two asks for so many times more keys. A root in pieces is not
# taken: beside a tree that is searched with AVX-512 it is slower (benchmarks/DEAD_ENDS.md).
FEWEST_FOR_MODEL = 2**16
MISSES_A_DOUBLING = 1 / 64
KEYS_A_STAGE = 64
# Between these numbers of keys, a tree over keys of 8 bytes has narrow nodes.
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
    if may_suit(keys):
        rmi = RMI()._for_index(keys)
        if suits(rmi, keys):
            return rmi
    narrow = FEWEST_FOR_NARROW_NODES <= keys.numbers < FEWEST_FOR_WIDE_NODES
    return BTree(node=8 if narrow and dtype.itemsize == 8 else 16)._for_index(keys)


def may_suit(keys: Keys) -> bool:
    """Tell whether an RMI is worth building. Equal keys have nothing to learn."""
    first, last = keys.domain()
    if keys.numbers < FEWEST_FOR_MODEL or first == last or is_crowded(keys):
        return False
    return keys.numbers >= FEWEST_FOR_MODEL * KEYS_A_STAGE or not is_skewed(keys)


def suits(rmi: RMI, keys: Keys) -> bool:
    """Tell whether this RMI is the faster choice."""
    times = keys.numbers / (FEWEST_FOR_MODEL * KEYS_A_STAGE ** (len(rmi.stage_knots_) - 1))
    return times >= 1 and 1 - window_hits(rmi, keys) <= MISSES_A_DOUBLING * math.log2(2 * times)


def window_hits(model: Estimator, keys: Keys, start: int = 0, stop: int | None = None) -> float:
    """Return the share of sampled keys, of positions [start, stop), that first windows prove."""
    if isinstance(model, (BTree, DirectTable)):
        return 1.0  # a leaf is a window; a table needs none
    stop = keys.numbers if stop is None else stop
    at = np.linspace(start, stop - 1, min(SAMPLE, stop - start)).astype(np.intp)
    truth = np.searchsorted(keys.native, keys.native[at])
    return float(np.mean(first_window_holds(model, keys, keys.array[at], truth)))


def first_window_holds(model: Any, keys: Keys, queries: Array, truth: Array) -> Array:
    """Tell whether the first windows of queries, two lines of keys, hold their positions."""
    line = LINE_BYTES // keys.array.dtype.itemsize
    low = model._window_middles(queries).astype(np.int64) - line // 2
    low = np.clip(low - low % line, 0, max(keys.numbers - 2 * line, 0))
    inside: Array = (low < truth) & (truth < low + 2 * line)
    inside |= (truth == 0) | (truth + line >= keys.numbers)
    return inside


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
