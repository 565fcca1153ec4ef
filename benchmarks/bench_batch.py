"""One call for many queries, by kind of query."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.checks import check
from benchmarks.contenders import Contender
from benchmarks.entry import LOOP_SAMPLE
from benchmarks.frame import run_per_query, skipped_if_wrong
from benchmarks.keysets import KeySet
from benchmarks.workloads import WORKLOADS


@pytest.mark.parametrize("workload", WORKLOADS)
def test_batch(
    benchmark: BenchmarkFixture,
    built: Contender,
    keyset: KeySet,
    workload: str,
    request: pytest.FixtureRequest,
) -> None:
    """Time a batch; rivals that need one call a query get a part of it, so read ns_per_query."""
    count: int = request.config.getoption("--queries")
    queries = WORKLOADS[workload](keyset.keys, count, 1)
    if built.loops:
        queries = queries[: min(count // 10 + 1, LOOP_SAMPLE)]
    prepared = built.prepare(queries)
    with skipped_if_wrong(built):
        check(built, keyset.keys, queries, built.batch(prepared))
    benchmark.group = f"batch, {workload} · {keyset.label}"
    run_per_query(benchmark, lambda: built.batch(prepared), len(queries))
