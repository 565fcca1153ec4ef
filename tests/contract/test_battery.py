"""One battery: every verb, on every model, dtype and kernel row, against NumPy's own answers."""

import pytest

from learnedidx._core import kernels
from tests.contract.battery import run
from tests.contract.checks_arrays import ARRAY_CHECKS, insight
from tests.contract.checks_position import POSITION_CHECKS
from tests.contract.checks_range import RANGE_CHECKS
from tests.contract.key_sets import FEW_TIMES, NARROW_NUMBERS, NUMBERS, TIMES
from tests.contract.models import FEW, GROWN, MODELS, NARROW

ANSWERS = {**POSITION_CHECKS, **RANGE_CHECKS}
CHECKS = {**ANSWERS, **ARRAY_CHECKS}
EXTENDED_VERBS = ("searchsorted_left", "searchsorted_right", "find", "bounds", "verify")
EXTENDED = [
    (model, dtype)
    for model in GROWN
    for dtype in (NARROW_NUMBERS if model.startswith("direct") else (*NUMBERS, *FEW_TIMES))
]


@pytest.mark.parametrize("verb", ANSWERS)
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("model", MODELS)
def test_numbers(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(ANSWERS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize("verb", CHECKS)
@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
@pytest.mark.parametrize("model", NARROW)
def test_narrow_numbers(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(CHECKS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize("verb", ARRAY_CHECKS)
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("model", [*FEW, "none"])
def test_arrays_of_numbers(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(ARRAY_CHECKS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize("verb", CHECKS)
@pytest.mark.parametrize("dtype", FEW_TIMES)
@pytest.mark.parametrize("model", FEW)
def test_times(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(CHECKS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize(("model", "dtype"), EXTENDED)
def test_extended(kernel_row: str, model: str, dtype: str) -> None:
    """Answers are those of an index built anew; bounds are certified, and the whole verifies."""
    for verb in EXTENDED_VERBS:
        run(ANSWERS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize("dtype", [*NUMBERS, *FEW_TIMES])
@pytest.mark.parametrize("model", [*FEW, "none"])
def test_insight(dtype: str, model: str) -> None:
    run(insight, kernels.active(), dtype, model)


@pytest.mark.parametrize("dtype", NARROW_NUMBERS)
@pytest.mark.parametrize("model", NARROW)
def test_insight_into_tables(dtype: str, model: str) -> None:
    run(insight, kernels.active(), dtype, model)


@pytest.mark.long
@pytest.mark.parametrize("dtype", [*NUMBERS, *TIMES])
@pytest.mark.parametrize("model", MODELS)
def test_everything(kernel_row: str, dtype: str, model: str) -> None:
    for check in CHECKS.values():
        run(check, kernel_row, dtype, model)
