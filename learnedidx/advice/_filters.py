"""What advise says of filters: that they save next to nothing here, or what they would."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from learnedidx.advice import bytes_text, digits
from learnedidx.advice._samples import Sample
from learnedidx.index import LearnedIndex

FPR = 0.01
BITS = 10.5  # a key, of a PointFilter of that share of errors
ASKED = 2**15  # queries that are looked at, spread over all
CAPSULE = "PyCapsule"  # what keeps an opened file alive
FEW = 0.05  # a share of absent queries that no filter pays for


def is_mapped(keys: Any) -> bool:
    """Tell whether an array lies in a map of a file, or may: as the keys of an opened index do."""
    while keys is not None:
        if isinstance(keys, mmap.mmap) or type(keys).__name__ == CAPSULE:
            return True
        keys = keys.obj if isinstance(keys, memoryview) else getattr(keys, "base", None)
    return False


def on_filters(keys: Any, sample: Sample, asked: Any, nanoseconds: float) -> str:
    """Say what a filter saves before the keys, of which a lookup takes so long."""
    if not isinstance(keys, np.ndarray) or not is_mapped(keys):
        return in_memory(nanoseconds)
    spared = (
        f"Where pages of the mapped keys are not in memory, lx.PointFilter({FPR}), "
        f"{bytes_text(round(sample.total * BITS / 8))}, spares their reads for 99 % of the absent "
        "queries, lx.RangeFilter for empty ranges"
    )
    if asked is None:
        return f"{spared}: pass your queries to see how many are absent."
    some = asked[:: 1 + asked.size // ASKED]
    absent = 1 - float(np.mean(LearnedIndex(sample.keys.array, "none").contains(some)))
    if absent < FEW:
        return (
            f"A filter saves nothing: {1 - absent:.0%} of your queries are keys, and each of these "
            "reads the mapped keys all the same."
        )
    return f"{spared}: {absent:.0%} of your queries are absent."


def in_memory(nanoseconds: float) -> str:
    """Say that a filter saves next to nothing before keys in memory."""
    return (
        f"A filter saves less than the {digits(nanoseconds)} ns of a lookup here, as the keys are "
        "in memory: it pays where they are cold or remote, and many queries absent."
    )
