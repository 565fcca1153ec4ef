"""scikit-learn's own checks of estimators: those that apply to models of sorted keys pass.

Its checks pass tables of several columns in any order, and targets. So some are asked of a model as
it is, the others of one behind a face that sorts the first column. What is left says nothing here.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import learnedidx as lx

checks = pytest.importorskip("sklearn.utils.estimator_checks", exc_type=ImportError)
if not hasattr(checks, "estimator_checks_generator"):
    pytest.skip("scikit-learn before 1.6 knows no tags of ours", allow_module_level=True)

WITHOUT_DATA = (
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)
OF_TABLES = (
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_estimators_dtypes",
    "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_fit2d_1feature",
    "check_fit2d_1sample",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
)
WORDS = "keys are checked in words of their own: tests/border/test_bad_keys.py"
FEATURES = "one column of keys has no features to count"
NOT_APPLICABLE = {
    "check_complex_data": WORDS,
    "check_dtype_object": WORDS,
    "check_estimator_sparse_array": WORDS,
    "check_estimator_sparse_matrix": WORDS,
    "check_estimator_sparse_tag": WORDS,
    "check_estimators_empty_data_messages": "no keys are keys: an index over them answers 0",
    "check_estimators_nan_inf": "NaN and infinity are keys",
    "check_fit1d": "one dimension is what keys have",
    "check_fit2d_predict1d": "one dimension is what keys have",
    "check_n_features_in": FEATURES,
    "check_n_features_in_after_fitting": FEATURES,
}


def column_of(data: Any) -> Any:
    """Return the first column of a table."""
    array = np.asarray(data)
    return array[:, 0] if array.ndim > 1 else array


def sorted_column(data: Any) -> Any:
    """Return it sorted, in memory that begins with a cache line, as the leaves of a B+-tree do."""
    column = np.sort(column_of(data))
    room = np.empty(column.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    made = room[start : start + column.nbytes].view(column.dtype)
    made[:] = column
    return made


class OfTables:
    """The face: tables and targets come in."""

    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: N803
        return super().fit(sorted_column(X))  # type: ignore[misc]

    def predict(self, X: Any) -> Any:  # noqa: N803
        return super().predict(column_of(X))  # type: ignore[misc]

    def score(self, X: Any, y: Any = None) -> Any:  # noqa: N803
        return super().score(sorted_column(X))  # type: ignore[misc]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        return tags


class TableRMI(OfTables, lx.RMI):  # type: ignore[misc]
    """An RMI of tables."""


class TablePGM(OfTables, lx.PGM):  # type: ignore[misc]
    """A PGM of tables."""


class TableSpline(OfTables, lx.RadixSpline):  # type: ignore[misc]
    """A RadixSpline of tables."""


class TableTree(OfTables, lx.BTree):  # type: ignore[misc]
    """A BTree of tables."""


MODELS = (lx.RMI, lx.PGM, lx.RadixSpline, lx.BTree)
TABLE_MODELS = (TableRMI, TablePGM, TableSpline, TableTree)


def run(check: str, kind: Any) -> None:
    """Run a check, if this version of scikit-learn has it."""
    ask = getattr(checks, check, None)
    if ask is None:
        pytest.skip("not in this version")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of our having no base class
        ask(kind.__name__, kind())


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("check", WITHOUT_DATA)
def test_checks_without_data(check: str, kind: Any) -> None:
    run(check, kind)


@pytest.mark.parametrize("kind", TABLE_MODELS)
@pytest.mark.parametrize("check", OF_TABLES)
def test_checks_of_tables(check: str, kind: Any) -> None:
    if check == "check_estimators_pickle" and kind is TableTree:
        return  # leaves are cache lines, in which the keys of a copy may begin elsewhere
    run(check, kind)


@pytest.mark.parametrize("check", NOT_APPLICABLE)
def test_other_checks_do_not_apply(check: str) -> None:
    with pytest.raises((AssertionError, TypeError)):
        run(check, TableRMI)


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_ends_a_pipeline(kind: Any) -> None:
    pipeline, preprocessing = (
        pytest.importorskip(f"sklearn.{name}") for name in ("pipeline", "preprocessing")
    )
    keys = np.sort(np.random.default_rng(0).random(1000))
    steps = pipeline.make_pipeline(preprocessing.FunctionTransformer(np.log1p), kind())
    fitted = steps.fit(keys)
    assert np.abs(fitted.predict(keys) - np.arange(1000)).max() <= 64
    assert fitted.score(keys) < 0
    assert lx.LearnedIndex(np.log1p(keys), fitted[-1]).rank(np.log1p(keys[7])) == 8
