"""Advice and tuned models are timed beside all that could have been chosen; costs are fitted."""

from pathlib import Path

import numpy as np
import pytest

import datasets
from benchmarks import record
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import FULL, TINY, Cell
from benchmarks.suite import Subject
from benchmarks.suites import advised

CELL = Cell("tune", "near", 1_000)
SUBJECT = Subject(KeySet("uniform", datasets.load("uniform", n=5_000, seed=1)), ())


def test_a_verdict_stands_beside_the_fastest() -> None:
    timed = advised.advise(SUBJECT, CELL, TINY)
    assert {timed.facts["chosen"], advised.NUMPY} <= set(timed.times) and timed.facts["ratio"] >= 0
    line = {"set": "uniform", "length": 5_000, "times": timed.times, **timed.facts, "ratio": 1.2}
    right = {**line, "ratio": 1.1}
    [table] = advised.advice_tables([line, right])
    assert "1 of 2 verdicts" in table.title and [row[-1] for row in table.rows] == ["1.20", "1.10"]


def test_few_keys_of_which_nothing_was_timed_are_timed_here() -> None:
    few = Subject(KeySet("few", np.arange(9, dtype=np.uint64)), ())
    assert advised.advise(few, CELL, TINY).facts["ratio"] > 0


def test_a_tuned_model_stands_beside_the_best_that_fits() -> None:
    timed = advised.tune(SUBJECT, CELL, TINY)
    nbytes = timed.facts["bytes"]
    for text, one in timed.facts["tuned"].items():
        assert nbytes[one["best"]] <= advised.BUDGETS[text] and one["ratio"] > 0
    line = {"set": "uniform", "length": 5_000, "times": timed.times, **timed.facts}
    [table] = advised.tuned_tables([line])
    assert [row[1] for row in table.rows] == list(advised.BUDGETS)


def test_no_model_may_be_the_tuned_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library(), "tune", lambda keys, memory: "none")
    timed = advised.tune(SUBJECT, CELL, TINY)
    assert {one["model"] for one in timed.facts["tuned"].values()} == {"none"}


def test_costs_are_counted_of_every_model_and_fitted(tmp_path: Path) -> None:
    timed = advised.count_costs(SUBJECT, CELL, TINY)
    assert set(timed.times) == set(timed.facts["misses"]) == set(map(str, advised.ladder(5_000)))
    keys = {"set": "uniform", "n": 5_000, "length": 5_000, "dtype": "uint64", "verb": "cost"}
    line = {"card": "a", "suite": "costs", **keys, "times": timed.times, **timed.facts}
    record.append({**line, "times": {}}, tmp_path / "lines")
    record.append(line, tmp_path / "lines")
    rows = advised.read_costs(tmp_path / "lines")
    assert sum(map(len, rows.values())) == len(timed.times) and all(rows.values())
    assert all(min(each) >= 0 and max(each) > 0 for each in map(advised.fit, rows.values()))


def test_places_are_those_of_the_suite_or_what_is_asked_for() -> None:
    places = [place.keys for place in advised.ADVICE.places(FULL)]
    assert places == list(advised.ADVISED)
    assert not {place.keys for place in advised.ADVICE.places(TINY)} & set(advised.REAL)
