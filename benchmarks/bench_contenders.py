"""Every contender under pytest-benchmark: batches by kind of query, single calls, builds."""

import dataclasses
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.plan import FULL, Cell
from benchmarks.suite import Subject
from benchmarks.suites import contended
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
