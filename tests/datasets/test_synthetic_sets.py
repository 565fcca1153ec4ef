"""Size, order, bits and shape of the synthetic sets."""

from typing import Any

import numpy as np
import pytest

from datasets.checksum import sha256_of_keys
from datasets.keytypes import AnyKeys
from datasets.synthetic import SYNTHETIC, gen
from datasets.synthetic.attacks import TAILS, tail_of
from datasets.synthetic.draws import BLOCK, distinct, in_blocks
from datasets.synthetic.poison import _greedy as greedy

WITH_REPEATS = {"wiki", "equal", "equal_zero", "equal_max", "stair_equal", "floats"}
WITHOUT_SEED = {"seq", "expgap", "two", "lastbit", "lastbit_top", "stair", "stair_equal"} | {
    "equal",
    "equal_zero",
    "equal_max",
    "stair_fine",
    "tails",
}
SIZES = [0, 1, 2, 3, 32, 65, 513, 1000, BLOCK + 1]


@pytest.mark.parametrize("name", SYNTHETIC)
@pytest.mark.parametrize("n", SIZES)
def test_exactly_n_sorted_keys(name: str, n: int) -> None:
    if name == "fb" and n < 64:
        with pytest.raises(ValueError, match="at least 64"):
            gen(name, n)
        return
    keys = gen(name, n, seed=3)
    assert keys.shape == (n,)
    assert keys.dtype == (np.float64 if name == "floats" else np.uint64)
    assert np.all(keys[1:] >= keys[:-1])
    if name not in WITH_REPEATS:
        assert np.all(keys[1:] > keys[:-1])


@pytest.mark.parametrize("name", SYNTHETIC)
def test_bits_are_the_published_ones(name: str) -> None:
    assert sha256_of_keys(gen(name, 10_000, 1)) == SYNTHETIC[name].sha256


@pytest.mark.parametrize("name", SYNTHETIC)
def test_seed_decides_the_keys(name: str) -> None:
    keys = gen(name, 2_000, seed=2)
    assert np.array_equal(keys, gen(name, 2_000, seed=2))
    assert np.array_equal(keys, gen(name, 2_000, seed=(1 << 64) - 1)) == (name in WITHOUT_SEED)


def endpoint_error(keys: AnyKeys) -> float:
    """Return the largest distance, in percent of n, from the line through the end keys."""
    at = keys.astype(np.float64)
    line = (at - at[0]) / (at[-1] - at[0]) * (keys.size - 1)
    return float(np.abs(line - np.arange(keys.size)).max()) / keys.size * 100


# The errors of the prototypes that the laws were chosen with, at a million keys.
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("uniform", 0.1),
        ("seq", 0.0),
        ("books", 99.5),
        ("fb", 100.0),
        ("osm", 37.6),
        ("wiki", 20.7),
        ("expgap", 88.9),
        ("two", 50.0),
        ("lastbit", 50.0),
    ],
)
def test_shape_of_the_distribution(name: str, error: float) -> None:
    assert endpoint_error(gen(name, 10**6)) == pytest.approx(error, abs=0.2)


def test_repeats_of_wiki() -> None:
    keys = gen("wiki", 10**6)
    assert 1 - np.unique(keys).size / keys.size == pytest.approx(0.66, abs=0.02)


def test_extremes() -> None:
    assert gen("lastbit_top", 5).tolist() == [2**64 - 5 + i for i in range(5)]
    assert gen("two", 5).tolist() == [0, 1, 2**63, 2**63 + 1, 2**63 + 2]
    assert gen("lastbit", 4).tolist() == [2**53, 2**53 + 1, 2**63 + 2, 2**63 + 3]
    assert gen("equal_max", 2).tolist() == [2**64 - 1] * 2
    assert gen("stair", 5, step=2).tolist() == [0, 1, 2**20, 2**20 + 1, 2**21]
    assert gen("stair_equal", 5, step=2).tolist() == [0, 0, 2**20, 2**20, 2**21]


def test_floats_hold_every_special_value_but_nan() -> None:
    keys = gen("floats", 1_000)
    zeros = keys[keys == 0.0]
    assert np.signbit(zeros).tolist() == [False, True]
    for value in (5e-324, -5e-324, np.finfo(np.float64).max, np.finfo(np.float64).min):
        assert value in keys
    assert np.isinf(keys[[0, -1]]).all()
    assert not np.isnan(keys).any()
    assert np.count_nonzero(np.abs(keys) < np.finfo(np.float64).tiny) == 250 + 4
    assert np.count_nonzero(keys == 1.0) == 2


def loss(keys: AnyKeys) -> float:
    """Return the mean squared error of the least-squares line of a CDF."""
    x, rank = (keys - keys[0]).astype(np.float64), np.arange(keys.size)
    return float(np.square(np.polyval(np.polyfit(x / x[-1], rank, 1), x / x[-1]) - rank).mean())


def test_every_greedy_key_is_the_worst_there_is() -> None:
    """Against all keys that could be inserted into a small block, tried one by one."""
    rng = np.random.default_rng(5)
    keys = np.sort(rng.choice(400, 24, replace=False)).astype(np.uint64)
    free = np.setdiff1d(np.arange(keys[0], keys[-1], dtype=np.uint64), keys)
    worst = max(loss(np.sort(np.append(keys, one))) for one in free)
    chosen = greedy(keys, 1 / 24)
    assert chosen.size == 1 and chosen[0] in free
    assert loss(np.sort(np.append(keys, chosen))) == pytest.approx(worst)


def test_greedy_poison_harms_more_than_clusters() -> None:
    block = {"block": 512}
    honest, clustered, chosen = (
        gen(name, 5_000, phi=phi, **block)
        for name, phi in (("poison", 0.0), ("poison", 0.1), ("poison_greedy", 0.1))
    )
    losses = [
        np.mean([loss(keys[i : i + 450]) for i in range(0, 4_500, 450)])
        for keys in (honest, clustered, chosen)
    ]
    assert losses[2] > 2 * losses[0] and losses[2] > 0.9 * losses[1]


def test_outliers_and_tails() -> None:
    keys = gen("outliers", 1_000)
    assert keys[:9].tolist()[:8] == [1 << 6 * i for i in range(8)] and keys[8] >= 2**63
    assert keys[-1] == 2**64 - 2 and keys[-9] < 2**63 + 2**44
    assert gen("outliers", 63)[0] >= 2**63
    keys, tail = gen("tails", 4_800), tail_of(4_800)
    starts = [int(keys[tail == number][0]) for number in range(TAILS)]
    assert [start >> 40 for start in starts] == [1 << number for number in range(TAILS)]
    assert np.all(np.diff(keys[tail == 3]) == 1) and np.all(np.diff(keys[tail == -1]) == 16)


def test_poison_makes_a_line_worse() -> None:
    poisoned = gen("poison", 4_500, block=4_096)
    honest = gen("poison", 4_500, phi=0.0)
    assert loss(poisoned[:4_000]) > 5 * loss(honest[:4_000])
    clusters = np.diff(poisoned) == 1
    assert np.count_nonzero(clusters) == pytest.approx(0.1 * 4_500, rel=0.1)


def test_noise_knob() -> None:
    rough, smooth = gen("fb", 10_000, sigma=2.5), gen("fb", 10_000, sigma=0.5)
    assert np.diff(rough[:-21]).std() > 3 * np.diff(smooth[:-21]).std()


@pytest.mark.parametrize(
    ("arguments", "knobs", "message"),
    [
        (("nothing", 5), {}, "no synthetic set 'nothing'"),
        (("seq", -1), {}, "n=-1 is negative"),
        (("seq", 5, -1), {}, "seed=-1"),
        (("seq", 5, 1 << 64), {}, "seed="),
        (("stair", 5), {"step": 0}, "step=0"),
        (("poison", 5), {"phi": 0.5}, "phi=0.5"),
        (("poison", 5), {"block": 1}, "block=1"),
        (("poison_greedy", 5), {"phi": -0.1}, "phi=-0.1"),
    ],
)
def test_bad_arguments(arguments: tuple[Any, ...], knobs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gen(*arguments, **knobs)


def test_fractional_sizes_are_refused() -> None:
    with pytest.raises(TypeError):
        gen("seq", 2.5)  # type: ignore[arg-type]


def test_a_law_with_too_few_keys_is_refused() -> None:
    assert distinct(16, lambda start, stop: np.arange(start, stop, dtype=np.uint64) % 16).size == 16
    with pytest.raises(ValueError, match="n=17 is more distinct keys"):
        distinct(17, lambda start, stop: np.arange(start, stop, dtype=np.uint64) % 16)


def test_blocks_cover_every_draw_once() -> None:
    n = 3 * BLOCK - 1
    keys = in_blocks(n, lambda start, stop: np.arange(start, stop, dtype=np.uint64))
    assert np.array_equal(keys, np.arange(n))
