"""What a lookup costs, from what can be counted: the model's bytes, its misses, how far it is off.

Coefficients are fitted to measured lookups: ``python -m benchmarks costs`` prints them from
benchmarks/results/measured.jsonl. They tell models apart on one machine; on another all times are
different, their order mostly is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from learnedidx._formats.keys import Array, Keys
from learnedidx.models import PGM, BTree, DirectTable
from learnedidx.models.choose import LINE_BYTES, first_window_holds

COSTS: dict[str, tuple[float, ...]] = {
    "RMI": (2.737, 2.358, 0.969, 44.844, 0.0, 1.231),
    "PGM": (7.388, 0.0, 4.475, 32.941, 0.0, 1.485),
    "PGM near": (6.333, 2.577, 3.48, 0.0, 1.332, 0.025),
    "RadixSpline": (8.354, 0.0, 4.17, 24.629, 2.489, 0.58),
    "BTree": (4.813, 4.652, 0.362, 0.0, 0.0, 0.0),
    "BTree8": (3.415, 3.517, 0.524, 0.0, 0.0, 0.0),
    "none": (8.826, 10.754, 0.0, 0.0, 0.0, 0.0),
}
NEAR_CACHE, CACHE = 2**14, 2**22  # bytes from which a model's, the keys' size is felt
TABLE = 1.0  # a direct table's nanoseconds: nothing is faster


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted of a model over some keys."""

    kind: str
    key_bytes: int
    nbytes: int
    misses: float  # share of first windows that do not hold the answer
    log_error: float  # mean of log2(1 + |prediction - answer|)

    def nanoseconds(self) -> float:
        """Return what a lookup in a large batch out of order takes, about."""
        if self.kind == "DirectTable":
            return TABLE
        return sum(c * term for c, term in zip(COSTS[self.kind], self.terms(), strict=True))

    def terms(self) -> tuple[float, ...]:
        """Return what a time is a sum of, each with a coefficient."""
        reach = math.log2(1 + self.key_bytes / CACHE)
        size = math.log2(1 + self.nbytes / NEAR_CACHE)
        steps = self.misses * self.log_error
        return 1.0, reach, size, self.misses, steps, steps * reach


def facts(model: Any, keys: Keys, queries: Array, truth: Array) -> Facts:
    """Count a fitted model's misses on queries, of which `truth` are the positions. O(queries)."""
    kind = _kind(model, keys)
    nbytes = 0 if model is None else int(model.nbytes_)
    if model is None or isinstance(model, (BTree, DirectTable)):
        return Facts(kind, keys.array.nbytes, nbytes, 0.0, 0.0)
    inside = first_window_holds(model, keys, queries, truth)
    errors = np.abs(model.predict(queries) - truth)
    misses, log_error = 1 - float(inside.mean()), float(np.log2(1 + errors).mean())
    return Facts(kind, keys.array.nbytes, nbytes, misses, log_error)


def _kind(model: Any, keys: Keys) -> str:
    """Return which coefficients a model has."""
    if isinstance(model, BTree) and model.node == 8:
        return "BTree8"
    if isinstance(model, PGM) and model.epsilon * keys.array.dtype.itemsize <= 2 * LINE_BYTES:
        return "PGM near"  # it fetches all lines that an answer may be in
    return "none" if model is None else type(model).__name__
