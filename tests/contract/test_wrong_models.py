"""Wrong models, made by public means: they may cost time, the answers stay right."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.battery import Case, cases
from tests.contract.key_sets import Array
from tests.contract.models import LEAVES, ROOTS
from tests.contract.test_battery import CHECKS

KINDS = [*product(ROOTS, LEAVES, (64,)), ("histogram", "linear", (8, 128))]
DTYPES = ("uint64", "int64", "float64", "uint32", "int8", "float32", "M8[ns]")
BAD_NUMBERS = (0.0, 1e300, -1e300, np.nan, np.inf, -np.inf, -1.0, 5e-324)


def verify_all(model: Any, dtype: str, keys_of: Callable[[Case], bool] = bool) -> None:
    """Run the whole battery of verbs with this one model on every key set of a dtype."""
    for case in filter(keys_of, cases(dtype)):
        index = lx.LearnedIndex(case.keys, model)
        for verb, check in CHECKS.items():
            try:
                check(index, case)
            except AssertionError as error:
                error.add_note(f"{verb}, key set {case.name!r} of {dtype}, {model!r}")
                raise


def trained(dtype: str, kind: tuple[Any, ...]) -> Any:
    """Return an RMI fitted to the fullest key set of a dtype."""
    root, leaf, n_leaves = kind
    keys = max((case.keys for case in cases(dtype)), key=len)
    return lx.RMI(root=root, leaf=leaf, n_leaves=n_leaves).fit(keys)


def fitted_arrays(model: Any) -> dict[str, Array]:
    """Return what was learned: every public array whose name ends in an underscore."""
    names = [name for name in dir(model) if name.endswith("_") and not name.startswith("_")]
    values = {name: getattr(model, name) for name in names}
    return {n: v for n, v in values.items() if isinstance(v, np.ndarray) and v.size}


@pytest.mark.parametrize("number", BAD_NUMBERS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind[1] == "linear"][::2])
def test_edited_slopes(kind: tuple[Any, ...], dtype: str, number: float) -> None:
    model = trained(dtype, kind)
    model.leaf_slopes_ = np.full_like(model.leaf_slopes_, number)
    verify_some(model, dtype)


@pytest.mark.parametrize("number", [0.0, 1e300, np.nan])
@pytest.mark.parametrize("leaf", LEAVES)
def test_slopes_edited_in_the_full_battery(kernel_row: str, leaf: str, number: float) -> None:
    model = trained("uint64", ("histogram", leaf, 64))
    model.leaf_slopes_ = np.full_like(np.asarray(model.leaf_slopes_, np.float64), number)
    verify_all(model, "uint64")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ("uint64", "float64", "int8"))
def test_any_edited_array(dtype: str, kind: tuple[Any, ...]) -> None:
    """Every learned array, replaced in every way: right answers, or a clear refusal."""
    names = list(fitted_arrays(trained(dtype, kind)))
    assert names, "a fitted RMI shows what it learned"
    for name in names:
        for wrong in wrong_versions(fitted_arrays(trained(dtype, kind))[name]):
            model = trained(dtype, kind)
            verify_or_refuse(model, dtype, name, wrong)


def wrong_versions(right: Array) -> Iterator[Array]:
    """Yield a learned array emptied, shortened, reversed, and full of absurd numbers."""
    yield right[:0].copy()
    yield right[: len(right) // 2].copy()
    yield right[::-1].copy()
    yield np.concatenate([right, right])
    extremes = np.iinfo(right.dtype) if right.dtype.kind in "iu" else np.finfo(np.float64)
    for number in (0, extremes.min, extremes.max):
        yield np.full_like(right, number)
    if right.dtype.kind == "f":
        yield np.full_like(right, np.nan)
    yield right.astype(np.float32)
    yield right.astype(object)


def verify_or_refuse(model: Any, dtype: str, name: str, wrong: Array) -> None:
    """Put a wrong array into a model, which may refuse it there and then or when it is used."""
    try:
        setattr(model, name, wrong)
        verify_some(model, dtype)
    except (ValueError, TypeError, AttributeError) as refusal:
        assert name in str(refusal), f"{name}: a refusal says why"


def verify_some(model: Any, dtype: str) -> None:
    """Check both sides and the bounds on every key set."""
    for case in cases(dtype):
        index = lx.LearnedIndex(case.keys, model)
        for verb in ("searchsorted_left", "searchsorted_right", "bounds", "find"):
            CHECKS[verb](index, case)


@pytest.mark.parametrize("trained_on", ["uint8", "int64", "float64", "float32", "M8[s]", "bool"])
@pytest.mark.parametrize("kind", KINDS[::3])
def test_fitted_on_another_dtype(kind: tuple[Any, ...], trained_on: str) -> None:
    model = trained(trained_on, kind)
    for dtype in ("uint64", "int16", "float64", "M8[Y]", "bool"):
        verify_some(model, dtype)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "other",
    [
        np.arange(10, dtype=np.uint64),
        np.arange(2**64 - 5000, 2**64 - 1, dtype=np.uint64),
        np.full(100, 5, np.uint64),
        np.array([0, 2**64 - 1], np.uint64),
        np.array([42], np.uint64),
        np.array([], np.uint64),
    ],
    ids=["small", "high", "equal", "two", "one", "none"],
)
def test_fitted_on_other_keys(kernel_row: str, kind: tuple[Any, ...], other: Array) -> None:
    root, leaf, n_leaves = kind
    verify_some(lx.RMI(root=root, leaf=leaf, n_leaves=n_leaves).fit(other), "uint64")


def test_one_model_serves_many_indexes() -> None:
    """An index neither changes the estimator that it was given nor depends on it afterwards."""
    keys = np.arange(0, 9000, 3, dtype=np.uint64)
    model = lx.RMI(root="linear", leaf="linear", n_leaves=64).fit(keys)
    before = {name: array.copy() for name, array in fitted_arrays(model).items()}
    first = lx.LearnedIndex(keys, model)
    lx.LearnedIndex(keys[::7].copy(), model)
    for name, array in fitted_arrays(model).items():
        np.testing.assert_array_equal(array, before[name])
    model.leaf_slopes_ = np.zeros_like(model.leaf_slopes_)
    asked = np.arange(9100, dtype=np.uint64)
    np.testing.assert_array_equal(first.searchsorted(asked), np.searchsorted(keys, asked))
    first.verify()


def test_arrays_of_a_living_index_cannot_harm_it() -> None:
    """Writing into what an index shows is refused, or does not reach the core."""
    keys = np.arange(0, 9000, 3, dtype=np.uint64)
    index = lx.LearnedIndex(keys, lx.RMI(root="linear", leaf="linear", n_leaves=64))
    for array in fitted_arrays(index.model).values():
        if array.flags.writeable:
            array[...] = 0
    asked = np.arange(9100, dtype=np.uint64)
    np.testing.assert_array_equal(index.searchsorted(asked), np.searchsorted(keys, asked))
    low, high = index.bounds(asked)
    assert (low <= np.searchsorted(keys, asked)).all() and (high >= low).all()
