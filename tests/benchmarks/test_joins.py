"""The suite of joins of tables: rivals agree, and floors are those of large tables."""

import os

import pytest

from benchmarks.plan import MILLION, Cell, Place
from benchmarks.suites import joins
from benchmarks.suites.joins import ALL, ONE, TABLES


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))


@pytest.mark.parametrize("cell", [cell for cell in joins.CELLS if ONE in cell.workload], ids=str)
def test_who_joins_gives_the_same_rows(cell: Cell) -> None:
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
