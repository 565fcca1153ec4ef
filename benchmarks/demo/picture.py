"""The picture of the demonstration: what was learned, how wrong it is, and what it gains."""

import math
import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.contender import load
from benchmarks.demo import look
from benchmarks.demo.learned import cdf, error
from benchmarks.demo.look import SETTINGS, plain_numbers, title
from benchmarks.demo.story import Picture
from benchmarks.report.charts import spread
from benchmarks.tables import size_text, three_digits

DPI = 130
STYLES: dict[str, tuple[str, str, float]] = {
    "rmi": (look.BLUE, "o", 3.0),
    "btree16": (look.GREEN, "s", 2.0),
    "numpy": (look.RED, "^", 2.0),
    "absl": (look.ORANGE, "D", 2.0),
    "pygm": (look.PURPLE, "v", 1.4),
    "bisect": (look.GREY, "P", 1.4),
}
LABEL_HEIGHT = 6.2  # of a panel's height of 100


def draw(picture: Picture, path: str) -> None:
    """Draw all panels into a PNG."""
    matplotlib = load("matplotlib")
    matplotlib.use("Agg")
    with matplotlib.rc_context(SETTINGS):
        figure = load("matplotlib.pyplot").figure(figsize=(15, 9.6))
        for panel, place in PANELS.items():
            panel(figure.add_axes(place), picture)
        figure.text(0.03, 0.955, _headline(picture), fontsize=18, weight="bold")
        figure.text(0.03, 0.018, picture.footnote, fontsize=8.5, color=look.GREY)
        figure.savefig(path, dpi=DPI)
        load("matplotlib.pyplot").close(figure)


def _headline(picture: Picture) -> str:
    share = picture.index.nbytes / picture.keyset.keys.nbytes
    return (
        f"learnedidx on {picture.keyset.name}: {len(picture.keyset.keys):,} keys, an RMI of "
        f"{picture.index.model.n_leaves_:,} leaves in {share:.1%} of the keys' memory"
    )


def growth(axes: Any, picture: Picture) -> None:
    """Draw the time of a lookup against the number of keys, each curve with its name."""
    for name, times in picture.curves.items():
        colour, marker, width = STYLES[name]
        axes.plot(picture.sizes, times, color=colour, marker=marker, lw=width, ms=6)
    axes.set(xscale="log", yscale="log", xlabel="keys", ylabel="ns a lookup")
    ends = {name: times[-1] for name, times in picture.curves.items()}
    low, high = map(math.log, axes.get_ylim())
    at = {name: 100 * (math.log(end) - low) / (high - low) for name, end in ends.items()}
    for name, height in spread(at, 0, 100, LABEL_HEIGHT).items():
        colour, _, width = STYLES[name]
        axes.annotate(
            f"{three_digits(ends[name])}  {picture.labels[name]}",
            (1.0, height / 100),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold" if width > 2 else "normal",
        )
    plain_numbers(axes.xaxis, lambda n: size_text(int(n)))
    plain_numbers(axes.yaxis)
    title(
        axes,
        "How it grows: nanoseconds a lookup by number of keys",
        "uniform keys, batches, half hits; lower is better; both axes logarithmic",
    )


def race(axes: Any, picture: Picture) -> None:
    """Draw the time of every contender on the keys of the picture as a dot."""
    medians = {name: statistics.median(rounds) for name, rounds in picture.times.items()}
    ran = sorted(medians, key=medians.__getitem__, reverse=True)
    times = [medians[name] for name in ran]
    others = {name: look.SKY if CONTENDERS[name].ours else look.GREY for name in ran}
    colours = [look.BLUE if name == "rmi" else others[name] for name in ran]
    names = [picture.labels[name] for name in ran]
    axes.hlines(names, min(times) / 2, times, color=look.SILVER, lw=1)
    # Dots and not bars: on a logarithmic axis the length of a bar says nothing.
    axes.scatter(times, names, color=colours, s=85, zorder=3)
    beside = {"xytext": (9, 0), "textcoords": "offset points", "va": "center"}
    for i, value in enumerate(times):
        axes.annotate(three_digits(value), (value, i), **beside)
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


# Left, bottom, width and height, in parts of the figure: set by hand, since the names beside
# curves and bars need more room than the axes know of.
PANELS: dict[Callable[[Any, Picture], None], tuple[float, float, float, float]] = {
    cdf: (0.05, 0.545, 0.43, 0.32),
    error: (0.05, 0.09, 0.43, 0.32),
    growth: (0.545, 0.545, 0.265, 0.32),
    race: (0.685, 0.09, 0.295, 0.32),
}
