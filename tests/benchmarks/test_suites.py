"""Suites of a kind of their own: containers in Python and C++, joins, and appended keys."""

import dataclasses
import os

import numpy as np
import pytest

from benchmarks import native, record
from benchmarks.plan import MILLION, TINY, Cell, Place
from benchmarks.suite import Subject
from benchmarks.suites import joins, kept, programs
from benchmarks.suites.containers_cases import NUMBERS, TEXT, Case, Keys, cases
from benchmarks.suites.joins import ALL, ONE, TABLES

KEYS = {is_text: Keys.draw(1_000, is_text) for is_text in (False, True)}
CASES = [(case, False) for case in cases(NUMBERS).values()]
CASES += [(case, True) for case in cases(TEXT).values()]
SAID = "put/skip list/8.00\nput/learnedidx/2.00\nfind/std::set/5.00\nput/skip list/9.00\n"


@pytest.mark.parametrize(("case", "is_text"), CASES, ids=lambda one: getattr(one, "name", None))
def test_every_case_leaves_what_it_found(case: Case, is_text: bool) -> None:
    keys = KEYS[is_text]
    for name, held in case.contenders(keys)[0].items():
        is_container = hasattr(held, "__iter__") and not isinstance(held, type)
        before = list(held) if is_container else None  # what makes a container is called
        for action in case.actions(held, name, keys) * 2:
            action()
        assert before is None or list(held) == before


def test_extending_is_much_faster_than_training_anew() -> None:
    """A tenth is measured with as many new keys; a half leaves room for a busy machine."""
    subject = Subject(kept.log_keys("log_seconds", 2_000_000, 1), ())
    plan = dataclasses.replace(TINY, rounds=5)

    def times(model: str) -> dict[str, float]:
        timed = kept.extend(subject, Cell("extend", model), plan)
        return {name: min(rounds) for name, rounds in timed.times.items()}

    for model in ("pgm", "radix_spline"):
        found = times(model)
        assert found["extended"] < found["built"] / 2, model
    for model in ("rmi", "btree"):  # whose training is a part of the checks that a vouch leaves out
        found = times(model)
        assert found["vouched"] < min(found["extended"] / 1.5, found["built"] / 1.1), model


@pytest.mark.parametrize("cell", [cell for cell in joins.CELLS if ONE in cell.workload], ids=str)
def test_who_joins_gives_the_same_rows(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    found = joins.timed("uniform", "10000", "1", *cell[:2], "1")
    rivals = joins.RANGE if cell.verb == "range" else ("with its build", cell.verb.split()[1])
    assert tuple(found["times"]) == ("learnedidx", *rivals)
    assert all(times[0] > 0 for times in found["times"].values())


def test_a_join_that_differs_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([(3, 1), (3, 2)])
    monkeypatch.setattr(joins, "joins", lambda *_: {"ours": lambda: None, "theirs": lambda: None})
    monkeypatch.setattr(joins, "_answer", lambda _: next(answers))
    with pytest.raises(AssertionError, match="asof"):
        joins.timed("uniform", "100", "1", "asof polars", f"sorted, {ONE}", "1")


def test_floors_are_of_one_thread_and_large_tables() -> None:
    place = Place("uniform", 10 * MILLION)
    bounds = {cell: TABLES.bounds(cell, place) for cell in joins.CELLS}
    assert bounds[Cell("asof polars", f"shuffled, {ONE}")]["polars"].floor == 2.0
    assert bounds[Cell("asof polars by", f"sorted, {ONE}")].keys() == {"polars", "pandas"}
    assert not any(found for cell, found in bounds.items() if ALL in cell.workload)
    assert not any(TABLES.bounds(cell, Place("uniform", 10_000)) for cell in joins.CELLS)


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
