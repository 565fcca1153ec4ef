"""RadixSpline: its promise for any keys, hard sets, bad parameters, damaged pickles."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from tests.border.hard_sets import around, hard_sets, shortest
from tests.border.helpful import refused
from tests.contract.key_sets import Array
from tests.contract.strategies import keys_of_any_dtype

KEYS = np.sort(np.random.default_rng(5).lognormal(0, 2, 50_000) * 1e9).astype(np.uint64)
MANY = 2_000_000
LONGEST_WINDOW = 128


@given(keys=keys_of_any_dtype(), epsilon=st.sampled_from([1, 2, 5, 32, 10**6]))
def test_epsilon_holds_for_predictions(keys: Array, epsilon: int) -> None:
    model = lx.RadixSpline(epsilon=epsilon).fit(keys)
    asked = around(keys)
    asked = asked[asked == asked]
    errors = np.abs(model.predict(asked) - np.searchsorted(keys, asked))
    assert errors.max(initial=0) <= model.max_error_ <= epsilon


@given(
    keys=keys_of_any_dtype(),
    epsilon=st.sampled_from([1, 2, 5, 32, 2**70]),
    radix_bits=st.sampled_from([None, 1, 5, 16]),
)
def test_epsilon_holds_for_bounds(
    kernel_row: str, keys: Array, epsilon: int, radix_bits: int | None
) -> None:
    index = lx.LearnedIndex(keys, lx.RadixSpline(epsilon, radix_bits))
    asked = around(keys)
    for side in ("left", "right"):
        expected = np.searchsorted(keys, asked, side)
        low, high = index.bounds(asked, side)
        assert (low <= expected).all() and (expected <= high).all()
        if len(keys) >= LONGEST_WINDOW and not np.isnan(keys[-1]):
            assert ((high - low) <= 2 * epsilon).all()


@pytest.mark.parametrize("epsilon", [1, 32, 5_000])
@pytest.mark.parametrize("name", hard_sets(10))
def test_hard_sets(kernel_row: str, name: str, epsilon: int) -> None:
    keys = hard_sets(60_000)[name]
    model = lx.RadixSpline(epsilon=epsilon).fit(keys)
    index = lx.LearnedIndex(keys, model)
    asked = around(keys[::3])
    for side in ("left", "right"):
        expected = np.searchsorted(keys, asked, side)
        np.testing.assert_array_equal(index.searchsorted(asked, side), expected)
    assert np.abs(model.predict(asked) - np.searchsorted(keys, asked)).max() <= epsilon
    assert model.n_points_ <= 2 + 2 * len(keys) // epsilon
    index.verify()


def test_hard_sets_are_fitted_in_one_pass_too() -> None:
    """No set takes many times what evenly spread keys take, however the corridor turns."""
    even = np.sort(np.random.default_rng(7).integers(0, 2**62, MANY))
    usual = shortest(lambda: lx.LearnedIndex(even, "radix_spline"))
    for name, keys in hard_sets(MANY).items():
        taken = shortest(lambda keys=keys: lx.LearnedIndex(keys, "radix_spline"))  # type: ignore[misc]
        assert taken < 10 * usual, f"{name}: {taken:.3f} s, evenly spread keys: {usual:.3f} s"


@pytest.mark.parametrize(
    ("settings", "kind", "says"),
    [
        ({"epsilon": 0}, ValueError, ("epsilon", "at least 1", "got 0")),
        ({"epsilon": -3}, ValueError, ("epsilon", "-3")),
        ({"epsilon": -(2**80)}, ValueError, ("epsilon",)),
        ({"epsilon": 2.0}, TypeError, ("epsilon", "2.0")),
        ({"epsilon": float("nan")}, TypeError, ("epsilon", "nan")),
        ({"epsilon": True}, TypeError, ("epsilon", "True")),
        ({"epsilon": "32"}, TypeError, ("epsilon", "'32'")),
        ({"epsilon": None}, TypeError, ("epsilon", "None")),
        ({"epsilon": np.array([3, 4])}, TypeError, ("epsilon",)),
        ({"radix_bits": 0}, ValueError, ("radix_bits", "24", "got 0")),
        ({"radix_bits": 25}, ValueError, ("radix_bits", "25")),
        ({"radix_bits": -1}, ValueError, ("radix_bits",)),
        ({"radix_bits": 10**30}, ValueError, ("radix_bits",)),
        ({"radix_bits": 8.0}, TypeError, ("radix_bits", "8.0")),
        ({"radix_bits": np.bool_(True)}, TypeError, ("radix_bits",)),
        ({"radix_bits": "auto"}, TypeError, ("radix_bits", "None")),
    ],
)
def test_bad_parameters_are_refused(
    settings: dict[str, Any], kind: type[Exception], says: tuple[str, ...]
) -> None:
    model = lx.RadixSpline(**settings)
    refused(model.fit, KEYS, kind=kind, says=says)
    refused(lx.LearnedIndex, KEYS, model, kind=kind, says=says)


@pytest.mark.parametrize("epsilon", [np.int8(4), np.uint64(2**63), 2**31 + 1, 2**64, 10**50])
def test_any_int_of_at_least_one_is_an_epsilon(epsilon: Any) -> None:
    model = lx.RadixSpline(epsilon=epsilon).fit(KEYS)
    assert model.get_params() == {"epsilon": epsilon, "radix_bits": None}
    index = lx.LearnedIndex(KEYS, model)
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))
    assert model.max_error_ <= epsilon
    assert epsilon < len(KEYS) or model.n_points_ == 2


def test_a_smaller_epsilon_takes_more_points_and_scores_better() -> None:
    models = [lx.RadixSpline(epsilon=epsilon).fit(KEYS) for epsilon in (1, 4, 16, 64, 256)]
    points, scores = [m.n_points_ for m in models], [m.score(KEYS) for m in models]
    assert points == sorted(points, reverse=True) and scores == sorted(scores, reverse=True)
    assert len(set(points)) == len(set(scores)) == len(models)


def test_the_table_counts_the_points_before_each_bin() -> None:
    for bits in (None, 1, 7, 20):
        model = lx.RadixSpline(epsilon=8, radix_bits=bits).fit(KEYS)
        coordinates, positions = model.points_
        assert model.radix_table_.shape == (2**model.radix_bits_ + 1,)
        assert bits in (None, model.radix_bits_)
        assert coordinates[0] == positions[0] == 0 and positions[-1] == len(KEYS)
        shift = max(0, int(coordinates[-1]).bit_length() - model.radix_bits_)
        borders = np.arange(len(model.radix_table_) - 1, dtype=np.uint64) << np.uint64(shift)
        np.testing.assert_array_equal(
            model.radix_table_[:-1], np.searchsorted(coordinates, borders)
        )
        assert model.radix_table_[-1] == model.n_points_
        assert model.nbytes_ > 16 * model.n_points_ + 4 * 2**model.radix_bits_


def test_what_was_learned_cannot_be_written_to() -> None:
    model = lx.RadixSpline().fit(KEYS)
    for array in (*model.points_, model.radix_table_):
        assert not array.flags.writeable
        with pytest.raises(ValueError):
            array.flags.writeable = True


def test_smooth_keys_take_little_memory() -> None:
    keys = np.sort(np.random.default_rng(8).integers(0, 2**63, 1_000_000)).astype(np.uint64)
    index = lx.LearnedIndex(keys, "radix_spline")
    assert index.nbytes <= 0.02 * keys.nbytes
    assert index.stats()["first_window_hits"] > 0.9


def test_a_fitted_model_is_fitted_again_to_the_keys_of_an_index() -> None:
    model = lx.RadixSpline(epsilon=3).fit(np.arange(10))
    index = lx.LearnedIndex(KEYS, model)
    assert model.n_points_ == 2 and index.model.n_points_ > 100
    assert index.model.get_params() == model.get_params()
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))


def test_an_unfitted_model_says_so() -> None:
    model = lx.RadixSpline()
    for use in (lambda: model.predict(KEYS), lambda: model.points_, lambda: model.score(KEYS)):
        refused(use, says=("RadixSpline", "fit"))


def test_weights_change_nothing() -> None:
    plain, weighted = (
        lx.RadixSpline().fit(KEYS),
        lx.RadixSpline().fit(KEYS, sample_weight=np.ones(len(KEYS))),
    )
    np.testing.assert_array_equal(plain.points_, weighted.points_)


@pytest.mark.parametrize("dtype", ["uint64", "float32", "M8[s]", "bool"])
def test_a_pickle_predicts_and_can_be_indexed(dtype: str) -> None:
    keys = np.sort((KEYS % 3 == 0) if dtype == "bool" else (KEYS >> 12).astype(dtype))
    model = lx.RadixSpline(epsilon=4, radix_bits=9).fit(keys)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict(keys), model.predict(keys))
    for name in ("points_", "radix_table_", "radix_bits_", "max_error_", "n_points_"):
        np.testing.assert_array_equal(getattr(twin, name), getattr(model, name))
    assert twin.score(keys) == model.score(keys) and repr(twin) == repr(model)
    index = lx.LearnedIndex(keys, twin)
    np.testing.assert_array_equal(index.searchsorted(keys), np.searchsorted(keys, keys))
    assert pickle.loads(pickle.dumps(lx.RadixSpline(epsilon=7))).get_params()["epsilon"] == 7


def damaged(part: str, value: Any) -> dict[str, Any]:
    """Return the state of a fitted model with one part replaced."""
    state = lx.RadixSpline(epsilon=4).fit(KEYS).__getstate__()
    return {**state, "fitted": {**state["fitted"], part: value}}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("points", ([0], [0])),
        ("points", ([], [])),
        ("points", ([0, 5, 3], [0, 1, 2])),
        ("points", ([0, 2**40], [0, 5])),
        ("points", ([0, 7, 9], [0, 2**60, 2**62])),
        ("points", ([0, 7, 9], [0, 4])),
        ("points", ([[0, 7], [8, 9]], [[0, 1], [2, 3]])),
        ("domain", (0, 1)),
        ("domain", (-1, 5)),
        ("domain", "all"),
        ("radix_bits", 60),
        ("radix_bits", -1),
        ("max_error", "none"),
        ("dtype", np.dtype("U5")),
    ],
)
def test_damaged_pickles_are_refused(part: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        lx.RadixSpline().__setstate__(damaged(part, value))
