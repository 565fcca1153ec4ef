"""Pictures of filters: their own point lies where their statistics say."""

import sys
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.models.estimator import NotFittedError

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pytestmark = pytest.mark.usefixtures("closed_figures")

KEYS = np.unique(np.random.default_rng(0).integers(0, 2**60, 50_000))
FILTERS: dict[str, Any] = {
    "robust": lx.RangeFilter(14).fit(KEYS),
    "exact": lx.RangeFilter().fit(np.arange(5_000)),
    "learned": lx.RangeFilter(14, "learned").fit(KEYS),
    "split-block": lx.PointFilter().fit(KEYS),
    "fuse8": lx.PointFilter(0.01, compact=True).fit(KEYS),
    "fuse16": lx.PointFilter(0.001, compact=True).fit(KEYS),
    "positions": lx.LearnedHash().fit(KEYS),
    "fingerprints": lx.LearnedHash(fingerprint=8).fit(KEYS),
    "no keys": lx.PointFilter().fit(KEYS[:0]),
    "one key": lx.RangeFilter().fit(KEYS[:1]),
}
ON_CURVE = {"robust": 0, "split-block": 0, "fuse8": 1, "fuse16": 2, "positions": 0}


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_draws_itself(name: str) -> None:
    filter = FILTERS[name]
    figure = filter.plot()
    figure.canvas.draw()
    (axes,) = figure.axes
    assert axes.get_yscale() == "log" and type(filter).__name__ in axes.get_title(loc="left")
    own = axes.get_lines()[-1]
    assert own.get_xdata()[0] == filter.stats()["bits_per_key"]
    assert ("this filter" in own.get_label()) and (":" in own.get_label()) == (
        name in ("exact", "learned", "one key")
    )


@pytest.mark.parametrize(("name", "number"), ON_CURVE.items())
def test_the_star_lies_on_its_curve(name: str, number: int) -> None:
    lines = FILTERS[name].plot().axes[0].get_lines()
    curve, own = lines[number], lines[-1]
    bits, share = own.get_xdata()[0], own.get_ydata()[0]
    nearest = int(np.argmin(np.abs(np.log(np.asarray(curve.get_ydata()) / share))))
    assert curve.get_ydata()[nearest] == pytest.approx(share, rel=0.1)
    assert curve.get_xdata()[nearest] == pytest.approx(bits, rel=0.12)


def test_promises_are_the_stars() -> None:
    filter = FILTERS["robust"]
    own = filter.plot().axes[0].get_lines()[-1]
    assert list(own.get_ydata()) == [filter.promise(length) for length in (1, 16, 1024, 65536)]


def test_axes_of_somebody_else_and_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2)
    assert FILTERS["robust"].plot(axes[0]) is figure
    with pytest.raises(TypeError, match="^axes: must be one Axes"):
        FILTERS["robust"].plot(axes)
    with pytest.raises(NotFittedError, match="RangeFilter is not fitted"):
        lx.RangeFilter().plot()
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'learnedidx\[plot\]'"):
        FILTERS["robust"].plot()
