"""Pictures of an index. In greyscale lines differ by their dashes and bars by their hatching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from learnedidx._formats.known import family_of
from learnedidx._pictures import BLUE, GREY, ORANGE, SKY, VERMILION, checked_axes, pyplot
from learnedidx.explain import _statistics as statistics
from learnedidx.explain._layers import layer_shares
from learnedidx.explain._statistics import Sample

if TYPE_CHECKING:
    from learnedidx._state import State
    from learnedidx.index import LearnedIndex

POINTS = 4_000  # of a curve
STRETCHES = 400  # of the band of errors
MOST_LAYERS = 3  # that are drawn
SPREAD = (("worst", VERMILION, ":"), ("p99", BLUE, "-"), ("p50", "black", "--"))


def plot_index(index: LearnedIndex, axes: Any = None) -> Any:
    """Draw keys, model, errors, their histogram and regions; on two given axes the first three.

    Of an index over strings the first layers are drawn, for each its column, model and errors; on
    two given axes those of the first layer.

    Errors and costs are those of ``stats()``. Returns the figure. Raises ImportError without
    matplotlib, TypeError for axes that are not two of it.
    """
    plt = pyplot()
    if index._state.layers is not None:
        return _plot_layers(plt, index, axes)
    sample, state = statistics.sample_of(index), index._state
    if axes is None:
        figure = plt.figure(figsize=(11, 6.4), layout="constrained")
        grid = figure.add_gridspec(2, 2, height_ratios=[3, 2], width_ratios=[5, 4])
        above, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
        figure.suptitle(_title(state, sample), fontsize="medium")
        _draw_buckets(figure.add_subplot(grid[0, 1]), sample)
        _draw_regions(figure.add_subplot(grid[1, 1]), sample)
    else:
        above, below = checked_axes(axes, 2)
        figure = above.figure
    _draw_keys(above, state, sample)
    _draw_errors(below, sample, by_key=axes is not None)
    if axes is not None:
        figure.tight_layout()
    return figure


def _plot_layers(plt: Any, index: LearnedIndex, axes: Any) -> Any:
    """Draw the first layers of an index over strings beside each other."""
    state = index._state
    parts = [] if state.layers is None else state.layers.parts[:MOST_LAYERS]
    if axes is not None:
        pairs = [checked_axes(axes, 2)]
        figure = pairs[0][0].figure
    else:
        figure = plt.figure(figsize=(2 + 4.5 * max(len(parts), 1), 6.4), layout="constrained")
        grid = figure.subplots(2, max(len(parts), 1), squeeze=False, height_ratios=[3, 2])
        pairs = list(grid.T)
        keys = f"{state.n:,} keys of {state.checked.dtype}"
        deep = _count_of(0 if state.layers is None else len(state.layers.parts), "layer")
        figure.suptitle(f"{keys}  ·  {deep}  ·  {state.nbytes:,} bytes beside", fontsize="medium")
    if not parts:
        _say(pairs[0][0], "no keys")
    shares = layer_shares(state)
    for number, (part, (above, below)) in enumerate(zip(parts, pairs, strict=False)):
        sample = statistics.sample_of(part)
        _draw_keys(above, part._state, sample)
        above.set_ylabel("place in the column")
        above.set_xlabel("entry: segment and bytes of the keys, as one number")
        _draw_errors(below, sample, by_key=False)
        below.set_xlabel("place in the column")
        segments, share = shares[number]
        title = f"layer {number + 1}: {_count_of(segments, 'segment')}, {share:.1%} of the keys"
        above.set_title(title, loc="left", fontsize="small")
    if axes is not None:
        figure.tight_layout()
    return figure


def _count_of(count: int, thing: str) -> str:
    return f"{count:,} {thing}" + "s" * (count != 1)


def _title(state: State, sample: Sample) -> str:
    model = "no model" if state.model is None else repr(state.model)
    parts = [f"{state.n:,} keys of {sample.keys.dtype}", model, f"{state.nbytes:,} bytes beside"]
    if sample.at.size:
        found = statistics.spread(sample.lines)
        parts.append(f"cache lines a lookup: {found['p50']:.0f}, worst {found['worst']:.0f}")
    return "  ·  ".join(parts)


def _thinned(size: int) -> NDArray[np.intp]:
    return np.linspace(0, max(size - 1, 0), min(size, POINTS)).astype(np.intp)


def _positions_on(axis: Any) -> None:
    """Write positions as 10k and 2M."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    if axis.get_scale() == "linear":
        axis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.set_major_formatter(EngFormatter(sep=""))


def _keys_on(axes: Any, label: str) -> None:
    """Label the axis of keys; dates are written short enough to lie side by side."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_xlabel(label)
    locator = axes.xaxis.get_major_locator()
    if isinstance(locator, AutoDateLocator):
        short: Any = ConciseDateFormatter
        axes.xaxis.set_major_formatter(short(locator))


def _legend_above(axes: Any, columns: int) -> None:
    """Put the legend where no curve can run through it."""
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 0.97)}
    axes.legend(**place, ncols=columns, fontsize="small", frameon=False)


def _say(axes: Any, text: str) -> None:
    """Write what there is to say where nothing can be drawn."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)
    axes.set_xticks([])
    axes.set_yticks([])


def _draw_keys(axes: Any, state: State, sample: Sample) -> None:
    """Draw the positions of the keys and those that the model predicts."""
    some = _thinned(sample.at.size)
    keys, drawn, label = family_of(sample.keys.dtype).on_axis(sample.keys[some])
    at = sample.at[some]
    axes.plot(keys[drawn], at[drawn], color=SKY, lw=5, solid_capstyle="butt", label="keys (CDF)")
    if sample.predicted is not None and drawn.any():
        name = repr(state.model)
        predicted = sample.predicted[some][drawn]
        axes.plot(keys[drawn], predicted, color="black", lw=1, ls="--", label=name)
    elif not drawn.any():
        _say(axes, "no finite keys" if sample.at.size else "no keys")
    axes.set_ylabel("position")
    _keys_on(axes, label)
    if drawn.any():
        _positions_on(axes.yaxis)
        axes.legend(loc="best", frameon=False)


def _draw_errors(axes: Any, sample: Sample, by_key: bool) -> None:
    """Draw how far predictions are off: the median, the middle 98 % and the extremes."""
    axes.set_ylabel("prediction − position")
    keys, drawn, label = family_of(sample.keys.dtype).on_axis(sample.keys)
    if not by_key:
        keys, drawn, label = sample.at, np.ones(sample.at.size, np.bool_), "position"
    axes.set_xlabel(label)
    if sample.predicted is None or not drawn.any():
        return _say(axes, "no model" if sample.predicted is None else "no finite keys")
    errors = (sample.predicted - sample.truth)[drawn]
    parts = [part for part in np.array_split(np.arange(errors.size), STRETCHES) if part.size]
    middles = keys[drawn][[part[part.size // 2] for part in parts]]
    shares = np.array([np.percentile(errors[part], (0, 1, 50, 99, 100)) for part in parts]).T
    axes.fill_between(middles, shares[0], shares[4], color="#BBBBBB", lw=0, label="all")
    axes.fill_between(middles, shares[1], shares[3], color=SKY, lw=0, label="98 %")
    axes.plot(middles, shares[2], color="black", lw=0.8, label="median")
    largest = float(np.abs(errors).max())
    if largest > 1_000 * (1 + float(np.percentile(np.abs(errors), 90))):
        axes.set_yscale("symlog", linthresh=10)
    elif largest == 0:
        axes.set_ylim(-1, 1)
    if by_key:
        _keys_on(axes, label)
    else:
        _positions_on(axes.xaxis)
    return _legend_above(axes, 3)


def _draw_buckets(axes: Any, sample: Sample) -> None:
    """Draw histograms of windows and errors, in buckets of doubling width."""
    axes.set_xlabel("positions: 0, 1, and buckets from one mark up to the next")
    axes.set_ylabel("share of lookups (%)")
    if sample.at.size == 0:
        return _say(axes, "no keys")
    series: list[tuple[str, NDArray[Any], str, str]]
    series = [("certified window", sample.windows, ORANGE, "///")]
    if sample.errors is not None:
        series.insert(0, ("|prediction − position|", sample.errors, BLUE, ""))
    counts = [np.array(statistics.histogram(values)) for _, values, _, _ in series]
    buckets = max(count.size for count in counts)
    width = 0.8 / len(series)
    for i, (name, _, colour, hatch) in enumerate(series):
        at = np.arange(counts[i].size) + (i - (len(series) - 1) / 2) * width
        shares = 100 * counts[i] / sample.at.size
        axes.bar(at, shares, width, color=colour, hatch=hatch, ec="white", lw=0, label=name)
    step = 1 + buckets // 12
    ticks = np.arange(0, buckets, step)
    axes.set_xticks(ticks, [_bucket_name(int(tick)) for tick in ticks])
    return _legend_above(axes, len(series))


def _bucket_name(bucket: int) -> str:
    start = 0 if bucket == 0 else 1 << bucket - 1
    return str(start) if start < 10_000 else f"$2^{{{bucket - 1}}}$"


def _draw_regions(axes: Any, sample: Sample) -> None:
    """Draw the tail of the errors in each part of the keys; of cache lines where there are none."""
    axes.set_xlabel("position: 64 equal parts of the keys")
    has_errors = sample.errors is not None and bool(np.any(sample.errors > 0))
    what = "|prediction − position|" if has_errors else "cache lines a lookup"
    axes.set_ylabel(what)
    if sample.at.size == 0:
        return _say(axes, "no keys")
    values = sample.errors if has_errors and sample.errors is not None else sample.lines
    parts = statistics.by_region(values)
    positions = statistics.positions_of(sample)
    edges = [*(start for start, _ in positions), positions[-1][1]]
    highest = max(part["worst"] for part in parts)
    _positions_on(axes.xaxis)
    for name, colour, dashes in SPREAD:
        heights = [part[name] for part in parts]
        axes.stairs(heights, edges, color=colour, ls=dashes, lw=1.5, baseline=None, label=name)
    axes.set_ylim(0, 1.1 * max(highest, 1))
    if has_errors and highest > 30:
        axes.set_yscale("symlog", linthresh=1, linscale=0.3)
        axes.set_ylim(0, 2 * highest)
        _positions_on(axes.yaxis)
    fairness = f"tail fairness {statistics.tail_fairness(parts):.2f}"
    axes.set_title(fairness, loc="left", fontsize="small", pad=4)
    return _legend_above(axes, 3)
