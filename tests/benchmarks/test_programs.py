"""The suites of containers in C++: every number has a cell, every floor its keys."""

import numpy as np
import pytest

from benchmarks import native, record
from benchmarks.plan import Cell, Place
from benchmarks.suites import programs

SAID = "put/skip list/8.00\nput/learnedidx/2.00\nfind/std::set/5.00\nput/skip list/9.00\n"


def test_numbers_are_read_by_verb_with_ours_first() -> None:
    numbers = programs.read(SAID)
    assert list(numbers["put"].items()) == [("learnedidx", [2.0]), ("skip list", [8.0, 9.0])]
    assert numbers["find"] == {"std::set": [5.0]}


def test_a_verb_without_rivals_stands_beside_another() -> None:
    names = ("sorted batch/tree", "insert/tree", "insert/absl", "find/tree", "rank/tree")
    numbers = programs.read("".join(f"{name}/{i}\n" for i, name in enumerate(names)))
    assert programs.beside(numbers, "sorted batch") == {"tree": [0.0], "absl": [2.0]}
    assert programs.beside(numbers, "rank") == {"tree": [4.0], "find": [3.0]}


@pytest.mark.parametrize("name", ["tree", "memtable"])
def test_every_verb_has_a_cell_and_rivals_that_the_program_names(name: str) -> None:
    floors = {"tree": programs.TREE_FLOORS, "memtable": programs.MEMTABLE_FLOORS}[name]
    program = (native.HERE / f"{name}.cpp").read_text()
    for verb, of in floors.items():
        assert f'{verb.lstrip("0123456789")}"' in program and all(
            f'"{rival}"' in program for rival in of
        )
    lines = [one for one in record.read(record.KEPT) if one.get("suite") == name]
    assert lines and {one["verb"] for one in lines} <= set(floors)
    assert all(floors[one["verb"]].keys() <= one["times"].keys() for one in lines)


def test_floors_are_lower_on_hard_and_hot_keys() -> None:
    for keys, floor in (("uniform", 1.3), ("hot-gap", 0.8), ("dense-plus-outliers", 1.2)):
        assert programs.TREE.bounds(Cell("insert"), Place(keys, 9))["absl"].floor == floor
    assert programs.TREE.bounds(Cell("insert, slowest"), Place("hot-gap", 9)) == {}


@pytest.mark.parametrize("name", [name for name in programs.MAPS if name != "gshhg_coast"])
def test_keys_ascend_and_none_is_inserted_twice(name: str) -> None:
    loaded, inserted = programs.MAPS[name](1_000)
    assert (loaded[1:] > loaded[:-1]).all()
    assert len(np.unique(np.concatenate([loaded, inserted]))) == len(loaded) + len(inserted)
