"""The models behave as scikit-learn's own estimators do."""

import inspect
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.models import LEAVES, ROOTS

KEYS = np.sort(np.random.default_rng(12).lognormal(0, 2, 40_000) * 1e9).astype(np.uint64)
SETTINGS: list[tuple[Any, dict[str, Any]]] = [
    (lx.RMI, {"root": "histogram", "leaf": "interpolate", "n_leaves": None}),
    (lx.PGM, {"epsilon": 64}),
    (lx.RadixSpline, {"epsilon": 32, "radix_bits": None}),
    (lx.BTree, {"node": 16}),
]


@pytest.mark.parametrize(("model", "defaults"), SETTINGS)
def test_parameters(model: Any, defaults: dict[str, Any]) -> None:
    assert model().get_params() == defaults
    assert model().get_params(deep=False) == defaults
    assert list(inspect.signature(model).parameters) == list(defaults)
    changed = {name: object() for name in defaults}
    assert model(**changed).get_params(deep=False) == changed
    instance = model()
    assert instance.set_params(**changed) is instance
    assert instance.get_params(deep=False) == changed
    assert instance.set_params() is instance
    with pytest.raises(ValueError, match="epsilonn"):
        instance.set_params(epsilonn=1)


@pytest.mark.parametrize(("model", "defaults"), SETTINGS)
def test_the_constructor_only_stores(model: Any, defaults: dict[str, Any]) -> None:
    marker = object()
    for name in defaults:
        assert getattr(model(**{name: marker}), name) is marker
    assert not [name for name in vars(model()) if name.endswith("_")]


def test_repr_names_the_class_and_what_differs() -> None:
    assert repr(lx.RMI()).startswith("RMI(")
    text = repr(lx.RMI(root="cubic", n_leaves=(16, 256)))
    assert "cubic" in text and "16" in text and "256" in text
    assert "8" in repr(lx.BTree(node=8))
    assert repr(lx.PGM(epsilon=9)) == "PGM(epsilon=9)"
    assert repr(lx.RadixSpline(epsilon=9)) == "RadixSpline(epsilon=9)"
    assert repr(lx.PGM(epsilon=np.int64(9))) == "PGM(epsilon=9)"
    assert repr(lx.RMI(n_leaves=np.int16(8))) == "RMI(n_leaves=8)"
    assert repr(lx.RMI(n_leaves=(np.int64(2), 8))) == "RMI(n_leaves=(2, 8))"
    assert repr(lx.RMI(root=np.str_("cubic"), n_leaves=np.array([2, 8]))) == (
        "RMI(root='cubic', n_leaves=[2, 8])"
    )
    rebuilt = eval(text, {"RMI": lx.RMI})
    assert rebuilt.get_params() == lx.RMI(root="cubic", n_leaves=(16, 256)).get_params()


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("n_leaves", [None, 1, 100, (16, 256)])
def test_fit_and_predict(root: str, leaf: str, n_leaves: Any) -> None:
    model = lx.RMI(root=root, leaf=leaf, n_leaves=n_leaves)
    assert model.fit(KEYS) is model
    assert model.get_params() == {"root": root, "leaf": leaf, "n_leaves": n_leaves}
    positions = model.predict(KEYS)
    assert positions.dtype == np.float64 and positions.shape == KEYS.shape
    assert (np.diff(positions) >= 0).all(), "positions never fall as keys grow"
    assert positions.min() >= -1 and positions.max() <= len(KEYS) + 1
    assert np.ndim(model.predict(KEYS[5])) == 0
    assert model.nbytes_ > 0 and model.n_leaves_ >= 1
    if isinstance(n_leaves, int):
        assert model.n_leaves_ == n_leaves


def test_an_unfitted_model_says_so() -> None:
    for use in (lx.RMI().predict, lx.RMI().score):
        with pytest.raises(Exception, match="fit") as caught:
            use(KEYS)
        assert isinstance(caught.value, ValueError | AttributeError)


def test_refitting_forgets_the_old_keys() -> None:
    model = lx.RMI(n_leaves=64).fit(np.arange(1_000.0))
    fresh = lx.RMI(n_leaves=64).fit(KEYS)
    np.testing.assert_array_equal(model.fit(KEYS).predict(KEYS), fresh.predict(KEYS))


def test_training_repeats_exactly() -> None:
    first, second = (lx.LearnedIndex(KEYS, "rmi") for _ in range(2))
    np.testing.assert_array_equal(first.model.predict(KEYS), second.model.predict(KEYS))
    np.testing.assert_array_equal(first.bounds(KEYS), second.bounds(KEYS))
    assert first.nbytes == second.nbytes


def test_more_leaves_predict_better() -> None:
    for root, leaf in (("histogram", "interpolate"), ("linear", "linear")):
        scores = [lx.RMI(root, leaf, n).fit(KEYS).score(KEYS) for n in (4, 64, 1024)]
        assert scores == sorted(scores) and scores[-1] - scores[0] > 0.5
        assert all(isinstance(score, float) and score <= 0 for score in scores)


def test_clone() -> None:
    clone = pytest.importorskip("sklearn.base").clone
    made = (
        lx.RMI(root="cubic", n_leaves=(8, 64)),
        lx.PGM(epsilon=9),
        lx.RadixSpline(epsilon=9, radix_bits=5),
        lx.BTree(node=8),
    )
    for model in (unfitted.fit(KEYS) for unfitted in made):
        twin = clone(model)
        assert type(twin) is type(model) and twin is not model
        assert twin.get_params() == model.get_params()
        assert not [name for name in vars(twin) if name.endswith("_")]


def test_clone_of_a_nested_root() -> None:
    base = pytest.importorskip("sklearn.base")
    tree = pytest.importorskip("sklearn.tree").DecisionTreeRegressor(max_leaf_nodes=50)
    twin = base.clone(lx.RMI(root=tree))
    assert twin.root is not tree and twin.get_params()["root__max_leaf_nodes"] == 50
    twin.set_params(root__max_leaf_nodes=9)
    assert twin.root.max_leaf_nodes == 9 and tree.max_leaf_nodes == 50


def test_grid_search() -> None:
    search = pytest.importorskip("sklearn.model_selection").GridSearchCV
    grid = {"n_leaves": [8, 64, 512], "root": ["linear", "histogram"]}
    found = search(lx.RMI(leaf="linear"), grid, cv=3, error_score="raise").fit(KEYS)
    assert set(found.best_params_) == set(grid)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    index = lx.LearnedIndex(KEYS, found.best_estimator_)
    np.testing.assert_array_equal(index.searchsorted(KEYS), np.searchsorted(KEYS, KEYS))


REGRESSORS = {
    "LinearRegression": ("sklearn.linear_model", {}),
    "DecisionTreeRegressor": ("sklearn.tree", {"max_leaf_nodes": 200}),
    "MLPRegressor": ("sklearn.neural_network", {"max_iter": 30, "random_state": 1}),
    "GradientBoostingRegressor": ("sklearn.ensemble", {"n_estimators": 20, "random_state": 1}),
}


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_roots(name: str, leaf: str) -> None:
    module, settings = REGRESSORS[name]
    regressor = getattr(pytest.importorskip(module), name)(**settings)
    keys = KEYS[::5]
    model = lx.RMI(root=regressor, leaf=leaf, n_leaves=256)
    index = lx.LearnedIndex(keys, model)
    asked = np.concatenate([keys, keys + np.uint64(1), np.array([0, 2**64 - 1], np.uint64)])
    for side in ("left", "right"):
        expected = np.searchsorted(keys, asked, side)
        np.testing.assert_array_equal(index.searchsorted(asked, side), expected)
        low, high = index.bounds(asked, side)
        assert (low <= expected).all() and (expected <= high).all()
    assert (np.diff(model.fit(keys).predict(keys)) >= 0).all()
    assert not hasattr(regressor, "n_features_in_"), "the caller's regressor is cloned, not fitted"


def test_sample_weight_moves_accuracy_to_the_heavy_keys() -> None:
    """Nine tenths of the weight on one tenth of the keys: their windows shrink by half."""
    keys = np.sort(np.random.default_rng(3).lognormal(0, 2, 200_000) * 1e12).astype(np.uint64)
    heavy = slice(90_000, 110_000)
    weights = np.full(len(keys), 0.1 / 0.9)
    weights[heavy] = 9.0
    plain, weighted = (
        lx.RMI(n_leaves=1_000).fit(keys),
        lx.RMI(n_leaves=1_000).fit(keys, sample_weight=weights),
    )
    assert weighted.nbytes_ <= plain.nbytes_ * 1.01
    widths = [mean_width(lx.LearnedIndex(keys, model), keys[heavy]) for model in (plain, weighted)]
    assert widths[1] <= widths[0] / 2


def mean_width(index: lx.LearnedIndex, v: Any) -> float:
    low, high = index.bounds(v)
    return float(np.mean(high - low))


def test_more_leaves_than_keys_work_within_reason() -> None:
    keys = np.sort(np.random.default_rng(5).integers(0, 10**9, 100))
    for n_leaves in (101, 5_000, 2**20, (300, 2_000)):
        index = lx.LearnedIndex(keys, lx.RMI(n_leaves=n_leaves))
        np.testing.assert_array_equal(index.searchsorted(keys + 1), np.arange(1, 101))
        assert index.model.n_leaves_ == np.max(n_leaves)
    for n_leaves in (2**20 + 1, 2**31, (2**31, 8)):
        with pytest.raises(ValueError, match="n_leaves.*100 keys.*at most 1048576"):
            lx.LearnedIndex(keys, lx.RMI(n_leaves=n_leaves))


class Root:
    """A regressor that predicts what it is told to."""

    def __init__(self, predicts: Any = None) -> None:
        self.predicts = predicts

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"predicts": self.predicts}

    def fit(self, x: Any, y: Any) -> Any:
        assert x.shape == (len(y), 1) and x.min() >= 0 and x.max() <= 1
        return self

    def predict(self, x: Any) -> Any:
        return self.predicts(x[:, 0])


class FailingFit(Root):
    def fit(self, x: Any, y: Any) -> Any:
        raise self.predicts


WRONG: dict[str, tuple[Any, str]] = {
    "nan": (lambda x: np.full(len(x), np.nan), "Root predicts NaN or infinity"),
    "one nan": (lambda x: np.where(x == x.max(), np.nan, x), "Root predicts NaN or infinity"),
    "infinity": (lambda x: np.where(x > 0.5, np.inf, x), "Root predicts NaN or infinity"),
    "minus infinity": (lambda x: -np.inf * (1 - x), "Root predicts NaN or infinity"),
    "too few": (lambda x: x[:-1], r"Root.predict gives shape \(\d+,\) for \d+ coordinates"),
    "a scalar": (lambda x: 0.5, r"Root.predict gives shape \(\) for"),
    "two columns": (lambda x: np.stack([x, x], axis=1), r"Root.predict gives shape \(\d+, 2\)"),
    "nothing": (lambda x: None, "Root predicts NaN or infinity|Root.predict gives shape"),
    "strings": (lambda x: ["a"] * len(x), "Root.predict raised ValueError"),
    "an error": (lambda x: 1 // 0, "Root.predict raised ZeroDivisionError"),
}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", WRONG)
def test_a_root_that_predicts_nonsense_is_refused_by_name(name: str) -> None:
    pytest.importorskip("sklearn")
    predicts, message = WRONG[name]
    with pytest.raises(ValueError, match=f"^root: ({message})"):
        lx.LearnedIndex(KEYS, lx.RMI(root=Root(predicts)))


def test_what_a_root_raises_while_it_is_fitted() -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(ValueError, match="^root: FailingFit.fit raised OSError: disk") as caught:
        lx.RMI(root=FailingFit(OSError("disk"))).fit(KEYS)
    assert isinstance(caught.value.__cause__, OSError)
    for passing in (KeyboardInterrupt, MemoryError, SystemExit):
        with pytest.raises(passing):
            lx.RMI(root=FailingFit(passing())).fit(KEYS)


UNEVEN = {
    "falling": lambda x: 1 - x,
    "a wave": lambda x: np.sin(20 * x),
    "far too large": lambda x: (1e300 * x).reshape(-1, 1),
    "constant": lambda x: np.full(len(x), 0.25),
}


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("name", UNEVEN)
def test_a_root_that_is_not_monotone_answers_right_with_a_warning(name: str, leaf: str) -> None:
    pytest.importorskip("sklearn")
    keys = np.sort(np.random.default_rng(7).integers(0, 2**60, 20_000))
    model = lx.RMI(root=Root(UNEVEN[name]), leaf=leaf)
    if name in ("falling", "a wave"):
        with pytest.warns(UserWarning, match="root: Root is not monotone: it falls by"):
            index = lx.LearnedIndex(keys, model)
    else:
        index = lx.LearnedIndex(keys, model)
    asked = np.concatenate([keys, keys + 1, keys - 1, [0, 2**62]])
    np.testing.assert_array_equal(index.searchsorted(asked), np.searchsorted(keys, asked))
    low, high = index.bounds(asked)
    assert (low <= np.searchsorted(keys, asked)).all() and (
        np.searchsorted(keys, asked) <= high
    ).all()


def test_the_root_has_as_many_bins_as_the_keys_are_uneven() -> None:
    random = np.random.default_rng(9)
    flat = np.sort(random.integers(0, 2**60, 300_000))
    x = np.sort(random.random(300_000))
    bent = ((x + np.sin(600 * x) / 700 + 1 / 700) * 2**60).astype(np.int64)  # a hundred waves
    bins = [len(lx.RMI().fit(keys).stage_knots_[0]) - 1 for keys in (flat, bent)]
    assert bins[0] <= 64 < bins[1]
    assert lx.RMI().fit(flat).nbytes_ <= 0.017 * flat.nbytes
    for keys in (flat, bent):
        full = np.diff(lx.RMI().fit(keys).leaf_positions_.astype(np.float64))
        assert (full**2).sum() <= 1.1 * full.mean() * len(keys), "a key's leaf is an average one"


def test_the_last_keys_are_predicted_as_well_as_others() -> None:
    """The domain ends inside a bin: its line must lead to the last key, not past it."""
    for last in (2**60 + 1, 2**60 + 2**53, 2**60 + 2**52 * 3, 2**61 - 1000):
        keys = np.linspace(0, last, 64_000).astype(np.int64)
        model = lx.RMI().fit(keys)
        assert np.abs(model.predict(keys[-2_000:]) - np.arange(62_000, 64_000)).max() <= 3
