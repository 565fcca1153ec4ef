"""The picture of the demonstration: what was learned, how wrong it is, and what it gains."""

from collections.abc import Callable
from typing import Any

from benchmarks.contenders.contender import load
from benchmarks.demo.learned import cdf, error
from benchmarks.demo.look import GREY, SETTINGS
from benchmarks.demo.story import Picture
from benchmarks.demo.timed import growth, race

DPI = 130

# Left, bottom, width and height, in parts of the figure: set by hand, since the names beside
# curves and bars need more room than the axes know of.
PLACES: dict[str, tuple[float, float, float, float]] = {
    "cdf": (0.05, 0.545, 0.43, 0.32),
    "error": (0.05, 0.09, 0.43, 0.32),
    "growth": (0.545, 0.545, 0.265, 0.32),
    "race": (0.685, 0.09, 0.295, 0.32),
}
PANELS: dict[str, Callable[[Any, Picture], None]] = {
    "cdf": cdf,
    "error": error,
    "growth": growth,
    "race": race,
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
        figure.text(0.03, 0.018, picture.footnote, fontsize=8.5, color=GREY)
        figure.savefig(path, dpi=DPI)
        load("matplotlib.pyplot").close(figure)


def _headline(picture: Picture) -> str:
    share = picture.index.nbytes / picture.keyset.keys.nbytes
    return (
        f"learnedidx on {picture.keyset.name}: {len(picture.keyset.keys):,} keys, an RMI of "
        f"{picture.index.model.n_leaves_:,} leaves in {share:.1%} of the keys' memory"
    )
