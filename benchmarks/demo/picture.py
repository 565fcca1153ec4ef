"""The picture of the demonstration: what was learned, how wrong it is, and what it gains."""

import itertools
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders import Array
from benchmarks.contenders.contender import load
from benchmarks.demo.story import Picture
from benchmarks.tables import nanoseconds_text

# Colours of Okabe and Ito, told apart with every kind of colour vision; width and marker differ
# too, so that a grey print can be read.
INK, GREY, SILVER = "#222222", "#6b6b6b", "#c4c4c4"
BLUE, GREEN, ORANGE = "#0072B2", "#009E73", "#E69F00"
RED, PURPLE, SKY = "#D55E00", "#CC79A7", "#56B4E9"
STYLES: dict[str, tuple[str, str, float]] = {
    "rmi": (BLUE, "o", 3.0),
    "btree16": (GREEN, "s", 2.0),
    "numpy": (RED, "^", 2.0),
    "absl": (ORANGE, "D", 2.0),
    "pygm": (PURPLE, "v", 1.4),
    "bisect": (GREY, "P", 1.4),
}
DOTS = 4_000  # of the error panel: more would only hide each other
RUG = 300  # strokes for the borders of leaves
ZOOM_LEAVES = 6
LABEL_HEIGHT = 0.062  # of the height of a panel
DPI = 130

# Left, bottom, width and height, in parts of the figure: set by hand, since the names beside
# curves and bars need more room than the axes know of.
PLACES: dict[str, tuple[float, float, float, float]] = {
    "cdf": (0.05, 0.545, 0.43, 0.32),
    "error": (0.05, 0.09, 0.43, 0.32),
    "growth": (0.545, 0.545, 0.265, 0.32),
    "race": (0.685, 0.09, 0.295, 0.32),
}
SETTINGS: dict[str, Any] = {
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": SILVER,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": "#e8e8e8",
    "axes.axisbelow": True,
}


def draw(picture: Picture, path: str) -> None:
    """Draw all panels into a PNG."""
    matplotlib = load("matplotlib")
    matplotlib.use("Agg")
    with matplotlib.rc_context(SETTINGS):
        figure = load("matplotlib.pyplot").figure(figsize=(15, 9.6))
        for panel, place in PLACES.items():
            PANELS[panel](figure.add_axes(place), picture)
        figure.text(0.03, 0.955, _headline(picture), fontsize=18, weight="bold")
        figure.text(0.03, 0.018, picture.machine, fontsize=8.5, color=GREY)
        figure.savefig(path, dpi=DPI)
        load("matplotlib.pyplot").close(figure)


def _headline(picture: Picture) -> str:
    share = picture.index.nbytes / picture.keyset.keys.nbytes
    return (
        f"learnedidx on {picture.keyset.name}: {len(picture.keyset.keys):,} keys, an RMI of "
        f"{picture.index.model.n_leaves_:,} leaves in {share:.1%} of the keys' memory"
    )


def _title(axes: Any, title: str, subtitle: str, *, left: float = 0.0) -> None:
    """Put a bold line and a plain one above a panel, `left` points to the left of its edge."""
    for text, height, look in (
        (title, 24, {"weight": "bold", "fontsize": 13}),
        (subtitle, 9, {"color": GREY, "fontsize": 10.5}),
    ):
        axes.annotate(
            text,
            (0, 1),
            xycoords="axes fraction",
            xytext=(-left, height),
            textcoords="offset points",
            annotation_clip=False,
            **look,
        )


def _cdf(axes: Any, picture: Picture) -> None:
    """Draw keys against positions, borders of leaves beneath, and a few leaves close up."""
    keys = picture.keyset.keys
    shown = np.linspace(0, len(keys) - 1, min(len(keys), 20_000)).astype(np.int64)
    axes.plot(_as_floats(keys[shown]), shown / len(keys), color=INK, lw=2)
    borders = _leaf_borders(picture)
    every = max(len(borders) // RUG, 1)
    some = _as_floats(keys[borders[::every]])
    axes.plot(some, np.full(len(some), -0.05), "|", color=BLUE, ms=11, mew=0.9)
    _title(
        axes,
        "What is learned: the CDF, from a key to its position",
        "blue strokes: where leaves begin" + (f", 1 in {every} drawn" if every > 1 else ""),
    )
    axes.set(xlabel="key", ylabel="part of the keys ≤ x", ylim=(-0.1, 1.04))
    _zoom(axes.inset_axes([0.05, 0.50, 0.40, 0.45]), picture, borders)


def _zoom(axes: Any, picture: Picture, borders: Array) -> None:
    """Draw a few neighbouring leaves through the keys that they stand for."""
    keys = picture.keyset.keys
    first = max((len(borders) - ZOOM_LEAVES) // 2, 0)
    edges = borders[first : first + ZOOM_LEAVES + 1]
    positions = np.arange(edges[0], edges[-1] + 1)
    origin = keys[edges[0]]
    axes.plot(_as_floats(keys[positions] - origin), positions, ".", color=INK, ms=4, mew=0)
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        inside = keys[start : stop + 1]
        predicted = picture.index.model.predict(inside)
        axes.plot(
            _as_floats(inside - origin), predicted, color=(BLUE, ORANGE)[i % 2], lw=2.2, alpha=0.8
        )
    axes.set_title(
        f"{len(edges) - 1} leaves and their {len(positions) - 1} keys",
        fontsize=9.5,
        color=INK,
        pad=4,
    )
    axes.tick_params(labelbottom=False, labelleft=False, length=0)
    axes.set_facecolor("#fafafa")


def _error(axes: Any, picture: Picture) -> None:
    """Draw how far the prediction is from the position, for keys spread over all positions."""
    keys = picture.keyset.keys
    shown = np.linspace(0, len(keys) - 1, min(len(keys), 200_000)).astype(np.int64)
    shown = np.searchsorted(keys, keys[shown])  # the position of the first of equal keys
    error = picture.index.model.predict(keys[shown]) - shown
    every = max(len(shown) // DOTS, 1)
    axes.plot(_as_floats(keys[shown[::every]]), error[::every], ".", color=BLUE, ms=3.5, mew=0)
    axes.axhline(0, color=INK, lw=1)
    half, most, last = np.quantile(np.abs(error), [0.5, 0.99, 1.0])
    _title(
        axes,
        "How wrong it is: a short search ends every lookup",
        f"half of the keys within {half:,.1f} positions, 99 % within {most:,.0f}, "
        f"none beyond {last:,.0f}",
    )
    axes.set_yscale("symlog", linthresh=max(float(most), 1.0), linscale=2)
    powers = 10.0 ** np.arange(np.ceil(np.log10(max(most, 1) / 2)), np.log10(max(last, 2)) + 1)
    axes.set_yticks([*-powers[::-1], 0, *powers])
    _plain_numbers(axes.yaxis)
    axes.set_ylim(-1.2 * max(last, 1), 1.2 * max(last, 1))
    axes.set(xlabel="key", ylabel="prediction − position")


def _growth(axes: Any, picture: Picture) -> None:
    """Draw the time of a lookup against the number of keys, each curve with its name."""
    curves = picture.curves
    for name, times in curves.nanoseconds.items():
        colour, marker, width = STYLES[name]
        axes.plot(curves.sizes, times, color=colour, marker=marker, lw=width, ms=6)
    ends = {name: times[-1] for name, times in curves.nanoseconds.items()}
    axes.set(xscale="log", yscale="log", xlabel="keys", ylabel="ns a lookup")
    for name, height in _spread(ends, axes.get_ylim()).items():
        colour, _, width = STYLES[name]
        axes.annotate(
            f"{nanoseconds_text(ends[name])}  {curves.labels[name]}",
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold" if width > 2 else "normal",
        )
    _plain_numbers(axes.xaxis)
    _plain_numbers(axes.yaxis)
    _title(
        axes,
        "How it grows: nanoseconds a lookup by number of keys",
        "uniform keys, batches, half hits; lower is better; both axes logarithmic",
    )


def _spread(heights: dict[str, float], limits: tuple[float, float]) -> dict[str, float]:
    """Move labels on a logarithmic axis apart until none covers its neighbour."""
    factor = (limits[1] / limits[0]) ** LABEL_HEIGHT
    placed: dict[str, float] = {}
    lowest = 0.0
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        lowest = max(height, lowest * factor)
        placed[name] = lowest
    return placed


def _race(axes: Any, picture: Picture) -> None:
    """Draw the time of every contender on the keys of the picture as bars."""
    ran = [entry for entry in picture.entries if entry.nanoseconds]
    ran.sort(key=lambda entry: statistics.median(entry.nanoseconds), reverse=True)
    times = [statistics.median(entry.nanoseconds) for entry in ran]
    colours = [
        BLUE if entry.name == "rmi" else SKY if entry.contender.ours else SILVER for entry in ran
    ]
    axes.barh([entry.contender.label for entry in ran], times, color=colours, height=0.72)
    for i, value in enumerate(times):
        axes.annotate(
            nanoseconds_text(value),
            (value, i),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set(xscale="log", xlabel="ns a lookup", xlim=(min(times) / 2, max(times) * 2.2))
    _plain_numbers(axes.xaxis)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    _title(
        axes,
        f"Everyone on {picture.keyset.name}: nanoseconds a lookup",
        "batches where there are any, half hits; shorter is better; axis logarithmic",
        left=151,
    )


PANELS: dict[str, Callable[[Any, Picture], None]] = {
    "cdf": _cdf,
    "error": _error,
    "growth": _growth,
    "race": _race,
}


def _plain_numbers(axis: Any) -> None:
    """Write 10 and 1,000 rather than powers."""
    ticker = load("matplotlib.ticker")
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def _leaf_borders(picture: Picture) -> Array:
    """Give the position of the first key of every leaf."""
    borders = np.asarray(picture.index.model.leaf_positions_).astype(np.int64)
    return np.unique(np.clip(borders, 0, len(picture.keyset.keys) - 1))


def _as_floats(keys: Array) -> Array:
    """Give numbers that can be drawn, also of dates."""
    return keys.astype(np.int64 if keys.dtype.kind in "mM" else keys.dtype).astype(np.float64)
