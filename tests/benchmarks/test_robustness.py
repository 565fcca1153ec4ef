"""Slow-down by attacks: what is timed against what, what is missing, and the committed tables."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from benchmarks import robust_tables, robustness
from benchmarks.contenders import Array
from benchmarks.contenders.arrays import NumPy

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = ["--n", "3000", "--queries", "600", "--rounds", "2"]
FEW = ["--attacks", "stair", "lastbit", "--contenders", "rmi", "btree16", "numpy"]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return robustness.measure(robustness.parse([*SMALL, *FEW]))


def test_every_attack_has_every_contender(found: dict[str, Any]) -> None:
    rows = found["rows"]
    pairs = [(row["attack"], row["contender"]) for row in rows]
    names = ("rmi", "btree16", "numpy")
    assert pairs == [(attack, name) for attack in ("stair", "lastbit") for name in names]
    for row in rows:
        assert 0 < row["low"] <= row["slow_down"] <= row["high"] and row["ns"] > 0
        assert ("lines" in row) == (row["contender"] != "numpy")
    assert [row["contender"] for row in found["grown"]] == list(robustness.GROWN)
    assert set(found["control"]) == {"rmi", "btree16", "numpy"}


def test_counts_are_those_of_the_index(found: dict[str, Any]) -> None:
    import learnedidx as lx

    index = lx.LearnedIndex(datasets.load("stair", n=3_000), "rmi")
    low, high = index.bounds(index.keys)
    row = found["rows"][0]
    assert row["window"] == (high - low).max() and row["bytes"] == index.nbytes


def test_slow_down_is_attack_over_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that charges the attack three times as much as the control shows as 3."""
    keys = np.arange(100, dtype=np.uint64)
    attacked, control = (robustness.Built(keys, ["numpy"], 50, 1) for _ in range(2))

    def taken(actions: dict[str, Any], rounds: int, clock: Any) -> dict[str, list[int]]:
        assert clock is time.thread_time_ns
        assert list(actions) == ["numpy attacked", "numpy control"]
        assert all(np.size(action()) == 50 for action in actions.values())
        return {"numpy attacked": [300] * rounds, "numpy control": [100] * rounds}

    monkeypatch.setattr(robustness, "time_rounds", taken)
    spread, nanoseconds = robustness.slow_downs(attacked, control, 4)["numpy"]
    assert spread == (3.0, 3.0, 3.0) and nanoseconds == 6.0


def test_a_rival_with_wrong_answers_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: NumPy, prepared: Array) -> Array:
        return np.zeros(len(prepared), np.intp)

    monkeypatch.setattr(NumPy, "batch", wrong)
    built = robustness.Built(np.arange(100, dtype=np.uint64), ["numpy"], 50, 1)
    assert not built.ready and "answers are wrong" in built.why_not["numpy"]


def test_tables_and_lines_hold_what_was_measured(found: dict[str, Any]) -> None:
    rows = [*found["rows"], {"attack": "stair", "contender": "absl", "missing": "not built"}]
    rows.append({"attack": "lastbit", "contender": "absl", "missing": "not built"})
    text = robust_tables.page({**found, "rows": rows})
    assert "absl on stair, lastbit: not built" in text
    assert f"| {rows[0]['slow_down']:.2f} |" in text and found["machine"]["python"] in text
    lines = robustness.records({**found, "rows": rows})
    assert [line["attack"] for line in lines[:2]] == ["stair", "lastbit"]
    assert lines[0]["slowdown"]["rmi"] == rows[0]["slow_down"]
    assert lines[-1]["slowdown"].keys() == set(robustness.GROWN)
    assert all(line["machine"] and json.dumps(line) for line in lines)


def test_it_is_written_when_asked(
    found: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(robustness, "measure", lambda chosen: found)
    monkeypatch.setattr(robustness, "RESULTS", tmp_path)
    assert robustness.main(SMALL) == 0 and not list(tmp_path.iterdir())
    assert robustness.main([*SMALL, "--write"]) == 0
    assert (tmp_path / "robustness.md").read_text() in capsys.readouterr().out
    assert len((tmp_path / "robustness.jsonl").read_text().splitlines()) == 3


def test_counts_alone_need_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robustness, "time_rounds", None)
    chosen = robustness.parse([*SMALL, *FEW, "--rounds", "0"])
    found = robustness.measure(chosen)
    assert all("slow_down" not in row for row in [*found["rows"], *found["grown"]])
    text = robust_tables.page(found)
    assert "Nanoseconds" not in text and "## Most cache lines" in text


def test_the_page_quotes_the_committed_tables() -> None:
    """Every table of the documentation is one of the results, as it stands there."""
    results = (ROOT / "benchmarks" / "results" / "robustness.md").read_text()
    page = (ROOT / "docs" / "robustness.md").read_text()
    tables = [part for part in page.split("\n\n") if part.startswith("| keys | rmi")]
    assert len(tables) >= 2
    for table in tables:
        assert table.strip() in results
