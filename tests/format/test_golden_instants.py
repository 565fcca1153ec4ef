"""Files of instants are read for ever: they keep that their keys had a time zone."""

import json
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.format.make_golden_instants import FOLDER, MOST_BYTES, cases, plain, zoned
from tests.format.reader import Reader
from tests.format.row_reader import columns_in, row_of

pandas = pytest.importorskip("pandas")
NAMES = sorted(path.stem for path in FOLDER.glob("*.lidx"))


def utc_of(name: str) -> Any:
    """Return the instants that were committed with a file."""
    numbers = json.loads((FOLDER / f"{name}.json").read_text())["utc"]
    unit = {"instants-rmi": "us", "instants-keyless": "ns", "instants-rows": "s"}[name]
    return np.array(numbers, np.int64).view(f"M8[{unit}]")


def test_the_files_are_those_of_the_script_and_small() -> None:
    assert set(NAMES) >= set(cases())
    assert sum((FOLDER / f"{name}.lidx").stat().st_size for name in NAMES) <= MOST_BYTES


@pytest.mark.parametrize("name", cases())
def test_the_same_keys_and_model_give_the_same_bytes(name: str) -> None:
    assert cases()[name].blob() == (FOLDER / f"{name}.lidx").read_bytes()


@pytest.mark.parametrize("name", ["instants-rmi", "instants-keyless"])
def test_instants_of_a_golden_file_answer_instants_alone(name: str) -> None:
    utc, case = utc_of(name), cases()[name]
    given = None if case.with_keys else case.keys
    index = lx.open(FOLDER / f"{name}.lidx", keys=given, verify="full")
    expected = np.searchsorted(utc[~np.isnat(utc)], utc[~np.isnat(utc)])
    asked = zoned(utc).tz_convert("Asia/Tokyo").dropna()
    assert index.searchsorted(asked).tolist() == expected.tolist()
    assert [index.searchsorted(one) for one in asked] == expected.tolist()
    np.testing.assert_array_equal(np.asarray(index), utc)
    with pytest.raises(TypeError, match="no time zone"):
        index.searchsorted(utc)
    with pytest.raises(lx.FormatError, match="UTC\\]"):
        lx.open(FOLDER / "instants-keyless.lidx", keys=utc_of("instants-keyless"))


def test_instants_of_golden_rows() -> None:
    index = lx.open(FOLDER / "instants-rows.lidx", verify="full")
    keys = cases()["instants-rows"].keys
    assert index.find(keys).tolist() == list(range(60))
    assert list(index) == [(int(user), time) for user, time in plain(keys)]
    with pytest.raises(TypeError, match=r"v\[1\]: has no time zone"):
        index.find(index[3])


@pytest.mark.parametrize("name", NAMES)
def test_golden_files_are_as_format_md_says(name: str) -> None:
    reader = Reader((FOLDER / f"{name}.lidx").read_bytes())
    reader.check_all()
    if reader.strings is None:
        assert (reader.meaning, reader.minor) == (4, 1)
        keys = utc_of(name) if reader.keys is None else reader.keys
        np.testing.assert_array_equal(keys, utc_of(name))
        return
    columns = columns_in(reader.bytes_of("COLS"))
    assert [column.meaning for column in columns] == [0, 4]
    rows = [row_of(columns, raw) for raw in reader.strings.items or []]
    assert [row[1] for row in rows] == utc_of(name).tolist() or [row[1] for row in rows] == list(
        utc_of(name)
    )
