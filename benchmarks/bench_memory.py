"""Bytes beside the keys: the contender's own count, and the growth of a fresh process."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import memory
from benchmarks.contenders import Contender, make
from benchmarks.frame import run_once_each
from benchmarks.keysets import KeySet
from benchmarks.tables import Table, bytes_text


def test_memory(
    benchmark: BenchmarkFixture, contender: Contender, keyset: KeySet, memory_table: Table
) -> None:
    """Measure once; the time shown is that of a fresh process and says nothing."""
    made = make(contender.name)
    made.build(keyset.keys)
    own = made.nbytes()
    benchmark.group = f"memory · {keyset.label}"
    growth = run_once_each(benchmark, memory.measure, made.name, keyset.keys, rounds=1)
    if growth is None:
        pytest.skip("the growth of a process is read from /proc, which this system does not have")
    benchmark.extra_info.update(own=own, kept=growth.kept, peak=growth.peak)
    shown = "-" if own is None else bytes_text(own)
    memory_table.add(made.label, shown, bytes_text(growth.kept), bytes_text(growth.peak))
