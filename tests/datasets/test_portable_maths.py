"""The portable functions against the standard library's."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from datasets.keytypes import Floats
from datasets.synthetic import portable_maths

POINTS = np.random.default_rng(0).uniform(-40.0, 40.0, 5_000)


@pytest.mark.parametrize(
    ("function", "truth", "points"),
    [
        (portable_maths.exp, math.exp, POINTS),
        (portable_maths.exp2, lambda x: math.pow(2.0, x), POINTS * 25.0),
        (portable_maths.log, math.log, np.exp(POINTS)),
        (portable_maths.log, math.log, 1.0 + POINTS * 1e-6),
        (portable_maths.log, math.log, np.array([5e-324, 2.0**-54, 1.0, 1.7e308])),
    ],
)
def test_relative_error_is_a_few_units_in_the_last_place(
    function: Callable[[Floats], Floats], truth: Callable[[float], float], points: Floats
) -> None:
    expected = np.array([truth(point) for point in points.tolist()])
    assert np.all(np.abs(function(points) - expected) <= 4 * np.spacing(np.abs(expected)))


def test_circular_functions() -> None:
    turns = np.linspace(-3.0, 3.0, 4001)
    cosines = [math.cos(2 * math.pi * (turn % 1.0)) for turn in turns.tolist()]
    sines = [math.sin(2 * math.pi * (turn % 1.0)) for turn in turns.tolist()]
    assert np.allclose(portable_maths.cos_turns(turns), cosines, rtol=0, atol=2e-15)
    assert np.allclose(portable_maths.sin_turns(turns), sines, rtol=0, atol=2e-15)


def test_quarter_turns_are_exact() -> None:
    turns = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert portable_maths.cos_turns(turns).tolist() == [1.0, 0.0, -1.0, 0.0, 1.0]
