"""The suite of the sorted tree in C++: every number has a cell, every floor its keys."""

import subprocess

import numpy as np
import pytest

from benchmarks import record
from benchmarks.plan import TINY, Cell, Place
from benchmarks.suites import tree

PLACE = Place("hot-gap", 1_000)


def test_every_cell_is_committed_with_its_rival() -> None:
    lines = [one for one in record.read(record.KEPT) if one.get("suite") == "tree"]
    assert {one["verb"] for one in lines} == set(tree.FLOORS)
    for one in lines:
        assert next(iter(one["times"])) == "tree" and tree.FLOORS[one["verb"]].rival in one["times"]


def test_the_tree_stands_before_its_rivals() -> None:
    names = ("sorted batch/tree", "insert/tree", "insert/absl", "find/tree", "rank/tree")
    numbers = {name: [float(i)] for i, name in enumerate(names)}
    assert tree.pick(numbers, "sorted batch") == {"tree": [0.0], "absl": [2.0]}
    assert tree.pick(numbers, "rank") == {"tree": [4.0], "find": [3.0]}


def test_floors_are_lower_on_hard_and_hot_keys() -> None:
    assert tree.TREE.bounds(Cell("insert"), Place("uniform", 9))["absl"].floor == 1.3
    assert tree.TREE.bounds(Cell("insert"), PLACE)["absl"].floor == 0.8
    assert tree.TREE.bounds(Cell("insert"), Place("dense-plus-outliers", 9))["absl"].floor == 1.2
    assert tree.TREE.bounds(Cell("insert, slowest"), PLACE) == {}


@pytest.mark.parametrize("name", [name for name in tree.SETS if name != "gshhg_coast"])
def test_keys_ascend_and_none_is_inserted_twice(name: str) -> None:
    loaded, inserted = tree.SETS[name](1_000)
    assert (loaded[1:] > loaded[:-1]).all()
    assert len(np.unique(np.concatenate([loaded, inserted]))) == len(loaded) + len(inserted)


def test_a_place_without_the_program_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "no absl")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    tree.build.cache_clear()
    with pytest.raises(FileNotFoundError, match="no absl\nneeds .* libabsl-dev"):
        tree.TREE.load(*PLACE, TINY.seed)
