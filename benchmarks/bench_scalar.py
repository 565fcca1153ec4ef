"""One query a call, from Python."""

import collections

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.checks import check_scalars
from benchmarks.contenders import Contender
from benchmarks.frame import run_per_query, skipped_if_wrong
from benchmarks.keysets import KeySet
from benchmarks.workloads import mixed

CALLS = 1_000


def test_scalar(benchmark: BenchmarkFixture, built: Contender, keyset: KeySet) -> None:
    """Time 1,000 single calls, half of them hits."""
    queries = mixed(keyset.keys, CALLS, 1)
    with skipped_if_wrong(built):
        check_scalars(built, keyset.keys, queries)
    prepared = built.prepare_scalars(queries)
    benchmark.group = f"{CALLS} single calls · {keyset.label}"
    run_per_query(
        benchmark, lambda: collections.deque(map(built.scalar, prepared), maxlen=0), CALLS
    )
