"""Every contender under pytest-benchmark: batches by kind of query, single calls, builds, bytes."""

import dataclasses
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import memory
from benchmarks.plan import FULL, Cell
from benchmarks.suite import Entry, Subject
from benchmarks.suites import contended
from benchmarks.tables import Table, bytes_text
from benchmarks.workloads import WORKLOADS

CELLS = (*(Cell("batch", name, 1) for name in WORKLOADS), Cell("single", "mixed"), Cell("build"))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.verb} {cell.workload}".strip())
def test_contender(
    benchmark: BenchmarkFixture, subject: Subject, cell: Cell, request: pytest.FixtureRequest
) -> None:
    """Time a cell; a round answers many queries, loops a part of them: read ns_per_query."""
    if cell.batch:
        cell = cell._replace(batch=request.config.getoption("--queries"))
    plan = dataclasses.replace(FULL, queries=max(cell.batch, 1), rounds=1)
    missing: dict[str, str] = {}
    acts = contended.actions(subject, cell, plan, missing)
    if not acts:
        pytest.skip(str(missing))
    (act,) = acts.values()
    benchmark.group = f"{cell.label} · {subject.keyset.label}"
    if cell.verb == "build":  # too slow to be repeated freely
        pedantic: Any = benchmark.pedantic
        pedantic(act.action, rounds=5)
    else:
        benchmark(act.action)
    stats: Any = benchmark.stats
    if stats is not None:  # with --benchmark-disable the action ran once, untimed
        benchmark.extra_info["ns_per_query"] = stats["median"] / act.queries * 1e9


def test_memory(
    benchmark: BenchmarkFixture, subject: Subject, entry: Entry, memory_table: Table
) -> None:
    """Measure the bytes once; the time shown is that of a fresh process and says nothing."""
    own = entry.contender.nbytes()
    benchmark.group = f"memory · {subject.keyset.label}"
    pedantic: Any = benchmark.pedantic
    growth = pedantic(memory.measure, args=(entry.name, subject.keyset.keys), rounds=1)
    if growth is None:
        pytest.skip("the growth of a process is read from /proc, which this system does not have")
    benchmark.extra_info.update(own=own, kept=growth.kept, peak=growth.peak)
    shown = "-" if own is None else bytes_text(own)
    memory_table.add(entry.contender.label, shown, bytes_text(growth.kept), bytes_text(growth.peak))
