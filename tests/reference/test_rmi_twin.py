"""The core's predictions, leaf positions, lines and errors against the slow twin."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.models import LEAVES, ROOTS
from tests.reference.rmi_twin import RmiTwin

RANDOM = np.random.default_rng(20)
SETS: dict[str, Any] = {
    "uniform": np.sort(RANDOM.integers(0, 2**64, 2_500, np.uint64)),
    "skewed": np.sort((RANDOM.lognormal(0, 3, 2_500) * 1e12).astype(np.uint64)),
    "signed": np.sort(RANDOM.integers(-(2**63), 2**63 - 1, 2_500)),
    "narrow": np.sort(RANDOM.integers(-(2**31), 2**31 - 1, 2_500)).astype(np.int32),
    "repeated": np.sort(RANDOM.integers(0, 300, 2_500).astype(np.uint64)),
    "high": np.arange(2**64 - 5_000, 2**64 - 1, 2, dtype=np.uint64),
    "two clusters": np.concatenate([np.arange(1_000), np.arange(1_500) + 2**62]).astype(np.uint64),
    "outliers": np.append(np.arange(2_400) * 3, 2 ** np.arange(40, 60)).astype(np.int64),
    "regular": np.arange(0, 25_000, 10, dtype=np.int64),
}
SHAPES = (1, 7, 64, (16, 256), (4, 16, 64))


def fitted(root: str, leaf: str, n_leaves: Any, keys: Any) -> tuple[Any, RmiTwin]:
    model = lx.RMI(root=root, leaf=leaf, n_leaves=n_leaves).fit(keys)
    return model, RmiTwin(model, int(keys[0]), int(keys[-1]))


def beside(keys: Any) -> list[int]:
    """Return keys, their neighbours, and both ends of the dtype."""
    info = np.iinfo(keys.dtype)
    some = keys[::9].tolist()
    near = [*some, *(key + 1 for key in some), *(key - 1 for key in some), info.min, info.max]
    return [key for key in near if info.min <= key <= info.max]


@pytest.mark.parametrize("n_leaves", SHAPES)
@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("name", SETS)
def test_predictions(kernel_row: str, name: str, root: str, n_leaves: Any) -> None:
    keys = SETS[name]
    model, twin = fitted(root, "interpolate", n_leaves, keys)
    asked = beside(keys)
    expected = [twin.predict(key) for key in asked]
    np.testing.assert_array_equal(model.predict(np.array(asked, keys.dtype)), expected)


@pytest.mark.parametrize("n_leaves", SHAPES)
@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("name", SETS)
def test_leaf_positions(kernel_row: str, name: str, root: str, n_leaves: Any) -> None:
    keys = SETS[name]
    model, twin = fitted(root, "interpolate", n_leaves, keys)
    assert model.leaf_positions_.tolist() == twin.leaf_positions(keys.tolist())


def test_clusters_far_apart_are_pieces_of_the_root() -> None:
    pieces = {name: lx.RMI().fit(keys).root_pieces_ for name, keys in SETS.items()}
    assert pieces["two clusters"][:, :2].tolist() == [[0, 999 << 1], [2**63, 2**63 + (1499 << 1)]]
    assert pieces["outliers"][0, 1] == 3 * 2_399 << 4 and len(pieces["outliers"]) < 8
    assert not any(len(pieces[name]) for name in ("uniform", "skewed", "regular", "repeated"))


@pytest.mark.parametrize("n_leaves", [1, 7, 64])
@pytest.mark.parametrize("name", SETS)
def test_lines_are_least_squares(kernel_row: str, name: str, n_leaves: int) -> None:
    keys = SETS[name]
    model, twin = fitted("linear", "linear", n_leaves, keys)
    for leaf in range(0, model.n_leaves_, 5):
        line = twin.line(keys.tolist(), leaf)
        if line is not None and 0 < line[1] < 1e12:
            found = model.leaf_intercepts_[leaf], model.leaf_slopes_[leaf]
            np.testing.assert_allclose(found, line, rtol=1e-3, atol=0.05)


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("name", SETS)
def test_the_largest_error_is_the_one_measured(
    kernel_row: str, name: str, root: str, leaf: str
) -> None:
    """No query is farther off than max_error_, and some key or the gap behind it is that far."""
    keys = SETS[name]
    model = lx.RMI(root=root, leaf=leaf, n_leaves=50).fit(keys)
    asked = np.array(beside(keys), keys.dtype)
    errors = np.abs(model.predict(asked) - np.searchsorted(keys, asked))
    assert errors.max() <= model.max_error_
    ahead = model.predict(keys) - np.arange(len(keys))
    assert model.max_error_ == max(ahead.max(), (1 - ahead).max())


@pytest.mark.parametrize("name", SETS)
def test_the_score_is_minus_the_mean_log2_error(name: str) -> None:
    keys = SETS[name]
    model = lx.RMI(n_leaves=20).fit(keys)
    errors = np.abs(model.predict(keys) - np.searchsorted(keys, keys))
    assert model.score(keys) == pytest.approx(-np.mean(np.log2(1 + errors)))
