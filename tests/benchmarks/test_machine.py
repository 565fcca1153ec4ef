"""The machine card."""

import shutil
from pathlib import Path

import pytest

from benchmarks import machine, record


def test_the_card_names_all_rivals_and_no_host() -> None:
    found = machine.card()
    for name in ("pandas", "polars", "pygm", "BTrees", "sortedcontainers", "absl"):
        assert name in found["rivals"]
    assert len(found["build"]) == 8
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
    machine.git("init", "-q")
    machine.git("add", ".")
    machine.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all")
    for path, is_dirty in ((results / "measured.jsonl", False), (module, True)):
        path.write_text("after")
        assert machine._commit().endswith("-dirty") == is_dirty
