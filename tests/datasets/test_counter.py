"""The counter's draws against published values and plain Python integers."""

import numpy as np
import pytest

from datasets.synthetic.counter import base, mix, raw, unit

MASK = (1 << 64) - 1


def mix_of_int(x: int) -> int:
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def raw_of_int(seed: int, stream: int, i: int) -> int:
    start = mix_of_int((seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03) & MASK)
    return mix_of_int((start + i * 0x2545F4914F6CDD1D) & MASK)


def test_mix_is_the_published_generator() -> None:
    # The first outputs of SplitMix64 seeded with 1234567; its state grows by the golden step.
    states = np.array([1234567, 1234567 + 0x9E3779B97F4A7C15], dtype=np.uint64)
    assert mix(states).tolist() == [6457827717110365317, 3203168211198807973]


@pytest.mark.parametrize("seed", [0, 1, 77, MASK])
@pytest.mark.parametrize("stream", [0, 1, 1039])
def test_draws_equal_plain_integers(seed: int, stream: int) -> None:
    expected = [raw_of_int(seed, stream, i) for i in range(200, 230)]
    assert raw(seed, stream, 200, 230).tolist() == expected


def test_draws_do_not_depend_on_the_block() -> None:
    whole = raw(5, 2, 0, 1000)
    parts = [raw(5, 2, start, start + 100) for start in range(0, 1000, 100)]
    assert np.array_equal(whole, np.concatenate(parts))


def test_streams_and_seeds_differ() -> None:
    bases = {base(seed, stream) for seed in range(50) for stream in range(50)}
    assert len(bases) == 2500


def test_unit_draws_have_53_bits_inside_the_unit_interval() -> None:
    draws = unit(3, 0, 0, 100_000)
    expected = [((raw_of_int(3, 0, i) >> 11) + 0.5) * 2.0**-53 for i in range(100)]
    assert draws[:100].tolist() == expected
    assert 0.0 < draws.min() < draws.max() < 1.0
    assert abs(draws.mean() - 0.5) < 0.005
