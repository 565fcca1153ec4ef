"""The panels of time: by number of keys, and everyone on the same keys."""

import statistics
from typing import Any

from benchmarks.demo.look import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SILVER,
    SKY,
    plain_numbers,
    title,
)
from benchmarks.demo.story import Picture
from benchmarks.tables import three_digits

STYLES: dict[str, tuple[str, str, float]] = {
    "rmi": (BLUE, "o", 3.0),
    "btree16": (GREEN, "s", 2.0),
    "numpy": (RED, "^", 2.0),
    "absl": (ORANGE, "D", 2.0),
    "pygm": (PURPLE, "v", 1.4),
    "bisect": (GREY, "P", 1.4),
}
LABEL_HEIGHT = 0.062  # of the height of a panel


def growth(axes: Any, picture: Picture) -> None:
    """Draw the time of a lookup against the number of keys, each curve with its name."""
    curves = picture.curves
    for name, times in curves.nanoseconds.items():
        colour, marker, width = STYLES[name]
        axes.plot(curves.sizes, times, color=colour, marker=marker, lw=width, ms=6)
    ends = {name: times[-1] for name, times in curves.nanoseconds.items()}
    axes.set(xscale="log", yscale="log", xlabel="keys", ylabel="ns a lookup")
    for name, height in spread(ends, axes.get_ylim()).items():
        colour, _, width = STYLES[name]
        axes.annotate(
            f"{three_digits(ends[name])}  {curves.labels[name]}",
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold" if width > 2 else "normal",
        )
    plain_numbers(axes.xaxis, _counted)
    plain_numbers(axes.yaxis)
    title(
        axes,
        "How it grows: nanoseconds a lookup by number of keys",
        "uniform keys, batches, half hits; lower is better; both axes logarithmic",
    )


def spread(heights: dict[str, float], limits: tuple[float, float]) -> dict[str, float]:
    """Move labels on a logarithmic axis apart until none covers its neighbour."""
    factor = (limits[1] / limits[0]) ** LABEL_HEIGHT
    placed: dict[str, float] = {}
    lowest = 0.0
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        lowest = max(height, lowest * factor)
        placed[name] = lowest
    return placed


def race(axes: Any, picture: Picture) -> None:
    """Draw the time of every contender on the keys of the picture as a dot."""
    ran = [entry for entry in picture.entries if entry.nanoseconds]
    ran.sort(key=lambda entry: statistics.median(entry.nanoseconds), reverse=True)
    times = [statistics.median(entry.nanoseconds) for entry in ran]
    colours = [
        BLUE if entry.name == "rmi" else SKY if entry.contender.ours else GREY for entry in ran
    ]
    names = [entry.contender.shown for entry in ran]
    axes.hlines(names, min(times) / 2, times, color=SILVER, lw=1)
    # Dots and not bars: on a logarithmic axis the length of a bar says nothing.
    axes.scatter(times, names, color=colours, s=85, zorder=3)
    for i, value in enumerate(times):
        axes.annotate(
            three_digits(value),
            (value, i),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set(xscale="log", xlabel="ns a lookup", xlim=(min(times) / 2, max(times) * 2.2))
    plain_numbers(axes.xaxis)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    title(
        axes,
        f"Everyone on {picture.keyset.name}: nanoseconds a lookup",
        "batches where there are any, half hits; further left is better; axis logarithmic",
        left=151,
    )


def _counted(number: float) -> str:
    """Write a number of keys, as in ``10 M``."""
    for unit, size in ((" M", 1e6), (" k", 1e3)):
        if number >= size:
            return f"{number / size:,.0f}{unit}"
    return f"{number:.0f}"
