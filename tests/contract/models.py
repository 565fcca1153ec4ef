"""Every model that an index can be made with: a name and a function from keys to `model=`."""

from collections.abc import Callable
from itertools import product
from typing import Any

import learnedidx as lx
from learnedidx.models import DirectTable
from tests.contract.key_sets import Array

Recipe = Callable[[Array], Any]

ROOTS = ("linear", "cubic", "radix", "histogram")
LEAVES = ("linear", "interpolate")
NAMED = ("auto", "rmi", "pgm", "radix_spline", "btree", "none")


def named(name: str) -> Recipe:
    return lambda keys: name


def rmi(**settings: Any) -> Recipe:
    return lambda keys: lx.RMI(**settings)


def fitted_rmi(**settings: Any) -> Recipe:
    return lambda keys: lx.RMI(**settings).fit(keys)


def pgm(epsilon: int) -> Recipe:
    return lambda keys: lx.PGM(epsilon=epsilon)


def radix_spline(**settings: Any) -> Recipe:
    return lambda keys: lx.RadixSpline(**settings)


def btree(node: int) -> Recipe:
    return lambda keys: lx.BTree(node=node)


MODELS: dict[str, Recipe] = {
    **{name: named(name) for name in NAMED},
    **{
        f"rmi {root} {leaf}": rmi(root=root, leaf=leaf, n_leaves=64)
        for root, leaf in product(ROOTS, LEAVES)
    },
    "rmi one leaf": rmi(n_leaves=1),
    "rmi three stages": rmi(n_leaves=(16, 256)),
    "rmi three stages linear": rmi(root="linear", leaf="linear", n_leaves=(16, 256)),
    "rmi fitted": fitted_rmi(n_leaves=32),
    "rmi fitted linear": fitted_rmi(root="radix", leaf="linear", n_leaves=512),
    "pgm 1": pgm(1),
    "pgm 4": pgm(4),
    "pgm 12": pgm(12),
    "pgm fitted": lambda keys: lx.PGM(epsilon=20).fit(keys),
    "radix_spline 1": radix_spline(epsilon=1),
    "radix_spline 4 bits": radix_spline(epsilon=8, radix_bits=4),
    "radix_spline fitted": lambda keys: lx.RadixSpline(epsilon=5).fit(keys),
    "btree 8": btree(8),
    "btree 16": btree(16),
    "btree fitted": lambda keys: lx.BTree(node=16).fit(keys),
}

MODELS.update(
    {
        f"{name} opened": MODELS[name]
        for name in ("rmi", "rmi three stages linear", "pgm 1", "pgm", "radix_spline", "btree 8")
    }
)
"""Saved and opened again: their arrays are guarded."""

BORROWING = [name for name in MODELS if not name.endswith(" opened")]
"""Over the very keys that were given, not over those in a file."""

NARROW: dict[str, Recipe] = {
    "direct": lambda keys: DirectTable(),
    "direct fitted": lambda keys: DirectTable().fit(keys),
    "direct opened": lambda keys: DirectTable(),
}
"""For the dtypes that have at most 2**16 values."""

GROWN: dict[str, tuple[str, int]] = {
    f"{name} grown in {steps}": (name, steps)
    for name in (
        "rmi",
        "rmi three stages linear",
        "rmi opened",
        "pgm 12",
        "radix_spline",
        "btree 8",
    )
    for steps in (1, 3)
}
GROWN.update({f"direct grown in {steps}": ("direct", steps) for steps in (1, 3)})
"""Models of each kind over the first keys, extended to all of them in one or three steps."""

FEW = ("rmi", "btree", "rmi cubic linear")
"""Enough where the border is tested and not the model: layouts of arrays, units of time."""


def build(keys: Array, model: str) -> lx.LearnedIndex:
    """Return an index over keys with the model of that name."""
    if model in GROWN:
        name, steps = GROWN[model]
        n = keys.size
        return grown(keys, name, (2 * n // 3,) if steps == 1 else (n // 2, n // 2 + 1, n - n // 8))
    index = lx.LearnedIndex(keys, {**MODELS, **NARROW}[model](keys))
    return lx.open(index.save(bytes)) if model.endswith(" opened") else index


def grown(keys: Array, model: str, cuts: tuple[int, ...]) -> lx.LearnedIndex:
    """Return an index over all keys that was extended from the first cut on, cut by cut.

    Every other step moves the keys to other memory.
    """
    index = build(keys[: cuts[0]], model)
    for step, cut in enumerate([*cuts[1:], keys.size]):
        index = index.extended(keys[:cut] if step % 2 else keys[:cut].copy())
    return index
