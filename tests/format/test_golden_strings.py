"""Files of strings are read for ever, as FORMAT.md says; equal keys and model give equal bytes."""

import json
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.format import row_reader
from tests.format.make_golden_strings import FOLDER, MOST_BYTES, Rows, cases
from tests.format.predictors import predictor_of
from tests.format.reader import Reader

NAMES = sorted(path.stem for path in FOLDER.glob("*.lidx"))


def test_the_files_are_those_of_the_script_and_small() -> None:
    assert set(NAMES) >= set(cases())
    assert sum((FOLDER / f"{name}.lidx").stat().st_size for name in NAMES) <= MOST_BYTES


def test_all_sections_of_strings_are_in_some_file() -> None:
    types, inner = set(), set()
    for name in NAMES:
        file = _core.File((FOLDER / f"{name}.lidx").read_bytes(), name)
        types |= {kind for kind, _, _ in file.sections}
        layers = [at for kind, at, size in file.sections if kind == b"LAYR"]
        for at in layers:
            layer = Reader(
                file.raw[at:].tobytes()[: int(file.raw[at + 16 : at + 24].view("<u8")[0])]
            )
            inner |= {section.type for section in layer.sections}
    assert types == set(b"META STRS COLS LAYR OFFS DATA VALS".split())
    assert inner > {"META", "MODL", "KEYS", "PLAC", "RUNS"}


@pytest.mark.parametrize("mmap", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_answers_of_a_golden_file(kernel_row: str, name: str, mmap: bool) -> None:
    case, answers = cases()[name], json.loads((FOLDER / f"{name}.json").read_text())
    keys = None if case.with_keys else case.source
    index = lx.open(FOLDER / f"{name}.lidx", keys=keys, verify="full", mmap=mmap)
    queries = case.queries()
    for side in ("left", "right"):
        assert [index.searchsorted(q, side) for q in queries] == answers[side]
        if queries:
            assert index.searchsorted(queries, side).tolist() == answers[side]
    found = np.array(answers["right"]) > answers["left"]
    assert [q in index for q in queries] == found.tolist()


@pytest.mark.parametrize("name", cases())
def test_golden_strings_and_values_come_back(name: str) -> None:
    case = cases()[name]
    index = lx.open(FOLDER / f"{name}.lidx", keys=None if case.with_keys else case.source)
    assert [case.raw(key) for key in index] == [case.raw(key) for key in case.keys]
    assert case.values is None or np.array_equal(np.asarray(index.values), case.values)
    assert index.save(bytes, keys=case.with_keys) == (FOLDER / f"{name}.lidx").read_bytes()


@pytest.mark.parametrize("name", cases())
def test_the_same_keys_and_model_give_the_same_bytes(name: str) -> None:
    blob, before = cases()[name].blob(), (FOLDER / f"{name}.lidx").read_bytes()
    if _core.File(blob, name).header["version"] != _core.File(before, name).header["version"]:
        pytest.skip("a newer version writes other bytes")
    assert blob == before


def predictions_hold(layer: Any) -> None:
    """Check what the model of a layer certifies, for some of its entries and what follows them."""
    if layer.file.model == "none":
        return
    predictor = predictor_of(layer.file)
    chosen = layer.column[:: max(layer.column.size // 20, 1)]
    for entry in [*chosen.tolist(), *(chosen[:-1] + np.uint64(1)).tolist()]:
        low, high = predictor.certified(np.uint64(entry))
        assert low <= np.searchsorted(layer.column, np.uint64(entry)) <= high


@pytest.mark.parametrize("name", NAMES)
def test_golden_files_are_as_format_md_says(name: str) -> None:
    case, reader = cases()[name], Reader((FOLDER / f"{name}.lidx").read_bytes())
    reader.check_all()
    strings = reader.strings
    assert strings is not None
    for layer in strings.layers:
        predictions_hold(layer)
    if not case.with_keys:
        assert strings.items is None
        strings.items = [case.raw(key) for key in case.keys]
    assert strings.items == [case.raw(key) for key in case.keys]
    answers = json.loads((FOLDER / f"{name}.json").read_text())["left"]
    assert [strings.find(case.raw(q)) for q in case.queries()] == answers


@pytest.mark.parametrize("name", [name for name in cases() if isinstance(cases()[name], Rows)])
def test_columns_of_golden_rows_are_as_format_md_says(name: str) -> None:
    case, reader = cases()[name], Reader((FOLDER / f"{name}.lidx").read_bytes())
    columns, strings = row_reader.columns_in(reader.bytes_of("COLS")), reader.strings
    assert isinstance(case, Rows) and strings is not None
    assert [vars(column) for column in columns] == [vars(column) for column in case.columns]
    only_numbers = not any(column.is_string for column in columns)
    assert strings.layout == only_numbers
    assert strings.width == only_numbers * sum(column.width for column in columns)
    rows = [row_reader.row_of(columns, raw) for raw in strings.items or []]
    assert [case.raw(row) for row in rows] == (strings.items or [])


@pytest.mark.parametrize("at", [9, 33, 45, 130, 300, 400, 4700, -1])
def test_the_reader_notices_a_changed_byte(at: int) -> None:
    blob = bytearray((FOLDER / "text-auto.lidx").read_bytes())
    blob[at] ^= 64
    with pytest.raises(ValueError):
        Reader(bytes(blob)).check_all()
