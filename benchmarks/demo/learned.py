"""The panels of the model: the CDF with its leaves, and the error."""

import itertools
from typing import Any

import numpy as np

from benchmarks.contenders import Array
from benchmarks.contenders.contender import load
from benchmarks.demo.look import BLUE, INK, ORANGE, as_floats, title
from benchmarks.demo.story import Picture

DOTS = 4_000  # of the error panel: more would only hide each other
RUG = 300  # strokes for the borders of leaves
ZOOM_LEAVES = 4
KEYS_PREDICTED = 2_000_000  # beyond so many keys, the errors shown are those of a part of them


def cdf(axes: Any, picture: Picture) -> None:
    """Draw keys against positions, borders of leaves beneath, and a few leaves close up."""
    keys = picture.keyset.keys
    shown = np.linspace(0, len(keys) - 1, min(len(keys), 20_000)).astype(np.int64)
    axes.plot(as_floats(keys[shown]), shown / len(keys), color=INK, lw=2)
    borders = _leaf_borders(picture)
    every = max(len(borders) // RUG, 1)
    some = as_floats(keys[borders[::every]])
    axes.plot(some, np.full(len(some), -0.05), "|", color=BLUE, ms=11, mew=0.9)
    title(
        axes,
        "What is learned: the CDF, from a key to its position",
        "blue strokes: where leaves begin" + (f", 1 in {every} drawn" if every > 1 else ""),
    )
    axes.set(xlabel="key", ylabel="part of the keys ≤ x", ylim=(-0.1, 1.04))
    half_way = as_floats(keys[[0, -1]]).mean()
    at_half_way = np.searchsorted(as_floats(keys[shown]), half_way) / len(shown)
    corner = (0.05, 0.50) if at_half_way < 0.5 else (0.57, 0.18)  # where the curve does not pass
    _zoom(axes.inset_axes([*corner, 0.40, 0.42]), picture, borders)


def _zoom(axes: Any, picture: Picture, borders: Array) -> None:
    """Draw a few neighbouring leaves through the keys that they stand for."""
    keys = picture.keyset.keys
    first = max((len(borders) - ZOOM_LEAVES) // 2, 0)
    edges = borders[first : first + ZOOM_LEAVES + 1]
    positions = np.arange(edges[0], edges[-1] + 1)
    origin = keys[edges[0]]
    dots = _after(origin, keys[positions])
    axes.plot(dots, positions, ".", color=INK, ms=4, mew=0, zorder=3)
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        inside = keys[start : stop + 1]
        predicted = picture.index.model.predict(inside)
        axes.plot(_after(origin, inside), predicted, color=(BLUE, ORANGE)[i % 2], lw=4, alpha=0.75)
    axes.set_title(
        f"{len(edges) - 1} leaves and their {len(positions) - 1} keys",
        fontsize=9.5,
        color=INK,
        pad=4,
    )
    axes.tick_params(labelbottom=False, labelleft=False, length=0)
    axes.set_facecolor("#fafafa")


def _after(origin: Any, keys: Array) -> Array:
    """Subtract before going to floats, which near 2**63 cannot tell neighbours apart."""
    return as_floats(keys ^ origin if keys.dtype.kind == "b" else keys - origin)


def error(axes: Any, picture: Picture) -> None:
    """Draw how far the prediction is from the position, for keys spread over all positions."""
    keys = picture.keyset.keys
    shown = np.linspace(0, len(keys) - 1, min(len(keys), KEYS_PREDICTED)).astype(np.int64)
    shown = np.searchsorted(keys, keys[shown])  # the position of the first of equal keys
    off = picture.index.model.predict(keys[shown]) - shown
    every = max(len(shown) // DOTS, 1)
    dots = as_floats(keys[shown[::every]])
    axes.plot(dots, off[::every], ".", color=BLUE, ms=4, mew=0, alpha=0.3)
    axes.axhline(0, color=INK, lw=1)
    half, most = np.quantile(np.abs(off), [0.5, 0.99])
    all_seen = len(shown) == len(keys)
    last = float(np.abs(off).max() if all_seen else picture.index.model.max_error_)
    title(
        axes,
        "How wrong it is: a short search ends every lookup",
        f"positions off: half of the keys at most {_rounded(half)}, 99 % at most {most:,.0f}, "
        f"all at most {last:,.0f}",
    )
    # Linear where nearly all keys are, logarithmic for the rest, so that outliers are seen too.
    axes.set_yscale("symlog", linthresh=max(float(most), 1.0), linscale=2)
    marks = [mark for mark in (most, last) if mark == last or mark < last * 0.7]
    axes.set_yticks([*(-mark for mark in reversed(marks)), 0, *marks], minor=False)
    axes.yaxis.set_minor_locator(load("matplotlib.ticker").NullLocator())
    axes.yaxis.set_major_formatter(load("matplotlib.ticker").FuncFormatter(_signed))
    axes.set_ylim(-1.2 * max(last, 1), 1.2 * max(last, 1))
    axes.set(xlabel="key", ylabel="prediction minus position")


def _signed(error: float, _: object = None) -> str:
    return f"{error:+,.0f}" if error else "0"


def _rounded(error: float) -> str:
    return f"{error:,.0f}" if error >= 10 else f"{error:.1f}".removesuffix(".0")


def _leaf_borders(picture: Picture) -> Array:
    """Give the position of the first key of every leaf."""
    borders = np.asarray(picture.index.model.leaf_positions_).astype(np.int64)
    return np.unique(np.clip(borders, 0, len(picture.keyset.keys) - 1))
