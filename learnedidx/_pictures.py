"""What all pictures share. matplotlib is imported when a picture is asked for.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which colour-blind readers tell
apart.
"""

from __future__ import annotations

from typing import Any

BLUE, VERMILION, ORANGE, SKY, GREY = "#0072B2", "#D55E00", "#E69F00", "#56B4E9", "#888888"


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
