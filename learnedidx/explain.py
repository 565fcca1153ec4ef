"""What happened on the way: statistics of an index, the trace of a lookup, the check of it all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from learnedidx import _core, queries, scalars
from learnedidx.extend import drift
from learnedidx.keys import Array
from learnedidx.models.choose import window_hits

if TYPE_CHECKING:
    from learnedidx.index import LearnedIndex

SAMPLE = 100_000
REGIONS = 64
WORST = 5


@dataclass(frozen=True, slots=True)
class Trace:
    """One lookup, as the core made it. Positions and leaf are -1 where a step does not apply."""

    query: Any
    side: str
    leaf: int
    predicted: int
    window: tuple[int, int]
    proven: bool
    answer: int

    def __str__(self) -> str:
        lines = [f"searchsorted({scalars.shown(self.query)}, side={self.side!r})"]
        looked_up = self.predicted >= 0 and self.leaf < 0
        if looked_up:
            lines.append("  a table holds the positions of all values: no key is read")
        elif self.predicted >= 0:
            lines.append(
                f"  leaf {self.leaf} predicts position {self.predicted}, "
                f"off by {abs(self.predicted - self.answer)}"
            )
        elif self.leaf >= 0:
            lines.append(f"  the tree leads to leaf {self.leaf}")
        low, high = self.window
        how = (
            "proves the answer" if self.proven else "does not hold the answer: search on from there"
        )
        if not looked_up:
            lines.append(f"  the count in keys[{low}:{high}] {how}")
        lines.append(f"  answer: {self.answer}")
        return "\n".join(lines)


def explain(index: LearnedIndex, v: Any, side: str) -> Trace:
    """Trace one scalar query."""
    right = queries.checked_side(side)
    if queries.is_array(v):
        raise TypeError("v: explain takes one query, got an array; pass v[0]")
    value, fit = scalars.fixed(v, index.keys.dtype)
    leaf, predicted, low, high, proven, answer = _core.trace(index, value, fit, right)
    return Trace(v, side, leaf, predicted, (low, high), proven, answer)


def stats(index: LearnedIndex) -> dict[str, Any]:
    """Measure an index on evenly spaced keys."""
    keys = index.keys
    found: dict[str, Any] = {
        "n": len(index),
        "dtype": str(keys.dtype),
        "model": "none" if index._model is None else repr(index._model),
        "kernels": _core.kernels.active(),
        "key_bytes": int(keys.nbytes),
        "index_bytes": index.nbytes,
        "index_share": index.nbytes / keys.nbytes if keys.nbytes else 0.0,
        **drift(index),
    }
    numbers = keys[: index._checked.numbers]
    if numbers.size == 0:
        return found
    at = np.linspace(0, numbers.size - 1, min(numbers.size, SAMPLE)).astype(np.intp)
    sample = numbers[at]
    truth = np.asarray(index.searchsorted(sample))
    found["duplicates"] = float(np.mean(truth != at))
    if index._model is None:
        return found
    model = index._model
    errors = np.abs(model.predict(sample) - truth)
    found["max_error"] = int(index._model.max_error_)
    found["mean_log2_error"] = float(np.mean(np.log2(1 + errors)))
    for share in (50, 90, 99):
        found[f"error_p{share}"] = float(np.percentile(errors, share))
    found["first_window_hits"] = window_hits(index._model, index._checked)
    found["worst_regions"] = _worst_regions(sample, at, errors)
    return found


def _worst_regions(sample: Array, at: Array, errors: Array) -> list[dict[str, Any]]:
    """Return the parts of the keys, of 64, whose mean errors are largest."""
    parts = [part for part in np.array_split(np.arange(at.size), REGIONS) if part.size]
    means = [float(errors[part].mean()) for part in parts]
    worst = sorted(range(len(parts)), key=lambda i: -means[i])[:WORST]
    return [
        {
            "positions": (int(at[parts[i][0]]), int(at[parts[i][-1]]) + 1),
            "keys": (sample[parts[i][0]], sample[parts[i][-1]]),
            "mean_error": means[i],
        }
        for i in worst
    ]


def verify(index: LearnedIndex) -> None:
    """Raise ValueError unless keys and model are what they were when the index was built."""
    checked = index._checked
    fingerprint: int | None
    numbers, bad, fingerprint = _core.check_sorted(checked.array)
    if bad >= 0:
        raise ValueError(
            f"keys: changed since the index was built: position {bad} is out of order; "
            "sort them and build a new index"
        )
    if index._stored is not None and checked.fingerprint is None:
        index._stored.verified(checked.array)  # its checksums are the fingerprint
        fingerprint = None
    if fingerprint != checked.fingerprint or numbers != checked.numbers:
        raise ValueError(
            "keys: changed since the index was built (the fingerprint differs); build a new index"
        )
    if index._model is not None and not index._model._agrees(checked):
        raise ValueError("model: its bounds are not those of the keys; build a new index")
