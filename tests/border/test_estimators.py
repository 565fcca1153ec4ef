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
    for model in (lx.RMI(root="cubic", n_leaves=(8, 64)).fit(KEYS), lx.BTree(node=8).fit(KEYS)):
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
    plain, weighted = lx.RMI(n_leaves=1_000).fit(keys), lx.RMI(n_leaves=1_000).fit(keys, weights)
    assert weighted.nbytes_ <= plain.nbytes_ * 1.01
    widths = [mean_width(lx.LearnedIndex(keys, model), keys[heavy]) for model in (plain, weighted)]
    assert widths[1] <= widths[0] / 2


def mean_width(index: lx.LearnedIndex, v: Any) -> float:
    low, high = index.bounds(v)
    return float(np.mean(high - low))
