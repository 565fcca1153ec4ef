"""Laws redone in plain Python, one key at a time, from their description."""

import numpy as np

from datasets.synthetic import gen

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(x: int) -> int:
    z = (x + GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def raw(seed: int, stream: int, i: int) -> int:
    start = mix((seed * GOLDEN + stream * 0xD1B54A32D192ED03) & MASK)
    return mix((start + i * 0x2545F4914F6CDD1D) & MASK)


def unit(seed: int, stream: int, i: int) -> float:
    return ((raw(seed, stream, i) >> 11) + 0.5) * 2.0**-53


def cell(seed: int, i: int) -> int:
    prefix = 0
    for level in range(30):
        node = mix((prefix * GOLDEN + 131 * seed + level) & MASK)
        percent = 55 if level < 12 else 25 if level < 20 else 8
        strong = (node >> 8) % 100 < percent
        steps = (0.70, 0.95, 1.00) if strong else (0.46, 0.74, 0.91)
        place = unit(seed, 10 + level, i)
        prefix = 4 * prefix + (sum(place >= step for step in steps) + node) % 4
    return 16 * prefix + 8


def thinned(keys: set[int], n: int) -> list[int]:
    return sorted(sorted(keys, key=lambda key: mix(key ^ 77))[:n])


def test_osm() -> None:
    n, seed = 400, 6
    drawn = {cell(seed, i) for i in range(n + n // 20 + 64)}
    assert gen("osm", n, seed).tolist() == thinned(drawn, n)


def test_uniform() -> None:
    assert gen("uniform", 500, 6).tolist() == sorted(raw(6, 0, i) for i in range(500))


def test_poison_without_poison_is_uniform() -> None:
    n = 500
    drawn = {raw(6, 0, i) >> 20 for i in range(n + n // 20 + 64)}
    assert gen("poison", n, 6, phi=0.0).tolist() == thinned(drawn, n)


def test_expgap() -> None:
    n = 1_000
    ratio = 2.0 ** (62 / n)
    gaps = [max(1.0, ratio**i * (ratio - 1.0)) for i in range(n)]
    assert np.allclose(gen("expgap", n).astype(np.float64), np.cumsum(gaps), rtol=1e-9, atol=n)


def test_runs_lengths_and_outliers() -> None:
    keys = gen("runs", 5_000, 6)
    breaks = np.flatnonzero(np.diff(keys[:-5]) > 1)
    lengths = np.diff(breaks, prepend=-1)
    expected = [int(16 * unit(6, 0, i) ** (-1 / 1.2)) for i in range(lengths.size)]
    assert lengths.tolist() == [min(length, 1_248) for length in expected]
    assert keys[-6] < 2**45 <= keys[-5]
    # The outliers appear at 64 keys: before, the set would be little else.
    assert gen("runs", 63)[-1] < 2**45
    assert gen("runs", 64)[-5] >= 2**45
