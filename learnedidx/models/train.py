"""Training of an RMI: the decisions. The passes over all keys are made by the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnedidx import _core
from learnedidx._formats.keys import Keys
from learnedidx.models import roots
from learnedidx.models.estimator import whole
from learnedidx.models.pieces import crowded, cut

Floats = NDArray[np.float64]

SAMPLE = 100_000  # most keys that a root is fitted on
KEYS_A_LEAF = 32  # 64 beyond 30 million: the leaves should stay in the cache
MANY_KEYS = 30_000_000
ROOT_BITS = 12  # 4096 bins: the knots take half of an L1 cache
MAX_MODELS = 2**20  # of a stage, or so many for each key: more leaves than keys help nobody
MAX_MODELS_A_KEY = 4
FEWEST_BINS = 64  # the last bin, filled in part, may cost one bin of leaves
UNEVEN = 1.02  # how much fuller than its joined bin the average key's bin may be
MAX_CROWDED = 8  # how many times fuller than all bins the average key's may be
EQUALISERS = (
    3  # most stages that spread skewed keys; each divides crowded bins by 4096, or helps little
)


@dataclass(slots=True)
class Training:
    """A fitted core model and what is needed to fit it again to other keys."""

    core: _core.Rmi
    dtype: np.dtype[Any]
    domain: tuple[Any, Any]
    distillation_error: float
    numbers: int

    def __getstate__(self) -> dict[str, Any]:
        core = self.core
        return {
            "dtype": self.dtype,
            "domain": self.domain,
            "root_bits": core.root_bits,
            "pieces": core.pieces,
            "stages": [np.array(knots) for knots in core.stages],
            "models": list(core.models),
            "leaf_positions": np.array(core.leaf_positions),
            "lines": None if core.lines is None else np.array(core.lines),
            "errors": (core.over, core.under),
            "numbers": self.numbers,
            "distillation_error": self.distillation_error,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.dtype, self.domain = state["dtype"], state["domain"]
        self.distillation_error = state["distillation_error"]
        self.numbers = state["numbers"]
        empty = np.empty(0, self.dtype)
        self.core = _core.Rmi(empty, 0, *self.domain, state["root_bits"])
        self.core.cut_root(state["pieces"])
        for knots, models in zip(state["stages"], state["models"], strict=True):
            self.core.add_stage(knots, models)
        self.core.restore_leaves(state["leaf_positions"], state["lines"], *state["errors"])


def train(params: Any, keys: Keys, sample_weight: Any) -> Training:
    """Fit the stages of an RMI, root first, then its leaves."""
    sizes = stage_sizes(params.n_leaves, keys.numbers)
    if params.leaf not in ("interpolate", "linear"):
        raise ValueError(f"leaf: must be 'interpolate' or 'linear', got {params.leaf!r}")
    weights = _checked_weights(sample_weight, keys)
    native = isinstance(params.root, str) and params.root == "histogram"
    core = _begun(keys)
    error = 0.0
    if native:
        core.cut_root(cut(core, keys))
    if native and len(sizes) == 1:
        _add_histogram(core, sizes[0], weights)
    else:
        error = _add_root(core, params.root, keys, sizes[0], weights)
        for models in sizes[1:]:
            _add_stage(core, models, weights)
    core.fit_leaves(params.leaf == "linear", weights, keys.threads)
    return Training(core, keys.array.dtype, keys.domain(), error, keys.numbers)


def _begun(keys: Keys) -> _core.Rmi:
    """Return a core model without stages."""
    return _core.Rmi(keys.array, keys.numbers, *keys.domain(), root_bits(keys.numbers))


def is_crowded(keys: Keys) -> bool:
    """Tell whether a root with equal bins is too coarse, so that it may be cut into pieces."""
    return crowded(_begun(keys), keys)


def is_skewed(keys: Keys) -> bool:
    """Tell whether the bins of a root in one piece are so uneven that it takes another stage."""
    return _crowding(borders(_begun(keys), in_root=True)) > MAX_CROWDED


def refit(training: Training, lines: NDArray[np.float32] | None, keys: Keys) -> Training:
    """Keep the stages and lines of a model that may come from anywhere; measure the rest anew."""
    first, last = training.domain
    if training.dtype != keys.array.dtype:
        first, last = keys.family.domain_like(training.domain)
    old = training.core
    core = _core.Rmi(keys.array, keys.numbers, first, last, old.root_bits)
    core.cut_root(old.pieces)
    for knots, models in zip(old.stages, old.models, strict=True):
        core.add_stage(knots, models)
    core.fit_leaves(False if lines is None else lines, None, keys.threads)
    error = training.distillation_error
    return Training(core, keys.array.dtype, (first, last), error, keys.numbers)


def stage_sizes(n_leaves: Any, numbers: int) -> list[int]:
    """Return the models of every stage after the root, the leaves last."""
    if n_leaves is None:
        keys_a_leaf = KEYS_A_LEAF if numbers <= MANY_KEYS else 2 * KEYS_A_LEAF
        return [max(1, numbers // keys_a_leaf)]
    listed = n_leaves if isinstance(n_leaves, (list, tuple, np.ndarray)) else [n_leaves]
    sizes = [whole("n_leaves", size, "an int or a sequence of ints") for size in listed]
    if not sizes or len(sizes) > 8 or min(sizes) < 1 or max(sizes) > 2**31:
        raise ValueError(f"n_leaves: must be one to eight numbers in [1, 2**31], got {sizes}")
    most = max(MAX_MODELS, MAX_MODELS_A_KEY * numbers)
    if max(sizes) > most:
        raise ValueError(
            f"n_leaves: {max(sizes)} models for {numbers} keys would take memory and nothing else; "
            f"at most {most}"
        )
    return sizes


def _checked_weights(sample_weight: Any, keys: Keys) -> Floats | None:
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(f"sample_weight: must be one number for each key ({error})") from None
    if weights.shape != keys.array.shape:
        raise ValueError(
            f"sample_weight: shape {weights.shape}; must be that of keys, {keys.array.shape}"
        )
    total = float(weights.sum())
    if not np.isfinite(total) or (weights.size and float(weights.min()) < 0):
        raise ValueError("sample_weight: must be finite and not negative")
    if total == 0:
        return None
    return np.ascontiguousarray(weights)


class _Sample:
    """Evenly spaced keys for a root to learn from, with their fractions and weights."""

    def __init__(self, keys: Keys, weights: Floats | None) -> None:
        n = keys.numbers
        self.at = (
            np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.intp) if n else np.zeros(0, np.intp)
        )
        self.keys = keys.native[self.at]
        self.fractions = _share_below(self.at, n, weights)

    def coordinates(self, core: _core.Rmi) -> Floats:
        return np.asarray(core.coordinates(self.keys)).astype(np.float64) / 2.0**64


def root_bits(numbers: int) -> int:
    """Return the bits of the root: a bin for 64 keys, up to ROOT_BITS."""
    return max(1, min(ROOT_BITS, int(np.log2(max(2, numbers // 64)))))


def _add_histogram(core: _core.Rmi, leaves: int, weights: Floats | None) -> None:
    """Add a histogram root; before the leaves, stages that divide crowded bins again."""
    bins = core.root_bins
    at = borders(core, in_root=True)
    crowded, before = _crowding(at), np.inf
    while crowded > MAX_CROWDED and crowded < 0.9 * before and len(core.models) < EQUALISERS:
        core.add_stage(_knots(core, at, bins, None), bins)
        at, before = borders(core), crowded
        crowded = _crowding(at)
    if weights is None and not core.models and not core.pieces.size:
        halvings = _needless(at)
        core.root_bits -= halvings
        at = at[:: 2**halvings]
    core.add_stage(_knots(core, at, leaves, weights), leaves)


def _needless(at: NDArray[np.int64]) -> int:
    """Return how often neighbouring bins of a root can be joined.

    They can while the average key's bin is hardly fuller than the joined one says, chance apart.
    """
    numbers = np.diff(at).astype(np.float64)
    chance = numbers.size / max(1, int(at[-1]))
    halvings = 0
    while numbers.size >> halvings > FEWEST_BINS:
        joined = numbers.reshape(-1, 2 << halvings)
        totals = joined.sum(axis=1)
        fuller = np.sum(np.sum(joined**2, axis=1) / np.maximum(totals, 1.0)) * joined.shape[1]
        if fuller > (UNEVEN + chance) * float(at[-1]):
            break
        halvings += 1
    return halvings


def _crowding(at: NDArray[np.int64]) -> float:
    """Return how many times fuller than the average bin the average key's bin is."""
    numbers = np.diff(at).astype(np.float64)
    return numbers.size * float(np.sum(numbers**2)) / max(1.0, float(numbers.sum())) ** 2


def _add_stage(core: _core.Rmi, models: int, weights: Floats | None, in_root: bool = False) -> None:
    """Add a stage that counts the keys, or their weight, below each model of the one before."""
    at = borders(core, in_root)
    core.add_stage(_knots(core, at, models, weights), models)


def _knots(
    core: _core.Rmi, at: NDArray[np.int64], models: int, weights: Floats | None
) -> NDArray[np.uint64]:
    """Return knots that give each model its share of the keys, or of their weight.

    The last key ends inside a bin. The bin's line leads on past it, so that it is right up to the
    key, and the key ends a model; what is left costs at most one bin's share of the models.
    """
    shares = _share_below(at, core.n, weights)
    last = core.last_point()
    bin_, filled = last >> 32, ((last & 0xFFFFFFFF) + 1) / 2**32
    if core.n and shares[bin_] < 1:
        most = 1.0 / (shares.size - 1)
        shares[bin_ + 1 :] += min((1.0 - shares[bin_]) * (1.0 / filled - 1.0), most)
        end = shares[bin_] + (shares[bin_ + 1] - shares[bin_]) * filled
        used = max(1.0, np.floor(models * (end / shares[-1])))
        shares *= used / (models * end)
    return _fixed(shares, models)


def borders(core: _core.Rmi, in_root: bool = False, first: int = 0) -> NDArray[np.int64]:
    """Return where the keys of each model of the last stage, or bin of the root, begin, and end."""
    inputs = core.root_bins if in_root else core.models[-1]
    targets = np.arange(first, inputs + 1, dtype=np.uint64) << np.uint64(32)
    at = np.asarray(core.first_at(targets, in_root))
    at[-1] = core.n
    return at


def _add_root(core: _core.Rmi, root: Any, keys: Keys, models: int, weights: Floats | None) -> float:
    """Compile the root to knots; return the largest error of the compiled form on the sample."""
    bins = 2**core.root_bits
    if isinstance(root, str) and root == "histogram":
        _add_stage(core, models, weights, in_root=True)
        return 0.0
    sample = _Sample(keys, weights)
    x = sample.coordinates(core)
    learned = _learned(root, x, sample)
    predicted, at = learned(x), np.arange(bins + 1) / bins
    smooth = roots.through_steps(learned, x, predicted)
    truth = np.clip(predicted, 0.0, 1.0)
    if not isinstance(root, str):
        roots.warn_of_falls(type(root).__name__, np.clip(predicted, 0.0, 1.0))
    error, values = _distilled(smooth, at, truth, x, at)
    if error * models > 1 and x.size:
        spread = np.interp(at, x, sample.fractions)  # the same knots, dense where the keys are
        spread[-1] = 1.0
        inside = np.maximum.accumulate(np.interp(at, spread, at))
        finer, finer_values = _distilled(smooth, inside, truth, np.interp(x, at, spread), at)
        if finer < error:
            core.add_stage(_fixed(spread, bins), bins)
            error, values = finer, finer_values
    core.add_stage(_fixed(values, models), models)
    return error


def _distilled(
    learned: roots.Root, knots: Floats, truth: Floats, x_in_knots: Floats, at: Floats
) -> tuple[float, Floats]:
    """Return the root's values at knots, made monotone, and their largest distance to the truth."""
    values = learned(knots)
    if not np.isfinite(values).all():
        raise ValueError("root: predicts NaN or infinity; scale its input or choose another root")
    values = roots.monotone(values)
    errors = np.abs(np.interp(x_in_knots, at, values) - truth)
    return float(errors.max()) if truth.size else 0.0, values


def _learned(root: Any, x: Floats, sample: _Sample) -> roots.Root:
    if isinstance(root, roots.CompiledRoot):
        raise ValueError(
            f"root: {root} was a regressor when this model was saved; the file keeps its compiled "
            f"form alone; to fit it again, set root to a regressor or to one of {roots.NATIVE}"
        )
    if isinstance(root, str):
        if root not in roots.FITTERS:
            raise ValueError(
                f"root: must be one of {roots.NATIVE} or a scikit-learn regressor, got {root!r}"
            )
        return roots.FITTERS[root](x, sample.fractions)
    if isinstance(root, type) or not (hasattr(root, "fit") and hasattr(root, "predict")):
        raise TypeError(
            f"root: must be one of {roots.NATIVE} or a scikit-learn regressor, "
            f"got {type(root).__name__}"
        )
    return roots.fit_regressor(root, x, sample.fractions)


def _share_below(at: NDArray[Any], n: int, weights: Floats | None) -> Floats:
    """Return which share of n keys, or of their weight, stands before ascending positions."""
    shares: Floats = at / max(n, 1)
    if weights is None or n == 0:
        return shares
    cuts = np.unique(np.concatenate([[0], at[at < n]]))
    before = np.concatenate([[0.0], np.cumsum(np.add.reduceat(weights[:n], cuts))])
    mass = before[np.searchsorted(cuts, at)] / max(float(before[-1]), 1e-300)
    # A tenth by number, so that keys nobody asked for yet have leaves too.
    return 0.9 * mass + 0.1 * shares


def _fixed(fractions: Floats, models: int) -> NDArray[np.uint64]:
    """Return fractions of `models` models as points: 32 bits of number, 32 of fraction."""
    return (np.clip(fractions, 0.0, 1.0) * (models * 2.0**32)).astype(np.uint64)
