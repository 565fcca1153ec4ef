"""index.extended: what is kept, what is trained, what is refused, and how drift shows."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import learnedidx as lx
from learnedidx.models import DirectTable
from tests.contract.key_sets import Array
from tests.contract.models import MODELS, NARROW, grown
from tests.contract.strategies import keys_of_any_dtype, repeated, values
from tests.oracle import Truth

N = 20_000


def uniform(n: int = N, seed: int = 0) -> Array:
    return np.sort(np.random.default_rng(seed).integers(0, 2**40, n))


def times(n: int = N, seed: int = 0) -> Array:
    return 1.7e9 + np.cumsum(np.random.default_rng(seed).exponential(1.0, n))


def check(index: lx.LearnedIndex, keys: Array) -> None:
    """Check answers and certified bounds on keys and beside them."""
    with np.errstate(over="ignore"):
        queries = np.concatenate([keys, keys[::3] + 1, keys[:1] - 1])
    for side in ("left", "right"):
        expected = np.searchsorted(keys, queries, side)
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        low, high = index.bounds(queries, side)
        assert (low <= expected).all() and (expected <= high).all()
    index.verify()


# What is kept, and what is trained.


@pytest.mark.parametrize("make", [uniform, times])
def test_all_but_rmis_are_what_training_anew_makes(make: Any) -> None:
    keys = make()
    for model in (lx.PGM(), lx.PGM(9), lx.RadixSpline(), lx.RadixSpline(7, radix_bits=5)):
        index = grown(keys, "none", (N,))
        index = lx.LearnedIndex(keys[: N - 700], model).extended(keys[: N - 300]).extended(keys)
        assert not index.stats()["refitted"]
        grown_model, fresh = index.model, lx.LearnedIndex(keys, model).model
        names = ("coordinates_", "slopes_", "positions_")
        if isinstance(fresh, lx.RadixSpline):
            names = ("points_", "radix_table_", "radix_bits_")
        for name in (*names, "max_error_"):
            np.testing.assert_array_equal(getattr(grown_model, name), getattr(fresh, name))
        check(index, keys)


def test_tables_are_filled_on() -> None:
    keys = np.sort(np.random.default_rng(0).integers(-(2**15), 2**15, N)).astype(np.int16)
    index = lx.LearnedIndex(keys[:-99], DirectTable()).extended(keys)
    fresh = lx.LearnedIndex(keys, DirectTable())
    np.testing.assert_array_equal(index.model.positions_, fresh.model.positions_)
    assert not index.stats()["refitted"]


@pytest.mark.parametrize("make", [uniform, times, lambda: np.arange(N), lambda: uniform() - 2**39])
@pytest.mark.parametrize("dtype", ["same", "float32"])
def test_an_rmi_keeps_its_leaves_and_gets_more(make: Any, dtype: str) -> None:
    keys = make()
    if dtype == "float32":
        keys = (keys - keys[0]).astype(np.float32)
    for model in (
        lx.RMI(),
        lx.RMI(root="linear"),
        lx.RMI(root="cubic", leaf="linear", n_leaves=(64, 512)),
    ):
        old = lx.LearnedIndex(keys[: N - 2000], model)
        index = old.extended(keys)
        assert not index.stats()["refitted"]
        before, after = old.model, index.model
        last = np.searchsorted(before.leaf_positions_, N - 2000) - 1
        kept = before.leaf_positions_[: last + 1]
        np.testing.assert_array_equal(after.leaf_positions_[: last + 1], kept)
        assert before.n_leaves_ <= after.n_leaves_ <= 1.3 * before.n_leaves_
        found = index.stats()
        assert found["tail_hits"] > found["trained_hits"] - 0.08  # one bin counts
        check(index, keys)


def test_many_small_steps_stay_as_good_as_training_anew() -> None:
    for keys in (uniform(60_000), times(60_000)):
        index = lx.LearnedIndex(keys[:40_000], "rmi")
        for end in range(40_100, 60_001, 100):
            index = index.extended(keys[:end])
        fresh = lx.LearnedIndex(keys, "rmi")
        found = index.stats()
        assert found["extended_from"] == 40_000 and not found["refit"]
        assert found["first_window_hits"] > fresh.stats()["first_window_hits"] - 0.02
        assert index.nbytes < 1.3 * fresh.nbytes
        check(index, keys)


@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "btree", "none", "auto"])
def test_no_new_keys_make_an_equal_index(model: str) -> None:
    keys = uniform()
    index = lx.LearnedIndex(keys, model)
    twin = index.extended(keys)  # in the same memory, where a tree has the same leaves
    assert twin is not index and twin.nbytes == index.nbytes
    np.testing.assert_array_equal(twin.bounds(keys + 1), index.bounds(keys + 1))
    check(twin, keys)


def test_the_model_stays_of_its_kind() -> None:
    few, many = np.arange(10), np.arange(5000)
    assert lx.LearnedIndex(few, "auto").extended(many).model is None
    for model in ("rmi", "pgm", "radix_spline", "btree"):
        index = lx.LearnedIndex(few, model).extended(many)
        assert type(index.model) is type(lx.LearnedIndex(few, model).model)
    settings = lx.RMI(root="linear", leaf="linear", n_leaves=77)
    anew = lx.LearnedIndex(few, settings).extended(many)
    assert anew.stats()["refitted"] and anew.model.get_params() == settings.get_params()


def test_the_old_index_stays_as_it_is() -> None:
    keys = uniform()
    index = lx.LearnedIndex(keys[:15_000], "rmi")
    before = index.bounds(keys)
    index.extended(keys)
    np.testing.assert_array_equal(index.bounds(keys), before)
    assert len(index) == 15_000 and index.stats()["extended_from"] is None
    index.verify()


# Where a model is trained anew.


def clusters() -> tuple[Array, int]:
    far = np.concatenate([np.arange(9000), 2**60 + np.arange(9000), 2**61 + np.arange(2000)])
    return far, 18_000


def far_key() -> tuple[Array, int]:
    return np.append(np.arange(10_000), 2**62), 10_000


def nearer_key() -> tuple[Array, int]:
    """Return a far key that bins would reach, though a thousand times as many."""
    return np.append(np.arange(10_000), 10**7), 10_000


def crowd() -> tuple[Array, int]:
    keys = np.arange(0, 10**9, 10**5)
    return np.concatenate([keys, keys[-1] + 1 + np.arange(5000)]), keys.size


def doubled() -> tuple[Array, int]:
    return np.arange(10_000), 4_000


def after_equal_keys() -> tuple[Array, int]:
    return np.concatenate([np.full(5000, 7), np.arange(8, 3000)]), 5000


@pytest.mark.parametrize("make", [clusters, far_key, nearer_key, crowd, doubled, after_equal_keys])
def test_an_rmi_that_would_be_poor_is_trained_anew(make: Any) -> None:
    keys, cut = make()
    index = lx.LearnedIndex(keys[:cut], "rmi").extended(keys)
    found = index.stats()
    assert found["refitted"] and found["extended_from"] == len(keys)
    fresh = lx.LearnedIndex(keys, "rmi")
    np.testing.assert_array_equal(index.model.leaf_positions_, fresh.model.leaf_positions_)
    check(index, keys)


@pytest.mark.parametrize("fitted_to", [5_000, N])
def test_models_that_were_fitted_to_other_keys_can_be_extended(fitted_to: int) -> None:
    """Keys beyond the end of such a domain share a point, and have others in a longer one."""
    keys = uniform()
    for model in (lx.RMI(), lx.RMI(root="linear", leaf="linear")):
        index = lx.LearnedIndex(keys[:15_000], model.fit(keys[:fitted_to]))
        longer = index.extended(keys)
        assert longer.stats()["refitted"] == (fitted_to < 15_000)
        check(longer, keys)


def test_a_pgm_is_trained_anew_where_its_units_change() -> None:
    keys = uniform(140_000)
    index = lx.LearnedIndex(keys[:100_000], "pgm")
    assert not index.extended(keys[:120_000]).stats()["refitted"]
    assert index.extended(keys).stats()["refitted"]  # beyond 2**17
    check(index.extended(keys), keys)


# Drift.


def test_a_steady_tail_asks_for_no_refit() -> None:
    keys = uniform()
    for model in ("rmi", "pgm", "radix_spline", "btree", "none"):
        found = lx.LearnedIndex(keys[:18_000], model).extended(keys).stats()
        assert found["refit"] is False and found["extended_from"] == 18_000
        if model != "none":
            assert abs(found["tail_error"] - found["trained_error"]) < 1.0


def drifting() -> tuple[Array, int]:
    """Return even keys, and a tail that brings 4000 in the time of ten: in one bin of the root."""
    keys = np.arange(0, 10**9, 10**4)
    return np.concatenate(
        [keys, keys[-1] + 1 + np.sort(np.random.default_rng(0).integers(0, 10**5, 4000))]
    ), keys.size


def test_a_drifting_tail_asks_for_a_refit_and_gains_by_it() -> None:
    keys, cut = drifting()
    index = lx.LearnedIndex(keys[:cut], "rmi").extended(keys)
    found = index.stats()
    assert not found["refitted"] and found["refit"] is True
    assert found["tail_hits"] < found["trained_hits"] - 0.1
    assert found["tail_error"] > found["trained_error"] + 2
    anew = lx.LearnedIndex(keys, "rmi")
    tail = keys[cut:]
    errors = [np.abs(i.model.predict(tail) - np.searchsorted(keys, tail)) for i in (index, anew)]
    assert errors[1].mean() < errors[0].mean() / 4


def test_what_training_anew_would_make_asks_for_no_refit() -> None:
    easy = np.arange(N)
    keys = np.concatenate([easy, N + uniform() // 2**20])
    found = lx.LearnedIndex(easy, lx.PGM(12)).extended(keys).stats()
    assert found["tail_hits"] < found["trained_hits"] - 0.1
    assert found["refit"] is False


def test_an_index_that_was_never_extended_says_so() -> None:
    for model in ("rmi", "none", "btree"):
        found = lx.LearnedIndex(uniform(), model).stats()
        assert (found["extended_from"], found["refitted"], found["refit"]) == (None, False, False)
        assert "tail_error" not in found


# Copies, traces.


@pytest.mark.parametrize("model", ["rmi", "rmi linear linear", "pgm", "btree", "none"])
def test_an_extended_index_pickles_copies_and_explains(model: str) -> None:
    keys = uniform()
    index = grown(keys, model, (15_000, 17_000))
    for twin in (copy.copy(index), copy.deepcopy(index), pickle.loads(pickle.dumps(index))):
        check(twin, keys)
        assert twin.explain(keys[16_000]).answer == 16_000
    assert copy.copy(index).stats()["extended_from"] == index.stats()["extended_from"]
    assert "LearnedIndex" in repr(index)


# Anything at all.


@st.composite
def cut_keys(draw: st.DrawFn) -> tuple[Array, tuple[int, ...]]:
    """Draw keys, often with one far away or runs across a cut, and where they are cut."""
    keys = draw(keys_of_any_dtype())
    if keys.size and draw(st.booleans()):
        keys = np.concatenate([keys, repeated([(draw(values(keys.dtype)), 1)], keys.dtype)])
        keys = np.sort(keys)
    if keys.size and draw(st.booleans()):
        keys = np.repeat(keys, draw(st.sampled_from([1, 3, 20])))
    cuts = draw(st.lists(st.integers(0, keys.size), min_size=1, max_size=3))
    return keys, tuple(sorted(cuts))


@given(drawn=cut_keys(), model=st.sampled_from(sorted(MODELS)))
def test_any_keys_cut_anywhere(
    kernel_row: str, drawn: tuple[Array, tuple[int, ...]], model: str
) -> None:
    keys, cuts = drawn
    index, truth = grown(keys, model, cuts), Truth(keys)
    queries = keys[:: max(1, keys.size // 50)]
    for side in ("left", "right"):
        expected = np.searchsorted(keys, queries, side)
        np.testing.assert_array_equal(index.searchsorted(queries, side), expected)
        low, high = index.bounds(queries, side)
        assert (low <= expected).all() and (expected <= high).all()
    for v in queries[:5]:
        assert index.find(v, "nearest") == truth.find(v, "nearest")
    index.verify()


@given(
    seed=st.integers(0, 2**32),
    n=st.integers(200, 4000),
    share=st.floats(0.5, 1.0),
    skew=st.sampled_from([1.0, 3.0]),
    dtype=st.sampled_from(["i8", "u4", "f8", "f4"]),
    model=st.sampled_from([name for name in sorted(MODELS) if name.startswith("rmi")]),
)
def test_rmis_grow_over_any_cut(
    kernel_row: str, seed: int, n: int, share: float, skew: float, dtype: str, model: str
) -> None:
    """Enough keys for many leaves, few enough new ones that they are not trained anew."""
    random = np.random.default_rng(seed)
    keys = np.sort(random.random(n) ** skew * 2.0 ** random.integers(1, 32)).astype(dtype)
    cut = max(1, int(n * share))
    index = grown(keys, model, (cut, (cut + n) // 2))
    expected = np.searchsorted(keys, keys)
    np.testing.assert_array_equal(index.searchsorted(keys), expected)
    low, high = index.bounds(keys)
    assert (low <= expected).all() and (expected <= high).all()
    index.verify()


def test_tables_cut_anywhere() -> None:
    random = np.random.default_rng(0)
    for dtype in ("u1", "i1", "u2", "i2", "?"):
        for model in NARROW:
            keys = np.sort(
                random.integers(0, 2, 999) if dtype == "?" else random.integers(0, 99, 999)
            )
            check_table(keys.astype(dtype), model, int(random.integers(0, 999)))


def check_table(keys: Array, model: str, cut: int) -> None:
    index = grown(keys, model, (cut, (cut + 999) // 2))
    np.testing.assert_array_equal(index.searchsorted(keys), np.searchsorted(keys, keys))
    index.verify()
