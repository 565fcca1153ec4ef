"""What tests of Dask share: two worker processes of one thread each, which all of them use."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]  # shards are written with flock


@pytest.fixture(scope="package")
def workers() -> Iterator[Any]:
    """Give a client whose two workers all tests share."""
    with started() as found:
        yield found


@pytest.fixture
def mortals() -> Iterator[Any]:
    """Give a client whose two workers may be killed."""
    with started() as found:
        yield found


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """Start two workers and give their client."""
    from distributed import Client, LocalCluster

    # Workers get this path. The sources, which pytest put in front, must not hide the library.
    root = str(Path(__file__).parent.parent.parent)
    sys.path[:] = [*(each for each in sys.path if each != root), root]
    # A fork in a process with threads would warn; workers are started afresh.
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as found,
    ):
        yield found


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Name a folder of shards that is not there yet."""
    return str(tmp_path / "shards")
