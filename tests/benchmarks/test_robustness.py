"""Slow-down by attacks: what is timed against what, what is missing, and the committed tables."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks.contenders import Array
from benchmarks.contenders.numbers import NumPy
from benchmarks.keysets import KeySet
from benchmarks.plan import TINY, Cell
from benchmarks.suite import Subject, Timed
from benchmarks.suites import robustness

ROOT = Path(__file__).resolve().parent.parent.parent
CELL = Cell("attack", "mixed", 600)
NAMES = ("rmi", "btree16", "numpy")


def measured(name: str, contenders: tuple[str, ...] = NAMES) -> tuple[Timed, dict[str, Any]]:
    """Measure a small attack; give what is timed, and the line of it."""
    subject = Subject(robustness._load(name, 3_000, 1), contenders)
    timed = robustness.measure(subject, CELL, TINY)
    line = {"set": name, "length": 3_000, "batch": 600, **timed._asdict(), **timed.facts}
    return timed, line


def test_every_contender_is_timed_on_both_and_counted() -> None:
    import learnedidx as lx

    timed, line = measured("stair")
    assert list(timed.times) == list(line["slow_down"]) == list(NAMES) and not timed.missing
    for median, low, high in line["slow_down"].values():
        assert 0 < low <= median <= high
    assert set(line["lines"]) == set(line["control"]["window"]) == {"rmi", "btree16"}
    index = lx.LearnedIndex(datasets.load("stair", n=3_000), "rmi")
    low, high = index.bounds(index.keys)
    assert line["window"]["rmi"] == (high - low).max() and line["bytes"]["rmi"] == index.nbytes


def test_slow_down_is_attack_over_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that charges the attack three times as much as the control shows as 3."""

    def taken(actions: dict[str, Any], rounds: int, **_: Any) -> dict[str, list[int]]:
        assert list(actions) == ["numpy", "numpy control"]
        assert all(action() is not None for action in actions.values())
        return {"numpy": [3600] * rounds, "numpy control": [1200] * rounds}

    monkeypatch.setattr("benchmarks.suite.time_rounds", taken)
    timed, line = measured("runs", ("numpy",))
    assert line["slow_down"] == {"numpy": (3.0, 3.0, 3.0)} and timed.times["numpy"] == [6.0] * 2


def test_a_rival_with_wrong_answers_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: NumPy, prepared: Array) -> Array:
        return np.zeros(len(prepared), np.intp)

    monkeypatch.setattr(NumPy, "batch", wrong)
    timed, line = measured("stair", ("numpy", "absl", "btree8"))
    assert "btree8" in timed.times and "numpy" not in timed.times  # absl is where it was built
    assert "answers are wrong" in timed.missing["numpy"]
    first, *_ = robustness.tables([line])
    assert any("numpy: answers wrongly" in note for note in first.notes)


def test_appended_keys_stand_beside_an_index_built_anew() -> None:
    timed, line = measured(robustness.APPENDED)
    assert set(timed.times) == set(robustness.GROWN) and set(timed.missing) == {"btree16", "numpy"}
    *_, attack = robustness.tables([measured("tails")[1]])
    [grown] = robustness.tables([line])
    assert "extended" in grown.title and "cache lines" in attack.title
    assert [row[0] for row in grown.rows] == list(robustness.GROWN)


def test_keys_of_a_reader_are_attacks_too() -> None:
    subject = Subject(KeySet("mine", np.arange(0.0, 900.0)), ("rmi", "numpy"))
    assert set(robustness.measure(subject, CELL, TINY).facts["slow_down"]) == {"rmi", "numpy"}


def test_the_page_quotes_the_committed_tables() -> None:
    """Every table of the documentation is one of the results, as it stands there."""
    results = (ROOT / "benchmarks" / "results" / "measured.md").read_text()
    page = (ROOT / "docs" / "robustness.md").read_text()
    tables = [part for part in page.split("\n\n") if part.startswith(("| keys | rmi", "| model |"))]
    assert len(tables) == 5
    for table in tables:
        assert table.strip() in results
