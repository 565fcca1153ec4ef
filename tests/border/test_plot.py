"""Pictures of an index: of every model and kind of key, with what they must show on them."""

import sys
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import Array, key_sets

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pytestmark = pytest.mark.usefixtures("closed_figures")

NORMAL = np.sort(np.random.default_rng(0).standard_normal(3_000))
SPECIAL = np.concatenate([[-np.inf, -np.inf], NORMAL, [np.inf], [np.nan] * 3])
DATES = np.datetime64("2024-01-01") + np.arange(900).astype("m8[D]")
KEYS: dict[str, Array] = {
    "floats with NaN and inf": SPECIAL,
    "large integers": np.cumsum(np.random.default_rng(1).integers(1, 2**50, 5_000, np.uint64)),
    "dates": DATES,
    "dates beyond the calendar": np.arange(-(2**62), 2**62, 2**54).view("M8[D]"),
    "times of no unit": np.arange(900).view("M8"),
    "as far as floats go": np.array([-1.7e308] * 100 + [0.0] * 100 + [1.7e308] * 100),
    "lengths": np.arange(900).astype("m8[25s]"),
    "nothing": NORMAL[:0],
    "one": NORMAL[:1],
    "only infinity": np.full(70, np.inf),
    "only NaN": np.full(70, np.nan),
    "equal": np.full(700, 3),
}


def draw(figure: Any) -> None:
    """Lay everything out: wrong limits, ticks and labels show here."""
    figure.canvas.draw()


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("model", ["rmi", "none"])
def test_every_kind_of_keys(name: str, model: str) -> None:
    figure = lx.LearnedIndex(KEYS[name], model).plot()
    draw(figure)
    assert len(figure.axes) == 4
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)


@pytest.mark.parametrize("model", ["pgm", "radix_spline", "btree", "auto"])
def test_every_model(model: str) -> None:
    draw(lx.LearnedIndex(SPECIAL, model).plot())


def test_narrow_keys() -> None:
    for dtype in ("bool", "int8", "float16"):
        for keys in list(key_sets(dtype).values())[:2]:
            draw(lx.LearnedIndex(keys, "auto").plot())


def test_two_axes_of_somebody_else() -> None:
    """On two given axes: keys and model above, errors by key below, as before."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, sharex=True)
    assert lx.LearnedIndex(NORMAL, "rmi").plot(axes=axes) is figure
    draw(figure)
    assert axes[0].get_ylabel() == "position" and axes[1].get_xlabel() == "key"
    assert len(figure.axes) == 2


def test_what_is_missing_or_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt

    index = lx.LearnedIndex(NORMAL)
    for axes in (5, plt.figure().subplots(), plt.figure().subplots(3), [1, 2]):
        with pytest.raises(TypeError, match="^axes: must be 2 Axes of matplotlib"):
            index.plot(axes)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for picture in (index, lx.advise([])):
        with pytest.raises(ImportError, match=r"pip install 'learnedidx\[plot\]'"):
            picture.plot()


def test_the_curves_are_the_numbers() -> None:
    index = lx.LearnedIndex(NORMAL, lx.RMI(n_leaves=32))
    figure, found = index.plot(), index.stats()
    by_label = {axes.get_ylabel(): axes for axes in figure.axes}
    curve, model = by_label["position"].get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), NORMAL)
    np.testing.assert_array_equal(curve.get_ydata(), np.arange(NORMAL.size))
    np.testing.assert_array_equal(model.get_ydata(), index.model.predict(NORMAL))
    bars = [bar.get_height() for bar in by_label["share of lookups (%)"].containers[0]]
    shares = np.array(found["error_histogram"]) / found["sampled"] * 100
    np.testing.assert_allclose(bars, shares)
    title = by_label["|prediction − position|"].get_title(loc="left")
    assert title == f"tail fairness {found['tail_fairness']['error']:.2f}"


def test_dates_have_dates_on_their_axis() -> None:
    figure = lx.LearnedIndex(DATES, "rmi").plot()
    draw(figure)
    axes = next(axes for axes in figure.axes if axes.get_xlabel() == "key (date)")
    assert "2025" in [label.get_text() for label in axes.get_xticklabels()]


def test_greys_tell_the_curves_apart() -> None:
    """Printed in grey, what overlaps differs by lightness, dashes or hatching."""
    from matplotlib.colors import to_rgb

    from learnedidx import _pictures as pictures
    from learnedidx.explain import _plot as plot

    def grey(colour: str) -> float:
        return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))

    assert grey(pictures.SKY) - grey("black") > 0.4
    assert grey(pictures.ORANGE) - grey(pictures.BLUE) > 0.2
    dashes = [dash for _, _, dash in plot.SPREAD]
    assert len(set(dashes)) == len(dashes)
