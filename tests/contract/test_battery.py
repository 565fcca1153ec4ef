"""One battery: every verb, on every model, dtype and kernel row, against NumPy's own answers."""

import pytest

from tests.contract.battery import run
from tests.contract.checks_arrays import ARRAY_CHECKS
from tests.contract.checks_position import POSITION_CHECKS
from tests.contract.checks_range import RANGE_CHECKS
from tests.contract.key_sets import NUMBERS, TIMES
from tests.contract.models import FEW, MODELS

CHECKS = {**POSITION_CHECKS, **RANGE_CHECKS, **ARRAY_CHECKS}


@pytest.mark.parametrize("verb", CHECKS)
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("model", MODELS)
def test_numbers(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(CHECKS[verb], kernel_row, dtype, model)


@pytest.mark.parametrize("verb", CHECKS)
@pytest.mark.parametrize("dtype", TIMES)
@pytest.mark.parametrize("model", FEW)
def test_times(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(CHECKS[verb], kernel_row, dtype, model)


@pytest.mark.long
@pytest.mark.parametrize("verb", CHECKS)
@pytest.mark.parametrize("dtype", TIMES)
@pytest.mark.parametrize("model", [model for model in MODELS if model not in FEW])
def test_times_on_every_model(kernel_row: str, verb: str, dtype: str, model: str) -> None:
    run(CHECKS[verb], kernel_row, dtype, model)
