"""What the models take, refuse and raise, as scikit-learn's tools and its users expect it."""

import copy
import datetime
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx.models import DirectTable
from learnedidx.models.estimator import NotFittedError
from tests.border.helpful import refused
from tests.format import spoil

KEYS = np.arange(0, 50_000, 5)
MODELS: list[Any] = [lx.RMI, lx.PGM, lx.RadixSpline, lx.BTree, DirectTable]


def fresh(statement: str) -> str:
    """Run statements in a process of their own, away from the source tree."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", statement], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["models", "explain", "containers"])
def test_modules_are_there_when_they_are_named(name: str) -> None:
    told = f"import learnedidx as lx; print(lx.{name}.__name__, {name!r} in dir(lx))"
    assert fresh(told) == f"learnedidx.{name} True"
    assert fresh(f"import learnedidx as lx; lx.LearnedIndex; print(lx.{name}.__name__)")


def test_the_module_knows_no_other_names() -> None:
    for name in ("modles", "train", "__path__x"):
        with pytest.raises(AttributeError, match=name):
            getattr(lx, name)


@pytest.mark.parametrize("model", MODELS)
def test_targets_are_not_taken_for_weights(model: Any) -> None:
    keys = np.arange(100, dtype=np.uint8)
    for y in (np.arange(100.0), np.ones(100), [1] * 100):
        refused(model().fit, keys, y, kind=TypeError, says=("y:", "sample_weight"))
    fitted = model().fit(keys, None)
    assert float(fitted.predict(50)) == float(model().fit(keys).predict(50))
    model().fit(keys, sample_weight=np.ones(100))


@pytest.mark.parametrize("model", MODELS)
def test_scikit_learn_catches_what_is_not_fitted(model: Any) -> None:
    exceptions = pytest.importorskip("sklearn.exceptions")
    validation = pytest.importorskip("sklearn.utils.validation")
    asked: tuple[Callable[[], Any], ...] = (lambda: model().nbytes_, lambda: model().predict(5))
    for ask in asked:
        with pytest.raises(exceptions.NotFittedError, match="not fitted"):
            ask()
        with pytest.raises(NotFittedError) as caught:
            ask()
        for again in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
            assert type(again) is type(caught.value) and str(again) == str(caught.value)
    with pytest.raises(exceptions.NotFittedError):
        validation.check_is_fitted(model())
    assert not hasattr(model(), "nbytes_")


def test_what_is_not_fitted_loads_no_library() -> None:
    asked = (
        "import sys, learnedidx as lx\n"
        "try: lx.RMI().nbytes_\n"
        "except (ValueError, AttributeError) as error: print(type(error).__mro__[1].__name__)\n"
        "print('sklearn' in sys.modules)"
    )
    assert fresh(asked).split() == ["ValueError", "False"]


def test_nested_parameters_are_for_the_estimator_that_comes_with_them() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    for params in (
        {"root__alpha": 5, "root": linear.Ridge()},
        {"root": linear.Ridge(), "root__alpha": 5},
    ):
        model = lx.RMI(root=linear.Ridge(alpha=2)).set_params(**params)
        assert model.root is params["root"] and model.root.alpha == 5
        assert model.get_params()["root__alpha"] == 5
    refused(lx.RMI().set_params, root__alpha=5, kind=ValueError, says=("root__alpha", "histogram"))


@pytest.mark.parametrize("wrong", ["yes", 1, 0, "", 1.0, [True], np.array([True])])
def test_copy_is_a_bool_or_none(wrong: Any) -> None:
    refused(lx.LearnedIndex, KEYS, copy=wrong, kind=TypeError, says=("copy", "None, True or False"))


def test_copy_of_numpy() -> None:
    assert not np.shares_memory(lx.LearnedIndex(KEYS, copy=np.True_).keys, KEYS)  # type: ignore[arg-type]
    refused(lx.LearnedIndex, KEYS[::2], copy=np.False_, kind=ValueError, says=("copy=False",))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (lx.RMI(n_leaves=True), "n_leaves"),
        (lx.RMI(n_leaves=(4, True)), "n_leaves"),
        (lx.RMI(n_leaves=np.array([True])), "n_leaves"),
        (lx.RMI(n_leaves=8.0), "n_leaves"),
        (lx.BTree(8.0), "node"),  # type: ignore[arg-type]
        (lx.BTree(True), "node"),
        (lx.BTree("16"), "node"),  # type: ignore[arg-type]
        (lx.BTree(None), "node"),  # type: ignore[arg-type]
    ],
)
def test_numbers_that_are_no_ints(model: Any, name: str) -> None:
    refused(model.fit, KEYS, kind=TypeError, says=(f"{name}:", "int"))
    refused(lx.LearnedIndex, KEYS, model, kind=TypeError, says=(f"{name}:", "int"))


def test_ints_of_numpy_are_ints() -> None:
    assert lx.RMI(n_leaves=np.int16(100)).fit(KEYS).n_leaves_ == 100
    assert lx.RMI(n_leaves=np.array([10, 100])).fit(KEYS).n_leaves_ == 100
    assert lx.BTree(np.uint8(8)).fit(KEYS).nbytes_ == lx.BTree(8).fit(KEYS).nbytes_  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [True, False, np.True_])
def test_threads_are_a_number(threads: Any) -> None:
    refused(lx.LearnedIndex(KEYS).find, KEYS, threads=threads, kind=TypeError, says=("threads",))


def test_a_tree_predicts_without_building_another(monkeypatch: pytest.MonkeyPatch) -> None:
    model = lx.BTree().fit(KEYS)
    opened = lx.open(lx.LearnedIndex(KEYS, model).save(bytes)).model
    expected = [tree.predict(KEYS) for tree in (model, opened)]
    assert (np.abs(expected[0] - np.arange(KEYS.size)) <= model.max_error_).all()

    def refuse(*_: Any) -> None:
        raise AssertionError("the keys are read again")

    for name in ("check_sorted", "Tree"):
        monkeypatch.setattr(_core, name, refuse)
    for tree, middles in zip((model, opened), expected, strict=True):
        assert float(tree.predict(int(KEYS[777]))) == middles[777]
        np.testing.assert_array_equal(tree.predict(KEYS), middles)


def spoiled_tree(dtype: str) -> Any:
    """Return an index whose file's separators are cut off at 1, its checksums made right again."""
    keys = np.arange(0, 40_000, 4).astype(dtype)
    blob = lx.LearnedIndex(keys, "btree").save(bytes)
    table = [
        (
            kind,
            required,
            (np.frombuffer(part, dtype).clip(max=1)).tobytes() if kind == b"SEPS" else part,
        )
        for kind, required, part in spoil.sections(blob)
    ]
    return lx.open(spoil.built(blob, table))


@pytest.mark.parametrize("dtype", ["u8", "i4", "f8"])
def test_verify_checks_the_separators_of_a_tree(dtype: str) -> None:
    index = spoiled_tree(dtype)
    keys = index.keys
    np.testing.assert_array_equal(index.searchsorted(keys), np.arange(keys.size))
    refused(index.verify, kind=ValueError, says=("model", "build"))
    for node in (8, 16):
        for size in (0, 3, 17, 10_000):
            sound = lx.LearnedIndex(keys[:size].copy(), lx.BTree(node))
            sound.verify()
            lx.open(sound.save(bytes)).verify()
            sound.extended(keys).verify()


@pytest.mark.parametrize("nat", ["NaT", "pandas"])
def test_no_time_is_one_among_lengths(nat: str) -> None:
    v: Any = np.timedelta64("NaT", "s") if nat == "NaT" else pytest.importorskip("pandas").NaT
    keys = np.array([1, 5, "NaT", "NaT"], "m8[s]")
    index: Any = lx.LearnedIndex(keys)
    assert (index.searchsorted(v), index.rank(v), index.find(v), v in index) == (2, 4, 2, True)
    assert index.find([v, datetime.timedelta(seconds=5)]).tolist() == [2, 1]
    assert index.find(v, "nearest", np.timedelta64(0, "s")) == 2
    refused(index.find, 5, "nearest", v, kind=(TypeError, ValueError))
    days = lx.LearnedIndex(keys.astype("i8").view("M8[s]"))
    assert days.find(v if nat == "pandas" else np.datetime64("NaT", "s")) == 2
    refused(lx.LearnedIndex(np.arange(3)).find, v, kind=TypeError, says=("v:",))
