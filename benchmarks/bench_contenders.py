"""Every contender under pytest-benchmark: batches by kind of query, single calls, builds, bytes."""

import collections
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import memory
from benchmarks.checks import WrongAnswerError, check, check_scalars
from benchmarks.contenders import Contender, make
from benchmarks.keysets import KeySet
from benchmarks.plan import FULL
from benchmarks.tables import Table, bytes_text
from benchmarks.workloads import WORKLOADS, mixed

CALLS = 1_000


def per_query(benchmark: BenchmarkFixture, action: Callable[[], object], queries: int) -> None:
    """Time an action that answers many queries, and note nanoseconds a query beside the time."""
    benchmark(action)
    stats: Any = benchmark.stats
    if stats is not None:  # with --benchmark-disable the action ran once, untimed
        benchmark.extra_info["ns_per_query"] = stats["median"] / queries * 1e9


@contextlib.contextmanager
def skipped_if_wrong(contender: Contender) -> Iterator[None]:
    """Skip a rival whose answers are wrong, since its time means nothing; ours fails."""
    try:
        yield
    except WrongAnswerError as error:
        if contender.ours:
            raise
        pytest.skip(str(error))


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
    some = min(count // 10 + 1, FULL.loop_sample) if built.loops else count
    queries = WORKLOADS[workload](keyset.keys, count, 1)[:some]
    prepared = built.prepare(queries)
    with skipped_if_wrong(built):
        check(built, keyset.keys, queries, built.batch(prepared))
    benchmark.group = f"batch, {workload} · {keyset.label}"
    per_query(benchmark, lambda: built.batch(prepared), len(queries))


def test_scalar(benchmark: BenchmarkFixture, built: Contender, keyset: KeySet) -> None:
    """Time 1,000 single calls, half of them hits."""
    queries = mixed(keyset.keys, CALLS, 1)
    with skipped_if_wrong(built):
        check_scalars(built, keyset.keys, queries)
    prepared = built.prepare_scalars(queries)
    benchmark.group = f"{CALLS} single calls · {keyset.label}"
    per_query(benchmark, lambda: collections.deque(map(built.scalar, prepared), maxlen=0), CALLS)


def test_build(benchmark: BenchmarkFixture, contender: Contender, keyset: KeySet) -> None:
    """Time building anew; what was built is freed after the clock has stopped."""
    made = make(contender.name)
    made.build(keyset.keys[:1000])  # imports are no part of building
    benchmark.group = f"build · {keyset.label}"
    pedantic: Any = benchmark.pedantic  # building is too slow to be repeated freely
    pedantic(made.build, args=(keyset.keys,), rounds=5)


def test_sortedness_check(benchmark: BenchmarkFixture, keyset: KeySet) -> None:
    """Time NumPy's check that the keys are sorted: the yardstick for building."""
    keys = keyset.keys
    benchmark.group = f"build · {keyset.label}"
    assert benchmark(lambda: bool((keys[1:] >= keys[:-1]).all()))


def test_memory(
    benchmark: BenchmarkFixture, built: Contender, keyset: KeySet, memory_table: Table
) -> None:
    """Measure the bytes once; the time shown is that of a fresh process and says nothing."""
    own = built.nbytes()
    benchmark.group = f"memory · {keyset.label}"
    pedantic: Any = benchmark.pedantic
    growth = pedantic(memory.measure, args=(built.name, keyset.keys), rounds=1)
    if growth is None:
        pytest.skip("the growth of a process is read from /proc, which this system does not have")
    benchmark.extra_info.update(own=own, kept=growth.kept, peak=growth.peak)
    shown = "-" if own is None else bytes_text(own)
    memory_table.add(built.label, shown, bytes_text(growth.kept), bytes_text(growth.peak))
