"""The core's points and predictions against the slow twin, and the promise in exact fractions."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.key_sets import NUMBERS, key_sets, neighbours
from tests.reference.spline_twin import SplineTwin, ordinal

DTYPES = [dtype for dtype in NUMBERS if dtype not in ("float16", "bool")] + ["M8[s]"]
ROUNDING = Fraction(1, 16)
EPSILONS = (1, 2, 3, 5, 9, 200)


def small_array(dtype: str, seed: int) -> Any:
    """Return up to a hundred keys: scattered anywhere, crowded, or in runs of equal ones."""
    random = np.random.default_rng(seed)
    pool = key_sets(dtype)["wide" if dtype.startswith("f") else "uniform"]
    near = pool[len(pool) // 2 : len(pool) // 2 + 30]
    some = random.choice([pool, near][seed % 2], random.integers(1, 40))
    repeats = random.choice([1, 1, 2, 5, 20], some.size) if seed % 3 else 1
    return np.sort(np.repeat(some, repeats))[:100]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_points_on_a_thousand_arrays(dtype: str) -> None:
    """A hundred arrays of each of ten number dtypes and of times."""
    for seed in range(100):
        keys, epsilon = small_array(dtype, seed), EPSILONS[seed % len(EPSILONS)]
        coordinates, positions = lx.RadixSpline(epsilon=epsilon).fit(keys).points_
        expected = SplineTwin(keys, epsilon).points
        assert list(zip(coordinates.tolist(), positions.tolist(), strict=True)) == expected, seed


@pytest.mark.parametrize("name", ["uniform", "repeated", "skewed", "stairs", "powers of two"])
@pytest.mark.parametrize("dtype", ["uint64", "int32", "int8"])
def test_the_same_points_on_larger_sets(kernel_row: str, dtype: str, name: str) -> None:
    keys = key_sets(dtype)[name][:400]
    for epsilon in EPSILONS:
        model, twin = lx.RadixSpline(epsilon=epsilon).fit(keys), SplineTwin(keys, epsilon)
        assert model.points_[0].tolist() == [x for x, _ in twin.points]
        assert model.points_[1].tolist() == [y for _, y in twin.points]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_predictions(kernel_row: str, dtype: str) -> None:
    for seed in range(20):
        keys, epsilon = small_array(dtype, seed), EPSILONS[seed % len(EPSILONS)]
        model, twin = lx.RadixSpline(epsilon=epsilon).fit(keys), SplineTwin(keys, epsilon)
        asked = np.concatenate([keys, neighbours(keys), keys[::2]])
        asked = asked[asked == asked]
        np.testing.assert_array_equal(model.predict(asked), [twin.predict(v) for v in asked])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_spline_passes_every_gate_in_exact_arithmetic(dtype: str) -> None:
    for seed in range(40):
        keys, epsilon = small_array(dtype, seed), EPSILONS[seed % len(EPSILONS)]
        coordinates, positions = lx.RadixSpline(epsilon=epsilon).fit(keys).points_
        points = list(zip(coordinates.tolist(), positions.tolist(), strict=True))
        for run in SplineTwin(keys, epsilon).runs:
            assert exact(points, run.x) <= run.first + epsilon + ROUNDING
            if run.x < points[-1][0]:
                assert exact(points, run.x + 1) >= run.after - epsilon - ROUNDING


def exact(points: list[tuple[int, int]], x: int) -> Fraction:
    """Return the value of a spline."""
    right = next(i for i, point in enumerate(points) if point[0] >= x)
    (x0, y0), (x1, y1) = points[max(right - 1, 0)], points[max(right, 1)]
    return y0 + Fraction((x - x0) * (y1 - y0), x1 - x0)


def test_ordinals_follow_the_order_of_floats() -> None:
    for dtype in (np.float32, np.float64):
        specials = [-np.inf, -1.5, -5e-324, -0.0, 0.0, 5e-324, 1.5, np.inf]
        numbers = [ordinal(dtype(value)) for value in specials]
        assert numbers == sorted(numbers)
        assert ordinal(dtype(-0.0)) == ordinal(dtype(0.0)) == 0
        assert ordinal(np.nextafter(dtype(0), dtype(1))) == 1
