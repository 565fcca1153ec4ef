"""Roots of an RMI: each learns the CDF and is compiled to values at equally spaced knots.

A root reads a coordinate scaled to [0, 1] and gives the share of the keys, or of their weight,
below it. What it has
learned, whatever its kind, is evaluated at the knots once; lookups see the knots alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Root = Callable[[Floats], Floats]

MAX_FALL = 0.01  # of the keys; less costs no more than other errors of a root
DEPENDENT = 1e-12  # what is left of a column that says no more than those before it

NATIVE = ("histogram", "linear", "cubic", "radix")


class CompiledRoot(str):
    """The text of a regressor of which a file kept the compiled form; it cannot be fitted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def fit_linear(x: Floats, y: Floats) -> Root:
    """Fit the least-squares line through (coordinate, fraction)."""
    return _polynomial(x, y, 1)


def fit_cubic(x: Floats, y: Floats) -> Root:
    """Fit the least-squares cubic; where it falls it is made flat."""
    return _polynomial(x, y, 3)


def fit_radix(x: Floats, y: Floats) -> Root:
    """Take the leading bits of the coordinate: the CDF of evenly spread keys."""
    high = float(x[-1]) if x.size else 1.0
    return lambda at: at / high if high > 0 else np.zeros_like(at)


def fit_regressor(regressor: Any, x: Floats, y: Floats) -> Root:
    """Fit a clone of any scikit-learn regressor on (key - first) / (last - first), position / n.

    Raises ValueError, naming the regressor, for whatever it raises and for predictions that are
    not one finite number for each coordinate.
    """
    from sklearn.base import clone

    if x.size == 0:
        return np.zeros_like
    fitted = clone(regressor)
    name = type(regressor).__name__
    with _blamed(name, "fit"):
        fitted.fit(x.reshape(-1, 1), y)

    def evaluate(at: Floats) -> Floats:
        with _blamed(name, "predict"):
            values = np.asarray(fitted.predict(at.reshape(-1, 1)), dtype=np.float64)
        if values.shape not in ((at.size,), (at.size, 1)):
            raise ValueError(
                f"root: {name}.predict gives shape {values.shape} for {at.size} coordinates; "
                "it must give one number for each"
            )
        if not np.isfinite(values).all():
            raise ValueError(
                f"root: {name} predicts NaN or infinity; scale its input or choose another root"
            )
        return values.reshape(-1)

    return evaluate


@contextmanager
def _blamed(name: str, step: str) -> Iterator[None]:
    """Say of an error that the regressor raised it; Ctrl-C and a lack of memory pass through."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(f"root: {name}.{step} raised {type(error).__name__}: {error}") from error


def warn_of_falls(name: str, values: Floats) -> None:
    """Warn if a root falls by more than a hundredth of the keys, where it will be made flat."""
    falls = np.maximum.accumulate(values) - values
    if falls.size and float(falls.max()) > MAX_FALL:
        warnings.warn(
            f"root: {name} is not monotone: it falls by {float(falls.max()):.1%} of the keys; "
            "it was made flat there, so answers stay right but take longer",
            stacklevel=2,
        )


def through_steps(root: Root, x: Floats, values: Floats) -> Root:
    """Return a root that rises evenly between the middles of its steps, if it is a step function.

    Trees and their ensembles are: the keys of a step would all fall into one leaf of the RMI.
    """
    if x.size < 4:
        return root
    starts = np.flatnonzero(np.concatenate([[True], np.diff(values) != 0]))
    if starts.size < 2 or starts.size > x.size // 4:
        return root
    heights = values[starts]
    middles = np.add.reduceat(x, starts) / np.diff(np.append(starts, x.size))
    low = max(0.0, heights[0] - (heights[1] - heights[0]) / 2)
    high = min(1.0, heights[-1] + (heights[-1] - heights[-2]) / 2)
    knots = np.concatenate([x[:1], middles, x[-1:]])
    rises = np.concatenate([[low], heights, [high]])
    return lambda at: np.interp(at, knots, rises)


def monotone(values: Floats) -> Floats:
    """Return the smallest non-decreasing function that is not below, kept inside [0, 1]."""
    return np.maximum.accumulate(np.clip(values, 0.0, 1.0))


def _polynomial(x: Floats, y: Floats, degree: int) -> Root:
    if x.size == 0 or x[0] == x[-1]:
        return lambda at: np.clip(at, 0.0, 1.0)
    low, high = float(x[0]), float(x[-1])

    def powers(at: Floats) -> list[Floats]:
        centred = (2 * at - low - high) / (high - low)
        terms = [np.ones_like(centred), centred]  # Chebyshev polynomials
        while len(terms) <= degree:
            terms.append(2 * centred * terms[-1] - terms[-2])
        return terms

    coefficients = least_squares(powers(x), y)

    def evaluate(at: Floats) -> Floats:
        value = np.zeros_like(at)
        for factor, term in zip(coefficients, powers(np.clip(at, low, high)), strict=True):
            value += factor * term
        return value

    return evaluate


def least_squares(columns: list[Floats], y: Floats) -> list[float]:
    """Return the factors of the columns whose sum is nearest to y; 0 for a dependent column.

    By orthogonal columns, one after the other (modified Gram-Schmidt). Sums are taken in a fixed
    order: libraries of linear algebra round as their version and the processor suggest, but equal
    keys have to give equal models. O(n * columns**2).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(5.0)
    >>> [round(factor, 9) for factor in least_squares([np.ones(5), x], 3 + 2 * x)]
    [3.0, 2.0]
    """
    directions: list[Floats] = []
    upper = np.zeros((len(columns), len(columns)))
    rest, projections = y, np.zeros(len(columns))
    for j, column in enumerate(columns):
        left = column
        for i, direction in enumerate(directions):
            upper[i, j] = _dot(direction, left)
            left = left - upper[i, j] * direction
        size = float(np.sqrt(_dot(left, left)))
        if size > DEPENDENT * float(np.sqrt(_dot(column, column))):
            upper[j, j] = size
            directions.append(left / size)
        else:
            directions.append(np.zeros_like(left))
        projections[j] = _dot(directions[j], rest)
        rest = rest - projections[j] * directions[j]
    factors = [0.0] * len(columns)
    for j in reversed(range(len(columns))):
        if upper[j, j] > 0:
            known = sum(float(upper[j, i]) * factors[i] for i in range(j + 1, len(columns)))
            factors[j] = (float(projections[j]) - known) / float(upper[j, j])
    return factors


def _dot(a: Floats, b: Floats) -> float:
    return float(np.cumsum(a * b)[-1])  # one after the other, on every machine


FITTERS: dict[str, Callable[[Floats, Floats], Root]] = {
    "linear": fit_linear,
    "cubic": fit_cubic,
    "radix": fit_radix,
}
