"""The machine card, and the growth of a fresh process."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import machine, memory, record

on_linux = pytest.mark.skipif(
    not memory.STATUS.exists(), reason="memory growth is read from /proc (Linux)"
)


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


@on_linux
def test_a_list_of_a_million_integers_grows_by_what_python_needs_for_it() -> None:
    keys = np.arange(2**40, 2**40 + 1_000_000, dtype=np.uint64)
    growth = memory.growth("bisect", keys)
    assert growth is not None
    assert 38e6 < growth < 50e6  # a pointer of 8 bytes and an int of 32 for each key


@on_linux
def test_borrowed_keys_do_not_grow_the_process() -> None:
    growth = memory.growth("numpy", np.arange(1_000_000, dtype=np.uint64))
    assert growth is not None
    assert growth < 1e6
