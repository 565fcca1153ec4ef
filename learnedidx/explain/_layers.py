"""An index over strings, layer by layer: what its lookups touch, and whether it is what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.scalars import EXACT
from learnedidx.explain import _statistics as statistics

if TYPE_CHECKING:
    from learnedidx._state import State
    from learnedidx.index import LearnedIndex

SAMPLE = 4096  # keys, and as many near misses
SEGMENT = np.dtype(
    [(name, "u4") for name in ("begin", "end", "first", "last", "depth", "parent")]
    + [("before", "u8")]
)


def segments_of(state: State) -> list[NDArray[Any]]:
    """Return the segments of each layer: their keys, their entries, how many bytes they share."""
    layers = state.layers
    if layers is None:
        return []
    found = [parts[3].view(SEGMENT) for parts in layers.core.arrays]
    return [_in_keys(segments, layers.core.spacing_bits, state.n) for segments in found]


def _in_keys(segments: NDArray[Any], spacing_bits: int, n: int) -> NDArray[Any]:
    """Return segments of keys, where they count one of some keys alone."""
    if spacing_bits == 0:
        return segments
    scaled = segments.copy()
    for name in ("begin", "end"):
        scaled[name] = np.minimum(segments[name].astype(np.int64) << spacing_bits, n)
    return scaled


def depths_of(state: State, steps: Any) -> tuple[int, ...]:
    """Return how many first bytes the keys of each segment share that a lookup went through."""
    segments = segments_of(state)
    entered = [(step.at, step.low) for step in steps if step.kind == "layer"]
    return tuple(
        int(segments[at]["depth"][np.searchsorted(segments[at]["begin"], begin)])
        for at, begin in entered
    )


def layer_stats(index: LearnedIndex) -> dict[str, Any]:
    """Return what the layers hold, and what lookups of keys and of near misses cost in them."""
    column = index._state.checked.array
    at = np.linspace(0, max(column.size - 1, 0), min(column.size, SAMPLE)).astype(np.intp)
    keys = [raw_of(key) for key in column.with_items(None).take(at)]
    counts = {"keys": traced(index, keys), "near_misses": traced(index, [_near(k) for k in keys])}
    found: dict[str, Any] = {"layers": _layers(index._state), "sampled": int(at.size)}
    layers: Any = index._state.layers
    found["keys_in_layers"] = -(-column.size >> layers.core.spacing_bits)
    found["lookups"] = {
        name: {what: statistics.spread(rows[:, i]) for i, what in enumerate(COUNTED)}
        for name, rows in counts.items()
    }
    retries, models, of_keys = np.concatenate(list(counts.values()))[:, 3:].T
    total = models + of_keys
    found["cache_lines"] = {
        "model": statistics.spread(models),
        "keys": statistics.spread(of_keys),
        "total": statistics.spread(total),
        "mean": float(total.mean()) if at.size else 0.0,
        "histogram": statistics.histogram(total),
    }
    found["retries"] = {}
    if at.size:
        share, mean = float(np.mean(retries > 0)), float(retries.mean())
        found["retries"] = {"share": share, "mean": mean, "worst": float(retries.max())}
        found["duplicates"] = float(np.mean(index.searchsorted(column.take(at)) != at))
    return found


def _layers(state: State) -> list[dict[str, Any]]:
    """Return what is in each layer."""
    layers: Any = state.layers
    found = zip(layers.parts, segments_of(state), layer_shares(state), strict=True)
    return [_layer(part, segments, share) for part, segments, (_, share) in found]


COUNTED = ("layers", "ties", "compared", "retries", "model_lines", "key_lines")


def layer_shares(state: State) -> list[tuple[int, float]]:
    """Return for each layer the number of segments, and the share of keys that lie in them."""
    return [
        (
            segments.size,
            float((segments["end"].astype(np.int64) - segments["begin"]).sum()) / state.n,
        )
        for segments in segments_of(state)
    ]


def _layer(part: Any, segments: NDArray[Any], share: float) -> dict[str, Any]:
    depths = segments["depth"]
    return {
        "segments": int(segments.size),
        "entries": len(part),
        "share": share,
        "shared_bytes": (int(depths.min()), int(depths.max())),
        "model": "none" if part._state.model is None else repr(part._state.model),
        "bytes": int(part.keys.nbytes + part.nbytes + segments.nbytes),
    }


def raw_of(key: str | bytes) -> bytes:
    """Return the bytes of a string."""
    return key.encode() if isinstance(key, str) else key


def _near(raw: bytes) -> bytes:
    """Return a string that differs from a key in the last bit."""
    return raw[:-1] + bytes([raw[-1] ^ 1]) if raw else b"\0"


def traced(index: LearnedIndex, strings: list[bytes]) -> NDArray[np.int64]:
    """Return a row of what was counted in the lookup of each string."""
    names = _core.trace_columns
    wanted = [names.index(name) for name in COUNTED[3:]]
    rows = np.zeros((len(strings), len(COUNTED)), np.int64)
    for row, raw in zip(rows, strings, strict=True):
        counts, steps = _core.trace(index, _core.Column.of_list([raw], "v", "bytes"), EXACT, False)
        kinds = [step[0] for step in steps]
        compared = sum(step[4] for step in steps if step[0] == "tie")
        row[:] = kinds.count("layer"), kinds.count("tie"), compared, *counts[wanted]
    return rows


def verify_layers(state: State) -> None:
    """Build the layers again and compare them with what there is; check the models of each."""
    layers: Any = state.layers
    again = _core.Layers(state.checked.array, layers.core.spacing_bits).arrays
    there = layers.core.arrays
    same = len(again) == len(there) and all(
        new[0] == old[0] and all(_equal(a, b) for a, b in zip(new[1:], old[1:], strict=True))
        for new, old in zip(again, there, strict=True)
    )
    if not same:
        raise ValueError("layers: they are not those of the keys; build a new index")
    for number, part in enumerate(layers.parts):
        own = part._state
        if own.model is not None and not own.model._agrees(own.checked):
            raise ValueError(
                f"model: the bounds of layer {number + 1} are not those of its entries; "
                "build a new index"
            )


def _equal(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.array_equal(a.view(np.uint8), b.view(np.uint8)))
