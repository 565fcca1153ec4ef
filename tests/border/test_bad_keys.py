"""Keys that no index is made of: each refusal names the argument, the fault and the remedy."""

import copy
import gc
import pickle
import sys
from operator import attrgetter, methodcaller
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.border.helpful import refused

WRONG_TYPES = {
    "object": np.array([1, 2, 3], dtype=object),
    "complex": np.array([1j, 2j]),
    "masked": np.ma.masked_array([1, 2, 3], [False, True, False]),
    "longdouble": np.array([1, 2], np.longdouble),
}


@pytest.mark.parametrize("kind", WRONG_TYPES)
def test_foreign_dtypes(kind: str) -> None:
    keys = WRONG_TYPES[kind]
    named = {"masked": "mask"}.get(kind, str(keys.dtype))
    refused(lx.LearnedIndex, keys, kind=TypeError, says=("keys", named))


@pytest.mark.parametrize("shape", [(), (2, 3), (1, 1), (0, 3)])
def test_not_one_dimensional(shape: tuple[int, ...]) -> None:
    dimensions = rf"{len(shape)}-?\s?d|{len(shape)} dimension|shape"
    refused(
        lx.LearnedIndex, np.zeros(shape), kind=(ValueError, TypeError), says=("keys", dimensions)
    )


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        (np.array([1, 3, 2, 1], np.uint64), 2),
        (np.array([2**63, 2**63 - 1], np.uint64), 1),
        (np.array([0, -1], np.int8), 1),
        (np.array([0.5, 1.5, 1.25], np.float32), 2),
        (np.array([1.0, np.nan, 2.0]), 2),
        (np.array([np.nan, np.nan, np.inf, np.nan]), 2),
        (np.array([5, "NaT", 6, 7], "m8[s]"), 2),
        (np.array(["2024-02", "2024-01"], "M8[M]"), 1),
        (np.array([False, True, False]), 2),
        (np.array([1, 2, 4, 3], np.float16), 3),
        (np.array([1, 2, 4, 3], ">i4"), 3),
        (np.array([4, 3, 9, 2, 1, 0], np.int64)[::3], 1),
    ],
)
@pytest.mark.parametrize("model", ["rmi", "btree", "none", "auto"])
def test_unsorted(keys: Any, position: int, model: str) -> None:
    refused(
        lx.LearnedIndex, keys, model, kind=ValueError, says=("keys", rf"\b{position}\b", "sort")
    )


@pytest.mark.parametrize("at", [1, 15, 16, 63, 64, 1000, 65_536, 99_999])
@pytest.mark.parametrize("dtype", ["uint64", "int32", "float64", "uint8", "M8[ns]"])
def test_unsorted_names_the_first_of_many_positions(kernel_row: str, dtype: str, at: int) -> None:
    keys = np.full(100_000, 9, np.uint8).astype("i8" if dtype.startswith("M8") else dtype)
    keys[at:] = 8
    keys[-1] = 7 if at < 99_999 else 8
    refused(lx.LearnedIndex, keys.view(dtype), kind=ValueError, says=(rf"\b{at}\b",))


def test_nan_in_the_middle_is_explained() -> None:
    keys = np.array([1.0, np.nan, 3.0])
    refused(lx.LearnedIndex, keys, kind=ValueError, says=("keys", "nan"))


@pytest.mark.parametrize("dtype", ["i8", "f8", "M8[s]"])
@pytest.mark.parametrize(
    "model", ["rmy", "", "RMI ", 5, {}, lx.RMI, [lx.RMI()], b"rmi", "np.searchsorted"]
)
def test_unknown_models(model: Any, dtype: str) -> None:
    refused(lx.LearnedIndex, np.arange(5).astype(dtype), model, says=("model",))


@pytest.mark.parametrize(
    "make",
    [
        lambda: lx.RMI(root="quadratic"),
        lambda: lx.RMI(leaf="spline"),
        lambda: lx.RMI(n_leaves=0),
        lambda: lx.RMI(n_leaves=-5),
        lambda: lx.RMI(n_leaves="many"),
        lambda: lx.RMI(n_leaves=(16, 0)),
        lambda: lx.BTree(node=7),
        lambda: lx.BTree(node="16"),  # type: ignore[arg-type]
    ],
)
def test_wrong_settings_are_refused_by_fit(make: Any) -> None:
    """As in scikit-learn the constructor stores what it gets; fit is where it is checked."""
    model = make()
    parameter = "root|leaf|n_leaves|node"
    refused(model.fit, np.arange(100.0), says=(parameter,))
    refused(lx.LearnedIndex, np.arange(100.0), make(), says=(parameter,))


@pytest.mark.parametrize(
    "weights", [np.ones(9), np.full(10, -1.0), np.full(10, np.nan), np.ones((10, 1)), "heavy"]
)
def test_wrong_weights(weights: Any) -> None:
    refused(lx.RMI().fit, np.arange(10.0), sample_weight=weights, says=("sample_weight",))


def test_arrow_in_chunks_or_with_nulls() -> None:
    arrow = pytest.importorskip("pyarrow")
    refused(lx.LearnedIndex, arrow.chunked_array([[1, 2], [3]]), says=("keys",))
    refused(lx.LearnedIndex, arrow.array([1, 2, None]), says=("keys",))


def test_pandas_that_arrives_as_object() -> None:
    pandas = pytest.importorskip("pandas")
    aware = pandas.Series(pandas.date_range("2024", periods=3, tz="UTC"))
    refused(lx.RMI().fit, aware, says=("keys", "zone UTC", r"keys\.dt\.tz_convert"))
    nullable = pandas.Series([1, 2, None], dtype="Int64")
    if np.asarray(nullable).dtype == object:
        refused(lx.LearnedIndex, nullable, says=("keys", "object"))


@pytest.mark.parametrize("argument", ["sorter", "key", "epsilon"])
def test_unknown_arguments(argument: str) -> None:
    with pytest.raises(TypeError, match=argument):
        lx.LearnedIndex(np.arange(3), **{argument: None})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="keys"):
        lx.LearnedIndex()  # type: ignore[call-arg]


def test_nothing_half_built_stays() -> None:
    """After refusals the keys are held by nobody but the caller, and no index is left."""
    unsorted, sound = np.arange(50_000)[::-1].copy(), np.arange(50_000)
    before = sys.getrefcount(unsorted), sys.getrefcount(sound)
    for _ in range(20):
        refused(lx.LearnedIndex, unsorted)
        refused(lx.LearnedIndex, sound, "rmy")
        refused(lx.LearnedIndex, sound, lx.RMI(n_leaves=-1))
    gc.collect()
    assert (sys.getrefcount(unsorted), sys.getrefcount(sound)) == before
    assert not [o for o in gc.get_objects() if isinstance(o, lx.LearnedIndex) and len(o) == 50_000]


def test_an_index_that_was_never_initialised_does_not_crash() -> None:
    index = lx.LearnedIndex.__new__(lx.LearnedIndex)
    uses: list[Any] = [len, list, copy.copy, copy.deepcopy, pickle.dumps]
    uses += [
        methodcaller(verb, 1) for verb in ("searchsorted", "bounds", "explain", "__contains__")
    ]
    uses += [methodcaller("extended", [1]), methodcaller("save", bytes)]
    uses += [methodcaller(verb) for verb in ("stats", "verify", "plot")]
    uses += [attrgetter(name) for name in ("keys", "values", "model", "nbytes")]
    for use in uses:
        with pytest.raises(ValueError, match="^this index was not built: its constructor did not"):
            use(index)
    assert repr(index) == "LearnedIndex(<not built>)"


def test_a_second_initialisation_does_not_crash() -> None:
    """Refused, or the new keys hold; never a mixture of both."""
    index = lx.LearnedIndex(np.arange(100, dtype=np.uint64))
    longer = np.arange(0, 3000, 3, dtype=np.int32)
    try:
        index.__init__(longer, "btree")  # type: ignore[misc]
    except (TypeError, RuntimeError, AttributeError, ValueError):
        longer = np.arange(100, dtype=np.int32)
    assert len(index) == len(longer)
    np.testing.assert_array_equal(index.searchsorted(longer), np.arange(len(longer)))
