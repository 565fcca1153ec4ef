"""Where pictures are drawn: matplotlib, imported on use, and axes that a caller hands in."""

from __future__ import annotations

from typing import Any


def pyplot() -> Any:
    """Import matplotlib's pyplot; ImportError says what it is needed for."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "plot draws with matplotlib, which is missing: pip install 'learnedidx[plot]'"
        ) from error
    return plt


def checked_axes(axes: Any, number: int) -> list[Any]:
    """Return so many axes of matplotlib, or raise TypeError."""
    given = [axes] if number == 1 else list(axes) if hasattr(axes, "__iter__") else []
    if len(given) != number or not all(hasattr(one, "transAxes") for one in given):
        what = "one Axes of matplotlib" if number == 1 else f"{number} Axes of matplotlib, in a row"
        raise TypeError(f"axes: must be {what}, or None for a new figure, got {axes!r}")
    return given
