"""The picture of the demonstration: what was learned, how wrong it is, and what it gains."""

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.contender import load
from benchmarks.keysets import KeySet
from benchmarks.report.charts import spread
from benchmarks.tables import size_text, three_digits

Times = Mapping[str, Sequence[float]]
# Colours of Okabe and Ito, told apart with every kind of colour vision; markers differ too.
GREY, SILVER, BLUE, SKY = "#6b6b6b", "#c4c4c4", "#0072B2", "#56B4E9"
STYLES: Mapping[str, Mapping[str, Any]] = {
    "rmi": {"color": BLUE, "marker": "o", "lw": 3},
    "btree16": {"color": "#009E73", "marker": "s"},
    "numpy": {"color": "#D55E00", "marker": "^"},
    "absl": {"color": "#E69F00", "marker": "D"},
    "pygm": {"color": "#CC79A7", "marker": "v"},
    "bisect": {"color": GREY, "marker": "P"},
}
SETTINGS = {
    **dict.fromkeys(("axes.spines.top", "axes.spines.right"), False),
    "axes.grid": True,
    "grid.color": "#e8e8e8",
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
}
BESIDE = {"textcoords": "offset points", "va": "center"}
LABEL_HEIGHT = 6.2  # of a panel's height of 100


@dataclasses.dataclass(frozen=True)
class Story:
    """All that is drawn: nanoseconds a lookup by contender, of each round and of each size."""

    keyset: KeySet
    index: Any
    labels: Mapping[str, str]
    times: Times
    sizes: Sequence[int]
    curves: Times
    footnote: str


def draw(story: Story, path: str) -> None:
    """Draw the keys and the errors of the model, as the library does, and the times beside them."""
    matplotlib, plt = load("matplotlib"), load("matplotlib.pyplot")
    matplotlib.use("Agg")
    keys, index = story.keyset.keys, story.index
    with matplotlib.rc_context(SETTINGS):
        figure = plt.figure(figsize=(15, 9.6))
        learned, wrong = figure.subplots(2)
        index.plot([learned, wrong])
        # Set by hand, since the names beside curves and dots need more room than the axes know of.
        learned.set_position((0.06, 0.545, 0.42, 0.32))
        wrong.set_position((0.06, 0.09, 0.42, 0.32))
        learned.set_title("What is learned: from a key to its position")
        wrong.set_title("How wrong it is: a short search ends every lookup", pad=20)
        growth(figure.add_axes((0.545, 0.55, 0.265, 0.32)), story)
        race(figure.add_axes((0.685, 0.09, 0.295, 0.32)), story)
        figure.suptitle(
            f"learnedidx on {story.keyset.name}: {len(keys):,} keys, an RMI of "
            f"{index.model.n_leaves_:,} leaves in {index.nbytes / keys.nbytes:.1%} of their memory",
            fontsize="xx-large",
        )
        figure.text(0.03, 0.018, story.footnote, fontsize=8.5, color=GREY)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def growth(axes: Any, story: Story) -> None:
    """Draw the time of a lookup against the number of keys, each curve with its name."""
    for name, times in story.curves.items():
        axes.plot(story.sizes, times, **STYLES[name])
    axes.set(xscale="log", yscale="log", xlabel="uniform keys", ylabel="ns a lookup")
    ends = {name: times[-1] for name, times in story.curves.items()}
    low, high = map(math.log, axes.get_ylim())
    at = {name: 100 * (math.log(end) - low) / (high - low) for name, end in ends.items()}
    for name, height in spread(at, 0, 100, LABEL_HEIGHT).items():
        text, colour = f"{three_digits(ends[name])}  {story.labels[name]}", STYLES[name]["color"]
        where = {"xy": (1, height / 100), "xycoords": "axes fraction", "xytext": (6, 0), **BESIDE}
        axes.annotate(text, **where, color=colour)
    axes.xaxis.set_major_formatter(lambda n, _: size_text(int(n)))
    axes.xaxis.set_minor_formatter(lambda *_: "")
    axes.yaxis.set_major_formatter(lambda ns, _: f"{ns:,.0f}")
    axes.set_title("How it grows: lower is better")


def race(axes: Any, story: Story) -> None:
    """Draw the time of every contender as a dot: a logarithmic axis has no bars."""
    medians = {name: statistics.median(rounds) for name, rounds in story.times.items()}
    ran = sorted(medians, key=medians.__getitem__, reverse=True)
    times, names = [medians[name] for name in ran], [story.labels[name] for name in ran]
    ours = [SKY if CONTENDERS[name].ours else GREY for name in ran]
    axes.hlines(names, min(times) / 2, times, color=SILVER, lw=1)
    axes.scatter(
        times,
        names,
        color=[BLUE if n == "rmi" else c for n, c in zip(ran, ours, strict=True)],
        s=85,
        zorder=3,
    )
    for i, value in enumerate(times):
        axes.annotate(three_digits(value), (value, i), xytext=(9, 0), **BESIDE)
    axes.set(xscale="log", xlabel="ns a lookup", xlim=(min(times) / 2, max(times) * 2.2))
    axes.xaxis.set_major_formatter(lambda ns, _: f"{ns:,.0f}")
    axes.grid(visible=False, axis="y")
    axes.set_title("Everyone on these keys: further left is better", x=-0.5)
