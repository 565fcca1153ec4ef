"""What the bench_*.py suites share around pytest-benchmark."""

from collections.abc import Callable
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture


def run_per_query(benchmark: BenchmarkFixture, action: Callable[[], object], queries: int) -> None:
    """Time an action that answers many queries, and note nanoseconds a query beside the time."""
    benchmark(action)
    stats: Any = benchmark.stats
    if stats is not None:  # with --benchmark-disable the action ran once, untimed
        benchmark.extra_info["ns_per_query"] = stats["median"] / queries * 1e9


def run_once_each(
    benchmark: BenchmarkFixture, action: Callable[..., Any], *arguments: object, rounds: int
) -> Any:
    """Time single calls of an action that is too slow, or too stateful, to be repeated freely."""
    return benchmark.pedantic(action, args=arguments, rounds=rounds)  # type: ignore[no-untyped-call]
