"""Ctrl-C: a long build or batch stops within a second, and the process goes on working."""

import random
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE
from typing import IO

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

MOMENTS = 20
LIMIT_SECONDS = 1.0

# Untouched zeros cost no memory: half a billion keys are one page, mapped again and again. The
# queries of the batches are one number, repeated by a stride of nought.
PRELUDE = """
import functools
import numpy as np, learnedidx as lx
small = np.arange(1000, dtype=np.uint64)
keys = np.sort(np.random.default_rng(1).integers(0, 2**63, 3_000_000)).astype(np.uint64)
index = lx.LearnedIndex(keys, "rmi")
zeros = np.zeros(700_000_000, np.uint64)
many = np.broadcast_to(keys[1234567], 250_000_000)
shuffled = np.tile(np.random.default_rng(2).permutation(keys), 12)
out = np.empty(len(shuffled), np.intp)

@functools.cache
def shorter():
    return lx.LearnedIndex(zeros[:-9], "none")

"""
LOOP = """
def rounds():
    while True:
        try:
            print("start", flush=True)
            {work}
            print("done", flush=True)
        except KeyboardInterrupt:
            assert lx.LearnedIndex(small).searchsorted(500) == 500
            assert index.searchsorted(keys[77]) == 77
            print("interrupted", flush=True)
rounds()
"""
WORKS = {
    "build rmi": "lx.LearnedIndex(zeros, 'rmi')",
    "build pgm": "lx.LearnedIndex(zeros, 'pgm')",
    "fit pgm": "lx.PGM().fit(zeros)",
    "build radix_spline": "lx.LearnedIndex(zeros, 'radix_spline')",
    "fit radix_spline": "lx.RadixSpline().fit(zeros)",
    "build btree": "lx.LearnedIndex(zeros, 'btree')",
    "extend": "shorter().extended(zeros)",
    "stages": "lx.LearnedIndex(keys, lx.RMI(n_leaves=(9_000_000, 9_000_000, 64)))",
    "fit": "lx.RMI(leaf='linear').fit(zeros)",
    "contains": "index.contains(many)",
    "searchsorted": "index.searchsorted(shuffled, out=out)",
    "two threads": "index.contains(many, threads=2)",
    "converted": "index.contains(np.broadcast_to(np.float32(7.5), 150_000_000))",
}


@contextmanager
def child(work: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the work over and over in a process of its own."""
    code = textwrap.dedent(PRELUDE) + LOOP.format(work=work)
    command = [sys.executable, "-P", "-c", code]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def measure_one_round(process: "subprocess.Popen[str]") -> float:
    """Return the seconds that the work takes when nobody interrupts it."""
    assert next_line(process.stdout) == "start", process.stderr and process.stderr.read()
    began = time.perf_counter()
    assert next_line(process.stdout) == "done"
    return time.perf_counter() - began


def interrupt(process: "subprocess.Popen[str]", after: float) -> float | None:
    """Interrupt one round after some seconds; return the time to stop, None if it was done."""
    assert next_line(process.stdout) == "start"
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    sent = time.perf_counter()
    answer = next_line(process.stdout)
    waited: float | None = time.perf_counter() - sent
    if answer == "done":
        while answer in ("start", "done"):
            answer = next_line(process.stdout)
        waited = None
    assert answer == "interrupted", process.stderr and process.stderr.read()
    return waited


@pytest.mark.parametrize("work", WORKS)
def test_interrupt(work: str) -> None:
    moments = MOMENTS if work in ("build rmi", "contains") else MOMENTS // 4
    with child(WORKS[work]) as process:
        whole = min(measure_one_round(process) for _ in range(2))  # the first maps its pages too
        chosen = random.Random(work)
        delays = [chosen.uniform(0.0, min(0.7, 0.4 * whole)) for _ in range(moments)]
        waits = [interrupt(process, delay) for delay in delays]
    stopped = [wait for wait in waits if wait is not None]
    assert len(stopped) >= 0.7 * moments, f"{work} took {whole:.2f} s, too short to interrupt"
    assert max(stopped) < LIMIT_SECONDS
    # The median: one wait is as long as a round when the processor was somebody else's meanwhile.
    assert statistics.median(stopped) < 0.5 * whole, "it must stop early, not run to its end"
