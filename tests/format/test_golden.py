"""Files of every version are read for ever; equal keys and model give equal bytes."""

import json
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.contract.key_sets import Array
from tests.format.make_golden import FOLDER, MOST_BYTES, cases

NAMES = sorted(path.stem for path in FOLDER.glob("*.lidx"))


def loaded(name: str, dtype: np.dtype[Any]) -> tuple[Array, dict[str, Any]]:
    """Return the queries and the answers that were committed with a file."""
    answers = json.loads((FOLDER / f"{name}.json").read_text())
    bits = np.array(answers["queries"], f"u{dtype.itemsize}")
    return bits.view(dtype), answers


def test_the_files_are_those_of_the_script_and_small() -> None:
    assert set(NAMES) >= set(cases())
    assert sum((FOLDER / f"{name}.lidx").stat().st_size for name in NAMES) <= MOST_BYTES


def test_all_arrays_of_the_format_are_in_some_file() -> None:
    types, pieces = set(), 0
    for name in NAMES:
        file = _core.File((FOLDER / f"{name}.lidx").read_bytes(), name)
        types |= {kind for kind, _, _ in file.sections}
        pieces += file.header["model"] == 1 and int(file.section("MODL")[24])
    models = b"KNOT LEAF LINE ERRS SEPS PNTX PNTY RADX SPLT BEFO SEGS CORR TABL".split()
    assert types == {b"META", b"MODL", *models, b"KEYS", b"VALS"} and pieces


@pytest.mark.parametrize("mmap", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_bounds_of_a_golden_file(name: str, mmap: bool) -> None:
    index = lx.open(FOLDER / f"{name}.lidx", verify="full", mmap=mmap)
    queries, answers = loaded(name, index._state.checked.array.dtype)
    low, high = index.bounds(queries)
    assert low.tolist() == answers["low"] and high.tolist() == answers["high"]
    assert all(np.array(answers["low"]) <= answers["left"])
    assert all(np.array(answers["left"]) <= answers["high"])


@pytest.mark.parametrize("name", NAMES)
def test_answers_of_a_golden_file(kernel_row: str, name: str) -> None:
    path, case = FOLDER / f"{name}.lidx", cases().get(name)
    if name.endswith("-keyless"):
        assert case is not None
        index = lx.open(path, keys=case.keys, verify="full")
    else:
        index = lx.open(path, verify="full")
    queries, answers = loaded(name, index.keys.dtype)
    for side in ("left", "right"):
        assert index.searchsorted(queries, side).tolist() == answers[side]
        assert [index.searchsorted(q, side) for q in queries] == answers[side]
    found = np.array(answers["right"]) > answers["left"]
    assert index.contains(queries).tolist() == found.tolist()
    assert index.find(queries).tolist() == np.where(found, answers["left"], -1).tolist()


@pytest.mark.parametrize("name", cases())
def test_golden_keys_and_values_come_back(name: str) -> None:
    index, case = lx.open(FOLDER / f"{name}.lidx"), cases()[name]
    if case.with_keys:
        np.testing.assert_array_equal(index.keys, case.keys)
        assert index.keys.dtype == case.keys.dtype
    if case.values is None:
        assert index.values is None
    else:
        np.testing.assert_array_equal(index.values, case.values)


@pytest.mark.parametrize("name", cases())
def test_the_same_keys_and_model_give_the_same_bytes(name: str) -> None:
    blob, before = cases()[name].blob(), (FOLDER / f"{name}.lidx").read_bytes()
    if _core.File(blob, name).header["version"] != _core.File(before, name).header["version"]:
        pytest.skip("a newer version writes other bytes")
    assert blob == before


@pytest.mark.parametrize("name", NAMES)
def test_saving_what_was_opened_gives_the_same_bytes(name: str) -> None:
    index = lx.open(FOLDER / f"{name}.lidx")
    assert (
        index.save(bytes, keys=not name.endswith("-keyless"))
        == (FOLDER / f"{name}.lidx").read_bytes()
    )
