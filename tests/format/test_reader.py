"""FORMAT.md is enough: a reader written from it finds the keys and predicts where they lie."""

from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx.models import DirectTable
from tests.contract.key_sets import Array, key_sets
from tests.contract.models import MODELS
from tests.format.make_golden import FOLDER, cases
from tests.format.predictors import predictor_of
from tests.format.reader import Reader

MADE = (
    "rmi",
    "rmi linear linear",
    "rmi three stages",
    "pgm",
    "pgm 1",
    "radix_spline 1",
    "radix_spline 4 bits",
    "btree 8",
)
SETS = (
    "uniform",
    "repeated",
    "one far key",
    "near 2^63",
    "smooth",
    "wide",
    "specials",
    "subnormals",
)
SAMPLE = 40


def numbers_of(keys: Array) -> Array:
    """Return keys as plain numbers, without their tail of NaN or NaT."""
    whole = keys.view(np.int64) if keys.dtype.kind in "mM" else keys
    return whole[: keys.size - int(np.isnan(keys).sum() if keys.dtype.kind in "fmM" else 0)]


def check(blob: bytes, keys: Array, values: Array | None = None) -> None:
    """Read a file in full and predict some of its keys, and what lies between them."""
    reader = Reader(blob)
    reader.check_all()
    assert (reader.n, reader.dtype) == (keys.size, keys.dtype)
    if reader.keys is not None:
        np.testing.assert_array_equal(reader.keys, keys)
    if values is not None:
        np.testing.assert_array_equal(reader.values, values)
    numbers = numbers_of(keys)
    assert reader.numbers == numbers.size
    if reader.model != "none" and numbers.size:
        check_predictions(reader, numbers)


def check_predictions(reader: Reader, numbers: Array) -> None:
    predictor = predictor_of(reader)
    chosen = numbers[:: max(numbers.size // SAMPLE, 1)]
    for key in [*chosen, *between(chosen)]:
        low, high = predictor.certified(key.item())
        assert low <= np.searchsorted(numbers, key) <= high, key
    if hasattr(predictor, "max_error"):
        errors = [abs(predictor.p(k.item()) - np.searchsorted(numbers, k)) for k in chosen]
        assert max(errors) <= predictor.max_error <= predictor.epsilon


def between(keys: Array) -> Array:
    """Return the numbers after some keys."""
    if keys.dtype.kind == "f":
        after: Array = np.nextafter(keys[np.abs(keys) < 1e30], np.array(np.inf, keys.dtype))
        return after
    return (
        keys[:0]
        if keys.dtype.kind == "b"
        else keys[keys < np.iinfo(keys.dtype).max] + keys.dtype.type(1)
    )


@pytest.mark.parametrize("name", cases())
def test_golden_files_are_as_format_md_says(name: str) -> None:
    case = cases()[name]
    check((FOLDER / f"{name}.lidx").read_bytes(), case.keys, case.values)


@pytest.mark.parametrize("model", MADE)
@pytest.mark.parametrize("dtype", ["u8", "i4", "f8", "f4", "i1", "M8[s]"])
def test_files_of_today_are_as_format_md_says(dtype: str, model: str) -> None:
    for name, keys in key_sets(np.dtype(dtype).name).items():
        if name in SETS:
            blob: Any = lx.LearnedIndex(keys, MODELS[model](keys)).save(bytes, keys=False)
            check(blob, keys)


def test_the_model_s_own_predictions_are_those_of_the_reader() -> None:
    keys = key_sets("float64")["smooth"]
    for model in (lx.RMI(leaf="linear"), lx.RMI(), lx.PGM(epsilon=5), lx.RadixSpline(epsilon=5)):
        index = lx.LearnedIndex(keys, model)
        predictor = predictor_of(Reader(index.save(bytes) or b""))
        asked = np.concatenate([keys[::97], between(keys[::89])])
        assert [predictor.p(q.item()) for q in asked] == index.model.predict(asked).tolist()


def test_a_direct_table_of_16_bits() -> None:
    keys = key_sets("int16")["uniform"]
    predictor = predictor_of(Reader(lx.LearnedIndex(keys, DirectTable()).save(bytes) or b""))
    assert [predictor.p(k.item()) for k in keys[::50]] == np.searchsorted(keys, keys[::50]).tolist()


@pytest.mark.parametrize("at", [3, 8, 17, 45, 100, 140, 180, 260, 4000])
def test_the_reader_notices_a_changed_byte(at: int) -> None:
    blob = bytearray((FOLDER / "rmi-u8.lidx").read_bytes())
    blob[at] ^= 64
    with pytest.raises(ValueError):
        Reader(bytes(blob)).check_all()
