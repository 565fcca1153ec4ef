"""What the bench_*.py suites share around pytest-benchmark."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.checks import WrongAnswerError
from benchmarks.contenders import Contender


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


@contextlib.contextmanager
def skipped_if_wrong(contender: Contender) -> Iterator[None]:
    """Skip a rival whose answers are wrong, since its time means nothing; ours fails."""
    try:
        yield
    except WrongAnswerError as error:
        if contender.ours:
            raise
        pytest.skip(str(error))
