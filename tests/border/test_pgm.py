"""PGM: its promise for any keys, hard sets, bad parameters, damaged pickles."""

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


@given(keys=keys_of_any_dtype(), epsilon=st.sampled_from([1, 2, 5, 64, 10**6]))
def test_epsilon_holds_for_predictions(keys: Array, epsilon: int) -> None:
    model = lx.PGM(epsilon=epsilon).fit(keys)
    asked = around(keys)
    asked = asked[asked == asked]
    errors = np.abs(model.predict(asked) - np.searchsorted(keys, asked))
    assert errors.max(initial=0) <= model.max_error_ <= epsilon


@given(keys=keys_of_any_dtype(), epsilon=st.sampled_from([1, 2, 5, 12, 64, 2**70]))
def test_epsilon_holds_for_bounds(kernel_row: str, keys: Array, epsilon: int) -> None:
    index = lx.LearnedIndex(keys, lx.PGM(epsilon))
    asked = around(keys)
    for side in ("left", "right"):
        expected = np.searchsorted(keys, asked, side)
        low, high = index.bounds(asked, side)
        assert (low <= expected).all() and (expected <= high).all()
        if len(keys) >= LONGEST_WINDOW and not np.isnan(keys[-1]):
            assert ((high - low) <= 2 * epsilon).all()


@pytest.mark.parametrize("epsilon", [1, 12, 64, 5_000])
@pytest.mark.parametrize("name", hard_sets(10))
def test_hard_sets(kernel_row: str, name: str, epsilon: int) -> None:
    keys = hard_sets(60_000)[name]
    model = lx.PGM(epsilon=epsilon).fit(keys)
    index = lx.LearnedIndex(keys, model)
    asked = around(keys[::3])
    for side in ("left", "right"):
        expected = np.searchsorted(keys, asked, side)
        np.testing.assert_array_equal(index.searchsorted(asked, side), expected)
    assert np.abs(model.predict(asked) - np.searchsorted(keys, asked)).max() <= epsilon
    assert model.n_segments_ <= 1 + len(keys) // (2 * epsilon)
    index.verify()


def test_hard_sets_are_fitted_in_one_pass_too() -> None:
    """No set takes many times what evenly spread keys take, whatever hulls it makes."""
    even = np.sort(np.random.default_rng(7).integers(0, 2**62, MANY))
    usual = shortest(lambda: lx.LearnedIndex(even, "pgm"))
    for name, keys in hard_sets(MANY).items():
        taken = shortest(lambda keys=keys: lx.LearnedIndex(keys, "pgm"))  # type: ignore[misc]
        assert taken < 20 * usual, f"{name}: {taken:.3f} s, evenly spread keys: {usual:.3f} s"


@pytest.mark.parametrize("epsilon", [1, 16, 10**9])
@pytest.mark.parametrize("bend", ["up", "down"])
def test_keys_on_a_curve_keep_every_point_on_a_hull(bend: str, epsilon: int) -> None:
    """Squares and roots: the hulls grow as long as a segment, and no key is looked at twice."""
    steps = np.arange(200_000, dtype=np.int64)
    keys = steps * steps if bend == "up" else 2**40 - (steps * steps)[::-1]
    model = lx.PGM(epsilon=epsilon).fit(keys)
    asked = around(keys[::7])
    assert np.abs(model.predict(asked) - np.searchsorted(keys, asked)).max() <= epsilon
    index = lx.LearnedIndex(keys, model)
    np.testing.assert_array_equal(index.searchsorted(asked), np.searchsorted(keys, asked))


def test_an_arithmetic_sequence_is_one_segment() -> None:
    for step in (1, 7, 2**40):
        model = lx.PGM(epsilon=1).fit(np.arange(0, 300_000 * step, step, dtype=np.uint64))
        assert (model.n_segments_, model.height_) == (1, 1)


def test_float_keys_of_every_size() -> None:
    """Floats count by their bits, so none lie too close together, and each binade is a line."""
    binades = np.ldexp(1.0, np.arange(-1000, 1000))
    keys = np.concatenate([-binades[::-1], [0.0], binades, [np.inf, np.inf]])
    keys = np.repeat(keys, 40)
    model = lx.PGM(epsilon=2).fit(keys)
    asked = around(keys)
    assert np.abs(model.predict(asked) - np.searchsorted(keys, asked)).max() <= 2
    uniform = np.sort(np.random.default_rng(3).random(100_000))
    assert lx.PGM(epsilon=64).fit(uniform).n_segments_ < 60


@pytest.mark.parametrize(
    ("epsilon", "kind", "says"),
    [
        (0, ValueError, ("epsilon", "at least 1", "got 0")),
        (-3, ValueError, ("epsilon", "-3")),
        (-(2**80), ValueError, ("epsilon",)),
        (2.0, TypeError, ("epsilon", "2.0")),
        (float("nan"), TypeError, ("epsilon", "nan")),
        (True, TypeError, ("epsilon", "True")),
        (np.bool_(True), TypeError, ("epsilon",)),
        ("64", TypeError, ("epsilon", "'64'")),
        (None, TypeError, ("epsilon", "None")),
        (np.array([3, 4]), TypeError, ("epsilon",)),
    ],
)
def test_bad_parameters_are_refused(
    epsilon: Any, kind: type[Exception], says: tuple[str, ...]
) -> None:
    model = lx.PGM(epsilon=epsilon)
    refused(model.fit, KEYS, kind=kind, says=says)
    refused(lx.LearnedIndex, KEYS, model, kind=kind, says=says)


@pytest.mark.parametrize("epsilon", [np.int8(4), np.uint64(2**63), 2**31 + 1, 2**64, 10**50])
def test_any_int_of_at_least_one_is_an_epsilon(epsilon: Any) -> None:
    model = lx.PGM(epsilon=epsilon).fit(KEYS)
    assert model.get_params() == {"epsilon": epsilon}
    index = lx.LearnedIndex(KEYS, model)
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))
    assert model.max_error_ <= epsilon
    assert epsilon < len(KEYS) or model.n_segments_ == 1


def test_a_smaller_epsilon_takes_more_segments_and_scores_better() -> None:
    models = [lx.PGM(epsilon=epsilon).fit(KEYS) for epsilon in (1, 4, 16, 64, 256)]
    segments, scores = [m.n_segments_ for m in models], [m.score(KEYS) for m in models]
    assert segments == sorted(segments, reverse=True) and scores == sorted(scores, reverse=True)
    assert len(set(segments)) == len(set(scores)) == len(models)
    assert models[0].height_ > models[-1].height_


def test_what_was_learned_cannot_be_written_to() -> None:
    model = lx.PGM().fit(KEYS)
    for name in ("coordinates_", "slopes_", "positions_"):
        array = getattr(model, name)
        assert array.shape == (model.n_segments_,) and not array.flags.writeable
    assert (model.slopes_ >= 0).all() and model.coordinates_[0] == 0


def test_smooth_keys_take_little_memory() -> None:
    keys = np.sort(np.random.default_rng(8).integers(0, 2**63, 1_000_000)).astype(np.uint64)
    index = lx.LearnedIndex(keys, "pgm")
    assert index.nbytes <= 0.003 * keys.nbytes
    assert index.stats()["first_window_hits"] > 0.9


def test_a_fitted_model_is_fitted_again_to_the_keys_of_an_index() -> None:
    model = lx.PGM(epsilon=3).fit(np.arange(10))
    index = lx.LearnedIndex(KEYS, model)
    assert model.n_segments_ == 1 and index.model.n_segments_ > 100
    assert index.model.get_params() == model.get_params()
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))


def test_an_unfitted_model_says_so() -> None:
    model = lx.PGM()
    for use in (lambda: model.predict(KEYS), lambda: model.slopes_, lambda: model.score(KEYS)):
        refused(use, says=("PGM", "fit"))


def test_weights_change_nothing() -> None:
    plain, weighted = lx.PGM().fit(KEYS), lx.PGM().fit(KEYS, sample_weight=np.ones(len(KEYS)))
    np.testing.assert_array_equal(plain.positions_, weighted.positions_)


@pytest.mark.parametrize("dtype", ["uint64", "float32", "M8[s]", "bool"])
def test_a_pickle_predicts_and_can_be_indexed(dtype: str) -> None:
    keys = np.sort((KEYS % 3 == 0) if dtype == "bool" else (KEYS >> 12).astype(dtype))
    model = lx.PGM(epsilon=4).fit(keys)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict(keys), model.predict(keys))
    for name in ("coordinates_", "slopes_", "positions_", "height_", "max_error_", "nbytes_"):
        np.testing.assert_array_equal(getattr(twin, name), getattr(model, name))
    assert twin.score(keys) == model.score(keys) and repr(twin) == repr(model)
    index = lx.LearnedIndex(keys, twin)
    np.testing.assert_array_equal(index.searchsorted(keys), np.searchsorted(keys, keys))
    assert pickle.loads(pickle.dumps(lx.PGM(epsilon=7))).get_params() == {"epsilon": 7}


def damaged(part: str, value: Any) -> dict[str, Any]:
    """Return the state of a fitted model with one part replaced."""
    state = lx.PGM(epsilon=4).fit(KEYS).__getstate__()
    return {**state, "fitted": {**state["fitted"], part: value}}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("segments", ([], [], [])),
        ("segments", ([1], [0.0], [0.0])),
        ("segments", ([0, 5, 3], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0])),
        ("segments", ([0, 2**63], [1.0, 1.0], [0.0, 5.0])),
        ("segments", ([0, 7], [1.0, -1.0], [0.0, 5.0])),
        ("segments", ([0, 7], [1.0, np.inf], [0.0, 5.0])),
        ("segments", ([0, 7], [1.0, np.nan], [0.0, 5.0])),
        ("segments", ([0, 7], [1.0, 1.0], [0.0, np.nan])),
        ("segments", ([0, 7], [1.0, 1.0], [0.0, 1e300])),
        ("segments", ([0, 7], [1.0, 1.0], [0.0])),
        ("segments", ([0, 7], [1.0, 1.0])),
        ("domain", (0, 1)),
        ("domain", (-1, 5)),
        ("domain", "all"),
        ("errors", (1,)),
        ("errors", "none"),
        ("numbers", 2**60),
        ("numbers", -1),
        ("dtype", np.dtype("U5")),
    ],
)
def test_damaged_pickles_are_refused(part: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        lx.PGM().__setstate__(damaged(part, value))
