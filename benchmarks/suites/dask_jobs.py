"""Lookups in shards by workers of Dask, beside plain Python over the same files: ns a query.

Keys lie in 16 shards, queries in 16 Parquet files, a third as many; answers are written to Parquet
files. A worker is a process of one thread. ``plain`` is this process, without Dask. In ``killed``,
one of two workers is killed, by its process id, when some answers are written. All answers are
compared, in order. Notes say how large each worker's resident memory was at most, and what of it
is files that are mapped, which workers share.
"""

import contextlib
import functools
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.contenders.contender import absent_packages
from benchmarks.contenders.library import library
from benchmarks.memory import resident
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed, time_each
from benchmarks.tables import bytes_text
from benchmarks.workloads import mixed

SIZES = {"full": (100 * MILLION,), "small": (MILLION,), "tiny": (10_000,)}
SHARDS = FILES = 16
ONE, TWO, KILLED = "one worker", "two workers", "killed"
# How many times the time of the first the other's is required to be, of 10^8 keys.
FLOORS = {ONE: {"plain": Bound(0.5)}, TWO: {ONE: Bound(1.6)}}
COMPARED = {ONE: "plain", TWO: ONE, KILLED: TWO}


class Job:
    """Shards and queries in a folder, and who answers these."""

    def __init__(self, keys: Array, seed: int) -> None:
        self.kept = tempfile.TemporaryDirectory()  # goes with this object
        self.folder = Path(self.kept.name)
        self.shards, self.asked = self.folder / "shards", self.folder / "asked"
        self.rounds = itertools.count()
        keys = (keys >> np.uint64(1)).astype(np.int64)
        library().shards.build(keys, self.shards, rows_per_shard=-(-len(keys) // SHARDS))
        queries = mixed(keys, max(FILES, len(keys) * 3 // 10), seed)
        self.queries = len(queries)
        self.asked.mkdir()
        for i, part in enumerate(np.array_split(queries, FILES)):
            _write(self.asked / f"{i:02}.parquet", q=part)
        self.truth = self.plain().rename(self.folder / "truth")

    def plain(self) -> Path:
        """Answer the files one after the other, in this process."""
        import pyarrow.parquet as pq

        to = self._target()
        to.mkdir()
        with library().shards.open(self.shards) as index:
            for path in sorted(self.asked.iterdir()):
                queries = pq.read_table(path)["q"].to_numpy()
                _write(to / path.name, q=queries, position=index.find(queries))
        return to

    def by(self, client: Any, kills: bool = False) -> Path:
        """Answer the files by workers, one of which may be killed meanwhile."""
        import dask.dataframe as dd

        to = self._target()
        found = library().dask.lookup(dd.read_parquet(self.asked), self.shards, on="q")
        future = client.compute(found.to_parquet(to, compute=False, write_index=False))
        if kills:
            pids = client.run(os.getpid)
            while not list(to.glob("*.parquet")) and not future.done():
                time.sleep(0.002)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
        future.result()
        return to

    def _target(self) -> Path:
        return self.folder / f"found-{next(self.rounds)}"

    def check(self, clients: dict[int, Any]) -> None:
        """Compare what was written last with what is right, and let killed workers come back."""
        for found in self.folder.glob("found-*"):
            assert rows(found) == rows(self.truth), found
            shutil.rmtree(found)
        for n, client in clients.items():
            client.wait_for_workers(n)


def _write(path: Path, **columns: Array) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)


def rows(folder: Path) -> Any:
    """Read queries and answers in order; null is -1."""
    import pyarrow.parquet as pq

    paths = sorted(folder.glob("*.parquet"), key=lambda path: (len(path.name), path.name))
    table = pq.read_table([str(path) for path in paths])
    return table["q"], table["position"].fill_null(-1)


@contextlib.contextmanager
def cluster(workers: int) -> Any:
    """Give a client of so many processes of one thread, which import the installed library."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as made,
        Client(made, set_as_default=False) as client,
    ):
        client.register_worker_callbacks(library)
        yield client


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time whole jobs in turns, whose files must be equal."""
    if missing := absent_packages("dask", "distributed", "pyarrow"):
        return Timed({}, missing)
    keys, who = subject.keyset, cell.workload
    job = _job(keys.name, len(keys.keys), plan.seed)
    with contextlib.ExitStack() as stack:
        clients = {n: stack.enter_context(cluster(n)) for n in ((1,) if who == ONE else (1, 2))}
        actions: dict[str, Callable[[], Path]] = {
            "plain": job.plain,
            ONE: lambda: job.by(clients[1]),
            TWO: lambda: job.by(clients[2]),
            KILLED: lambda: job.by(clients[2], kills=True),
        }
        chosen = {name: actions[name] for name in (who, COMPARED[who])}
        after = dict.fromkeys(chosen, lambda: job.check(clients))
        wall, rounds = time.perf_counter_ns, subject.rounds(cell, plan)
        timed = time_each(chosen, rounds, clock=wall, per=job.queries, undo=after)
        notes = {f"{cell.label} · {n} at most": _memory(clients[n]) for n in clients}
    return timed._replace(facts={"notes": notes})


def _memory(client: Any) -> str:
    """Say how large the workers of a client became, and how much of it is files."""
    most, files = (client.run(resident, field) for field in ("VmHWM", "RssFile"))
    said = (f"{bytes_text(most[one])} ({bytes_text(files[one])} files)" for one in most)
    return ", ".join(said)


@functools.lru_cache(maxsize=1)
def _job(name: str, n: int, seed: int) -> Job:
    return Job(keysets.from_name(name, n, seed).keys, seed)


DASK = Suite(
    "dask",
    "lookups in shards by workers of Dask",
    "ns",
    lambda plan: plan.usual(["uniform"], plan.pick(SIZES)),
    lambda plan: [Cell("job", who) for who in COMPARED],
    measure,
    bounds=lambda cell, place: FLOORS.get(cell.workload, {}) if place.n == 100 * MILLION else {},
)
