"""The core's segments are as few as the slow twin's, and its predictions are those of its lines."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.reference.pgm_twin import corners, fewest, ordinals, predictions, segment_starts

DTYPES = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8")
ARRAYS = 100  # of every dtype: a thousand in all


def arrays(dtype: str) -> list[Any]:
    """Draw small arrays: spread, clustered, stepped, in runs, over the whole dtype."""
    random = np.random.default_rng(ord(dtype[0]) * 10 + int(dtype[1]))
    return [draw(random, np.dtype(dtype), shape) for shape in range(ARRAYS)]


def draw(random: np.random.Generator, dtype: np.dtype[Any], shape: int) -> Any:
    n = int(random.integers(1, 50))
    if shape % 5 == 0:  # anything
        keys = np.frombuffer(random.bytes(n * dtype.itemsize), dtype).copy()
        keys = keys[np.isfinite(keys)] if dtype.kind == "f" else keys
        keys = keys if keys.size else np.ones(1, dtype)
    elif shape % 5 == 1:  # next to each other
        keys = random.integers(0, 60, n).astype(dtype)
    elif shape % 5 == 2:  # exponential gaps
        bits = min(8 * dtype.itemsize - 2, 60)
        keys = (2.0 ** random.uniform(0, bits, n)).astype(dtype)
    elif shape % 5 == 3:  # two clusters and an outlier
        ends = (0, 100) if dtype.itemsize == 1 else (0, 20_000)
        keys = (random.integers(0, 9, n) + random.choice(ends, n)).astype(dtype)
    else:  # a staircase
        keys = (np.arange(n) // int(random.integers(1, 9)) * 3).clip(0, 100).astype(dtype)
    if shape % 2:  # runs
        keys = np.repeat(keys, random.integers(1, 12, keys.size))
    return np.sort(keys)


def points_of(keys: Any) -> list[tuple[int, int]]:
    steps = ordinals(keys)
    values = 2 ** (8 * keys.dtype.itemsize)
    covers_all = keys.dtype.kind != "f" and steps[-1] == values - 1
    return corners(steps, steps[-1] if covers_all else steps[-1] + 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_segments_are_as_few_as_can_be(kernel_row: str, dtype: str) -> None:
    for i, keys in enumerate(arrays(dtype)):
        epsilon = (1, 2, 3, 5, 9)[i % 7 % 5]
        model = lx.PGM(epsilon=epsilon).fit(keys)
        expected = segment_starts(points_of(keys), epsilon)
        assert model.coordinates_.tolist() == expected, (dtype, i, epsilon, keys.tolist())


def test_longest_runs_make_the_fewest_segments() -> None:
    """Of all ways to cut the points: taking what one line passes leaves none that needs fewer."""
    for keys in arrays("u2")[::4] + arrays("i8")[::4]:
        points = points_of(keys)[:40]
        for epsilon in (1, 3):
            assert len(segment_starts(points, epsilon)) == fewest(points, epsilon)


@pytest.mark.parametrize("epsilon", [1, 4, 30])
@pytest.mark.parametrize("dtype", DTYPES)
def test_predictions_are_those_of_the_lines(kernel_row: str, dtype: str, epsilon: int) -> None:
    for keys in arrays(dtype)[::9]:
        model = lx.PGM(epsilon=epsilon).fit(keys)
        expected = predictions(model, ordinals(keys), len(keys))
        found = model.predict(keys)
        assert (found == np.round(found)).all()
        assert np.abs(found - expected).max() <= 0.51


@pytest.mark.parametrize("n", [3_000, 20_000])
def test_large_sets_level_by_level(kernel_row: str, n: int) -> None:
    """Many segments: several levels lead to the right one, the fewest in each."""
    keys = np.sort(np.random.default_rng(n).lognormal(0, 2, n) * 1e12).astype(np.uint64)
    model = lx.PGM(epsilon=1).fit(keys)
    assert model.height_ >= 2
    expected = predictions(model, ordinals(keys), n)
    assert np.abs(model.predict(keys) - expected).max() <= 0.51
