"""What happened on the way: statistics of an index, the trace of a lookup, the check of it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats import queries, scalars
from learnedidx._formats.known import family_of
from learnedidx.explain import _statistics as statistics
from learnedidx.explain._layers import depths_of, layer_stats, verify_layers
from learnedidx.explain._statistics import Sample
from learnedidx.extend import drift
from learnedidx.models.choose import window_hits

if TYPE_CHECKING:
    from learnedidx._state import State
    from learnedidx.index import LearnedIndex

WORST = 5


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a lookup.

    ``kind`` is "stage", "table", "points", "segments", "node", "leaf" or "correction", steps of a
    model, or "window", "neighbour", "bisect", "look" or "gallop", looks at the keys. In an index
    over strings these steps are taken in a layer and [low, high) are entries of its column;
    "layer", which has a segment of keys, begins them, and "tie" compares keys. ``at`` is the number
    of the model, bin, segment, node, leaf or layer, -1 where there is none, and [low, high) what
    was looked at. ``reads`` counts items that were read one by one (0: all at once), ``lines`` the
    cache lines that no earlier step had touched.
    """

    kind: str
    at: int
    low: int
    high: int
    reads: int
    lines: int


@dataclass(frozen=True, slots=True)
class Trace:
    """One lookup, as the core made it. Positions and leaf are -1 where a step does not apply.

    ``retries`` counts looks at keys after the first window; ``model_lines`` and ``key_lines``
    cache lines of 64 bytes that were touched, each once. ``depths`` says for each layer of an index
    over strings how many first bytes the keys of its segment share; it is None over numbers. There
    leaf, prediction and window are those of the last layer that was searched.
    """

    query: Any
    side: str
    leaf: int
    predicted: int
    window: tuple[int, int]
    proven: bool
    answer: int
    retries: int
    gallop_reads: int
    model_lines: int
    key_lines: int
    steps: tuple[TraceStep, ...]
    depths: tuple[int, ...] | None = None

    def __str__(self) -> str:
        lines = [f"searchsorted({scalars.shown(self.query)}, side={self.side!r})"]
        level = 0
        for i, step in enumerate(self.steps):
            level = level + 1 if step.kind in _LEVELS else 0
            if self.depths is None:
                text = _TELL[step.kind](self, step, level)
            else:
                text = self._of_string(i, step, level)
            lines.append(f"  {text:<66}{_plural(step.lines, 'line')}")
        if len(self.steps) == _MOST_STEPS:
            lines.append("  more steps follow than are kept")
        if not self.steps:
            lines.append(f"  {_NO_STEP if self.depths is None else _NO_LAYER}")
        models, of_keys = "the model", "the keys"
        if self.depths is not None:
            models, of_keys = "layers and models", "entries and keys"
        lines.append(
            f"  answer: {self.answer}; {_plural(self.retries, 'look')} after the first, "
            f"{_plural(self.model_lines, 'cache line')} of {models}, {self.key_lines} of {of_keys}"
        )
        return "\n".join(line.rstrip() for line in lines)

    def _of_string(self, i: int, step: TraceStep, level: int) -> str:
        """Tell a step of a lookup in layers."""
        if step.kind == "layer":
            depth = (self.depths or ())[[one.kind for one in self.steps[:i]].count("layer")]
            behind = f", behind {_plural(depth, 'shared byte')}" if depth else ""
            return f"layer {step.at + 1}: segment keys[{step.low}:{step.high}]{behind}"
        if step.kind == "tie":
            if step.low == step.high:
                return f"a key at {step.low} shows where the string leaves the way"
            if step.high == step.low + 1:
                return f"tie: keys[{step.low}] is compared"
            return f"tie: {step.reads} of keys[{step.low}:{step.high}] are compared"
        if step.kind == "leaf":
            return f"  leaf {step.at}"
        if step.kind == "window":
            follows = self.steps[i + 1].kind if i + 1 < len(self.steps) else ""
            does = "does not hold" if follows in _AFTER_WINDOW else "proves"
            return f"  the count in entries[{step.low}:{step.high}] {does} the place"
        if step.kind == "bisect":
            return f"  binary search of entries[{step.low}:{step.high}] reads {step.reads} of them"
        return "  " + _TELL[step.kind](self, step, level).replace("keys[", "entries[")


_LEVELS = ("stage", "segments", "node")
_AFTER_WINDOW = ("neighbour", "bisect", "look", "gallop")
_MOST_STEPS = 72  # that the core keeps
_NO_STEP = "beyond all numbers of the dtype: nothing is read"
_NO_LAYER = "it differs in the bytes that all keys share, or there are none: no layer is searched"


def _plural(count: int, thing: str) -> str:
    return f"{count} {thing}" + "s" * (count != 1)


def _of_leaf(trace: Trace, step: TraceStep, level: int) -> str:
    if trace.predicted < 0:
        return f"the tree leads to leaf {step.at}"
    off = abs(trace.predicted - trace.answer)
    return f"leaf {step.at} predicts position {trace.predicted}, off by {off}"


def _of_table(trace: Trace, step: TraceStep, level: int) -> str:
    if trace.leaf < 0:
        return "a table holds the positions of all values: no key is read"
    return f"bin {step.at} of the radix table: points [{step.low}, {step.high})"


def _of_window(trace: Trace, step: TraceStep, level: int) -> str:
    how = "proves the answer" if trace.proven else "does not hold the answer"
    return f"the count in keys[{step.low}:{step.high}] {how}"


def _of_bisect(trace: Trace, step: TraceStep, level: int) -> str:
    if trace.leaf < 0:
        return f"binary search of keys[{step.low}:{step.high}] reads {step.reads} of them"
    return f"keys[{step.low}:{step.high}], as the model brackets it, are halved {step.reads} times"


_TELL: dict[str, Callable[[Trace, TraceStep, int], str]] = {
    "stage": lambda trace, step, level: f"stage {level}: model {step.at}",
    "table": _of_table,
    "points": lambda trace, step, level: f"{_plural(step.reads, 'point')} of these compared",
    "segments": lambda trace, step, level: (
        f"level {level}: segment {step.at}, counted in [{step.low}, {step.high})"
    ),
    "node": lambda trace, step, level: f"level {level}: node {step.at}",
    "leaf": _of_leaf,
    "correction": lambda trace, step, level: f"correction {step.at} moves that to {step.high}",
    "window": _of_window,
    "neighbour": lambda trace, step, level: f"next door: keys[{step.low}:{step.high}]",
    "bisect": _of_bisect,
    "look": lambda trace, step, level: f"what is left: keys[{step.low}:{step.high}]",
    "gallop": lambda trace, step, level: (
        f"gallop from {step.low} to {step.high}: {_plural(step.reads, 'key')} read"
    ),
}


def explain(index: LearnedIndex, v: Any, side: str) -> Trace:
    """Trace one scalar query."""
    right = queries.checked_side(side)
    if queries.is_array(v, index._state.checked.family):
        raise TypeError("v: explain takes one query, got an array; pass v[0]")
    value, fit = index._state.checked.family.fixed(v)
    counts, steps = _core.trace(index, value, fit, right)
    counted = dict(zip(_core.trace_columns, counts.tolist(), strict=True))
    window = (counted.pop("window_low"), counted.pop("window_high"))
    proven = bool(counted.pop("proven"))
    made = tuple(TraceStep(*step) for step in steps)
    depths = None if index._state.layers is None else depths_of(index._state, made)
    story: dict[str, Any] = {"window": window, "proven": proven, "steps": made, "depths": depths}
    return Trace(query=v, side=side, **story, **counted)


def stats(index: LearnedIndex) -> dict[str, Any]:
    """Measure an index on at most 100,000 evenly spaced keys. O(sample * log n), nothing is timed.

    The dict holds: sizes ("n", "dtype", "model", "kernels", "key_bytes", "index_bytes",
    "index_share"); drift, as ``extended`` explains it; "sampled", the number of keys looked up;

    - errors, the distances between predictions and positions: "max_error" of all keys,
      "mean_log2_error", "error_p50", "error_p90", "error_p99", "error_histogram";
    - "window_histogram" of the positions between the certified bounds of an answer;
    - "regions", 64 equal parts of the keys: "positions" and the p50, p90, p99 and worst "error"
      and "window" in each; "tail_fairness", (1 + p99) of the worst region over that of the median
      region; "worst_regions", the five with the largest mean errors;
    - "cache_lines" of 64 bytes that a lookup touches, of the "model", of the "keys" and in "total",
      and "retries" after first windows: both depend on where keys lie in memory;
    - "duplicates", the share of keys that equal the one before, "first_window_hits", the share of
      lookups that need no retry.

    Histograms count 0, 1, 2 to 3, 4 to 7, and so on. Without a model there are no errors, without
    keys nothing but sizes.

    An index over strings has sizes, "duplicates", "cache_lines" and "retries" too, without regions;
    in the place of errors and windows

    - "layers", for each the number of "segments" and of "entries", the "share" of keys that lie in
      it, the fewest and most "shared_bytes" of a segment's keys, the "model", and its "bytes";
    - "keys_in_layers", how many keys are in them: all, or an eighth with ``size="small"``; the hash
      table of ``size="large"`` is counted in "index_bytes" alone;
    - "lookups" of "keys", at most 4096, and of as many "near_misses", keys whose last bit is
      changed: the percentiles of "layers" that are searched, of "ties", of keys that are "compared"
      in these, of "retries", "model_lines" and "key_lines". The cache lines of the keys are those
      of entries and of the bytes that are compared.
    """
    state = index._state
    found: dict[str, Any] = _sizes(state)
    if state.layers is not None:
        return found | layer_stats(index)
    if state.keyless is not None:
        return found  # sizes are all that is known
    sample = statistics.sample_of(index)
    found["sampled"] = int(sample.at.size)
    found["window_histogram"] = statistics.histogram(sample.windows)
    found["error_histogram"] = []
    found["regions"], found["tail_fairness"] = _regions(sample)
    found["cache_lines"] = _cache_lines(sample)
    found["retries"] = _retries(sample)
    if sample.at.size == 0:
        return found
    found["duplicates"] = float(np.mean(sample.truth != sample.at))
    model, errors = state.model, sample.errors
    if model is None or errors is None:
        return found
    found["max_error"] = int(model.max_error_)
    found["mean_log2_error"] = float(np.mean(np.log2(1 + errors)))
    found["error_histogram"] = statistics.histogram(errors)
    for share in statistics.SHARES:
        found[f"error_p{share}"] = float(np.percentile(errors, share))
    found["first_window_hits"] = window_hits(model, state.checked)
    found["worst_regions"] = _worst_regions(sample, errors)
    return found


def _sizes(state: State) -> dict[str, Any]:
    """Return what is known without looking at keys."""
    dtype, array = state.checked.dtype, state.checked.array
    key_bytes = array.nbytes if state.layers is not None else state.n * dtype.itemsize
    return {
        "n": state.n,
        "dtype": str(dtype),
        "model": "none" if state.model is None else repr(state.model),
        "kernels": _core.kernels.active(),
        "key_bytes": key_bytes,
        "index_bytes": state.nbytes,
        "index_share": state.nbytes / key_bytes if key_bytes else 0.0,
        "sampled": 0,
        **drift(state),
    }


def _regions(sample: Sample) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return errors and windows in each of 64 parts of the keys, and how alike the parts are."""
    spreads = {"window": statistics.by_region(sample.windows)}
    if sample.errors is not None:
        spreads["error"] = statistics.by_region(sample.errors)
    regions: list[dict[str, Any]] = [
        {"positions": positions, **{name: parts[i] for name, parts in spreads.items()}}
        for i, positions in enumerate(statistics.positions_of(sample))
    ]
    return regions, {name: statistics.tail_fairness(parts) for name, parts in spreads.items()}


def _cache_lines(sample: Sample) -> dict[str, Any]:
    """Return how many cache lines lookups touch: they are counted, not timed."""
    regions = statistics.by_region(sample.lines)
    return {
        "model": statistics.spread(sample.column("model_lines")),
        "keys": statistics.spread(sample.column("key_lines")),
        "total": statistics.spread(sample.lines),
        "mean": float(sample.lines.mean()) if sample.at.size else 0.0,
        "histogram": statistics.histogram(sample.lines),
        "regions": regions,
        "tail_fairness": statistics.tail_fairness(regions),
    }


def _retries(sample: Sample) -> dict[str, float]:
    """Return how often lookups look again after their first window, and how far they gallop."""
    if sample.at.size == 0:
        return {}
    retries = sample.column("retries")
    return {
        "share": float(np.mean(retries > 0)),
        "mean": float(retries.mean()),
        "worst": float(retries.max()),
        "gallops": float(np.mean(sample.column("gallop_reads") > 0)),
    }


def _worst_regions(sample: Sample, errors: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return the parts of the keys, of 64, whose mean errors are largest."""
    parts = statistics.regions_of(sample.at.size)
    means = [float(errors[part].mean()) for part in parts]
    worst = sorted(range(len(parts)), key=lambda i: -means[i])[:WORST]
    at, keys, plain = sample.at, sample.keys, family_of(sample.keys.dtype).plain
    return [
        {
            "positions": (int(at[parts[i].start]), int(at[parts[i].stop - 1]) + 1),
            "keys": (plain(keys[parts[i].start]), plain(keys[parts[i].stop - 1])),
            "mean_error": means[i],
        }
        for i in worst
    ]


def verify(index: LearnedIndex) -> None:
    """Raise ValueError unless keys and model are what they were when the index was built."""
    state, checked = index._state, index._state.checked
    fingerprint: int | None
    if state.layers is None:
        numbers, bad, fingerprint = _core.check_sorted(checked.array)
    else:
        numbers, (bad, fingerprint) = checked.numbers, _core.check_strings(checked.array)
    if bad >= 0:
        raise ValueError(
            f"keys: changed since the index was built: position {bad} is out of order; "
            "sort them and build a new index"
        )
    if state.stored is not None and checked.fingerprint is None:
        state.stored.verified(checked.array)  # its checksums are the fingerprint
        fingerprint = None
    if fingerprint != checked.fingerprint or numbers != checked.numbers:
        raise ValueError(
            "keys: changed since the index was built (the fingerprint differs); build a new index"
        )
    if state.layers is not None:
        verify_layers(state)
    elif state.model is not None and not state.model._agrees(checked):
        raise ValueError("model: its bounds are not those of the keys; build a new index")
