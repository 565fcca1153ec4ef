"""Colours, lettering and numbers that all panels share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders import Array
from benchmarks.contenders.contender import load

# Colours of Okabe and Ito, told apart with every kind of colour vision; width and marker differ
# too, so that a grey print can be read.
INK, GREY, SILVER = "#222222", "#6b6b6b", "#c4c4c4"
BLUE, GREEN, ORANGE = "#0072B2", "#009E73", "#E69F00"
RED, PURPLE, SKY = "#D55E00", "#CC79A7", "#56B4E9"
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


def title(axes: Any, first: str, second: str, *, left: float = 0.0) -> None:
    """Put a bold line and a plain one above a panel, `left` points to the left of its edge."""
    for text, height, look in (
        (first, 24, {"weight": "bold", "fontsize": 13}),
        (second, 9, {"color": GREY, "fontsize": 10.5}),
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


def plain_numbers(axis: Any, text: Callable[[float], str] = "{:,.0f}".format) -> None:
    """Write 10 and 1,000 rather than powers."""
    ticker = load("matplotlib.ticker")
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_formatter(ticker.NullFormatter())


def as_floats(keys: Array) -> Array:
    """Give numbers that can be drawn, also of dates."""
    return keys.astype(np.int64 if keys.dtype.kind in "mM" else keys.dtype).astype(np.float64)
