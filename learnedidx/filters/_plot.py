"""The picture of a filter: bits a key against the share of wrong answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from learnedidx._pictures import BLUE, GREY, ORANGE, SKY, VERMILION, checked_axes, pyplot

LEAST = 1e-7  # of the shares that are drawn
STYLES = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (SKY, "-.", "^"), ("black", ":", "D"))


class Curve(NamedTuple):
    """Shares of wrong answers by bits a key, that filters of one kind have."""

    label: str
    bits: Sequence[float]
    shares: Sequence[float]


class Trade(NamedTuple):
    """What a filter could have cost and promised, and what this one does.

    `shares` are those of this filter: one, or one a curve; none of them where it promises nothing.
    """

    about: str
    curves: Sequence[Curve]
    bits: float
    shares: Sequence[float]
    note: str = ""  # where its share is no point in the picture


def draw(trade: Trade, axes: Any) -> Any:
    """Draw the curves, single points as marks, and the filter as stars or as a line."""
    plt = pyplot()
    if axes is None:
        _, axes = plt.subplots(figsize=(7, 4.5))
    (axes,) = checked_axes(axes, 1)
    for curve, (colour, dashes, marker) in zip(trade.curves, STYLES, strict=False):
        drawn = {"ls": dashes, "lw": 1.5} if len(curve.bits) > 1 else {"ls": "", "marker": marker}
        axes.plot(curve.bits, curve.shares, color=colour, label=curve.label, **drawn)
    if trade.note:
        axes.axvline(trade.bits, color=VERMILION, lw=1.5, label=trade.note)
    else:
        at = [trade.bits] * len(trade.shares)
        axes.plot(at, trade.shares, ls="", marker="*", ms=13, color=VERMILION, label="this filter")
    axes.set_yscale("log")
    axes.set_ylim(LEAST, 2)
    axes.set_xlim(left=0)
    axes.set_xlabel("bits a key")
    axes.set_ylabel("share of absent queries answered by maybe")
    axes.set_title(trade.about, loc="left")
    axes.grid(color=GREY, alpha=0.25, lw=0.5)
    axes.legend(frameon=False, fontsize="small")
    axes.figure.tight_layout()
    return axes.figure
