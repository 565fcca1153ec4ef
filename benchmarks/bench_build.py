"""From sorted keys to a structure that answers."""

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.contenders import Contender, make
from benchmarks.frame import run_once_each
from benchmarks.keysets import KeySet


def test_build(benchmark: BenchmarkFixture, contender: Contender, keyset: KeySet) -> None:
    """Time building anew; what was built is freed after the clock has stopped."""
    made = make(contender.name)
    made.build(keyset.keys[:1000])  # imports are no part of building
    benchmark.group = f"build · {keyset.label}"
    run_once_each(benchmark, made.build, keyset.keys, rounds=5)


def test_sortedness_check(benchmark: BenchmarkFixture, keyset: KeySet) -> None:
    """Time NumPy's check that the keys are sorted: the yardstick for building."""
    keys = keyset.keys
    benchmark.group = f"build · {keyset.label}"
    assert benchmark(lambda: bool((keys[1:] >= keys[:-1]).all()))
