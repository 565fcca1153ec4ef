"""The machine card, and what is counted of its instructions."""

import shutil
from pathlib import Path

import pytest

from benchmarks import counts, machine, record


def test_the_card_names_all_rivals_and_no_host() -> None:
    found = machine.card()
    for name in ("pandas", "polars", "pygm", "BTrees", "sortedcontainers", "absl"):
        assert name in found["rivals"]
    assert len(found["build"]) == 8
    assert found["counters"]
    assert "/" not in found["rivals"] + found["build"]


@pytest.mark.skipif(shutil.which("git") is None, reason="no git: apt-get install git")
def test_a_tree_is_changed_by_all_but_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, module = tmp_path / "benchmarks/results", tmp_path / "benchmarks/machine.py"
    results.mkdir(parents=True)
    monkeypatch.setattr(machine, "__file__", str(module))
    monkeypatch.setattr(record, "RESULTS", results)
    for path in (module, results / "measured.jsonl"):
        path.write_text("before")
    machine._git("init", "-q")
    machine._git("add", ".")
    machine._git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all")
    for path, is_dirty in ((results / "measured.jsonl", False), (module, True)):
        path.write_text("after")
        assert machine._commit().endswith("-dirty") == is_dirty


def test_counts_are_what_a_longer_run_takes_more() -> None:
    few = counts.read_callgrind("==1== Collected : 1000\n")
    many = counts.read_callgrind("==1== Collected : 80001000\n")
    assert counts.per_lookup(few, many) == {"instructions": 100.0}
    perf = (
        "40,,instructions:u,1,100.00,,\n<not counted>,,cache-misses:u,0,0,,\n2,,branch-misses:u,,"
    )
    assert counts.read_perf(perf) == {"instructions": 40, "branch-misses": 2}
