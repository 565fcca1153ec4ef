"""Workers that are killed, or lack what is needed; and what travels to them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

import learnedidx as lx
from learnedidx.dask import _sending

ROWS = 1000


def frame_of(rows: int, parts: int) -> Any:
    """Return a frame that tasks make, so that none of it travels."""
    size = rows // parts

    def part(i: int) -> Any:
        return pd.DataFrame({"q": (np.arange(size) + i * size) * 7919 % rows})

    return dd.from_map(part, list(range(parts)))


def killed_once(ddf: Any, marker: Path) -> Any:
    """Return the same frame; who reads its third partition first is killed, by its process id."""

    def part(frame: Any, partition_info: Any = None) -> Any:
        if partition_info["number"] == 3 and len(frame):
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return frame
            os.kill(os.getpid(), signal.SIGKILL)
        return frame

    return ddf.map_partitions(part, meta=ddf._meta)


@pytest.mark.whole
@pytest.mark.parametrize("plan", ["local", "shuffle"])
def test_a_worker_is_killed_in_the_middle(
    plan: str, folder: str, tmp_path: Path, mortals: Any
) -> None:
    lx.shards.build(np.arange(0, ROWS, 2), folder, rows_per_shard=90)
    ddf = frame_of(ROWS, 8)
    asked = killed_once(ddf, tmp_path / "marker")
    found = mortals.compute(lx.dask.lookup(asked, folder, "q", plan=plan)).result(timeout=90)
    assert (tmp_path / "marker").exists()
    queries = ddf.compute(scheduler="sync")["q"].to_numpy()
    assert np.array_equal(found["q"], queries)
    wanted = np.where(queries % 2, -1, queries // 2)
    assert np.array_equal(found["position"].fillna(-1), wanted)


@pytest.mark.whole
def test_a_worker_is_killed_while_it_builds(folder: str, tmp_path: Path, mortals: Any) -> None:
    ddf = dd.from_map(lambda i: pd.DataFrame({"t": np.arange(i * 100, i * 100 + 100)}), range(8))
    lx.dask.build(killed_once(ddf, tmp_path / "marker"), folder, "t", rows_per_shard=60)
    assert (tmp_path / "marker").exists()
    with lx.shards.open(folder) as index:
        index.verify()
        assert list(index) == list(range(800))
    assert not list(Path(folder).glob(".parts-*"))


def hidden() -> None:
    """Let this process have no learnedidx, from now on."""
    mine = [name for name in sys.modules if name.partition(".")[0] == "learnedidx"]
    sys.hidden = {name: sys.modules[name] for name in mine}  # type: ignore[attr-defined]
    sys.modules.update(dict.fromkeys([*mine, "learnedidx"]))  # type: ignore[arg-type]


def shown() -> None:
    sys.modules.pop("learnedidx")
    sys.modules.update(sys.hidden)  # type: ignore[attr-defined]


def test_a_worker_without_the_extra_says_so(folder: str, workers: Any) -> None:
    lx.shards.build(np.arange(9), folder)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    workers.run(hidden)
    try:
        said = r"a worker of Dask lacks learnedidx: pip install 'learnedidx\[dask\]' there"
        for made in (
            lambda: lx.dask.lookup(frame_of(8, 2), folder, "q").compute(),
            lambda: lx.dask.range(folder, 2, 5).compute(),
            lambda: lx.dask.build(frame_of(8, 2), folder, "q"),
        ):
            with pytest.raises(ImportError, match=said):
                made()
    finally:
        workers.run(shown)
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def test_a_worker_without_arrow_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "learnedidx.dask._tasks")
    monkeypatch.delattr(lx.dask, "_tasks")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="a worker of Dask lacks pyarrow: pip install 'learned"):
        _sending.there("span")(1, 2)


def test_a_client_without_the_extra_says_so(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lx.shards.build(np.arange(9), folder)
    monkeypatch.setitem(sys.modules, "dask.dataframe", None)
    for ask in (lx.dask.range, lambda *given: lx.dask.lookup(None, folder, "q")):
        with pytest.raises(
            ImportError, match=r"the client of Dask lacks dask.*: pip install 'learnedidx\[dask\]'"
        ):
            ask(folder, 1, 2)


def test_dask_is_imported_on_use_alone() -> None:
    code = "import sys, learnedidx.dask; assert not {'dask', 'pandas', 'pyarrow'} & {*sys.modules}"
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


def test_a_missing_shard_is_named(folder: str, workers: Any) -> None:
    lx.shards.build(np.arange(900), folder, rows_per_shard=100)
    os.unlink(os.path.join(folder, "shard-00000004.lidx"))
    found = lx.dask.lookup(frame_of(ROWS, 4), folder, "q")
    with pytest.raises(FileNotFoundError, match="this shard is missing.*shard-00000004"):
        found.compute()


@pytest.mark.parametrize("plan", ["local", "shuffle"])
def test_tasks_are_small_and_the_manifest_is_one_of_them(plan: str, folder: str) -> None:
    lx.shards.build(np.arange(20_000), folder, rows_per_shard=100, model="none")
    manifest = os.path.getsize(os.path.join(folder, "manifest.json"))
    assert manifest > 30_000
    with dask.config.set({"dataframe.shuffle.method": "tasks"}):
        found = lx.dask.lookup(frame_of(ROWS, 4), folder, "q", plan=plan)
        made = lx.dask.range(folder, None, None)
        graphs = [dict(each.optimize().__dask_graph__()) for each in (found, made)]
    for graph in graphs:
        sizes = sorted(len(cloudpickle.dumps(task)) for task in graph.values())
        assert manifest < sizes[-1] < manifest + 1000
        assert sizes[-2] < 5000, sizes
