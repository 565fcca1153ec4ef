"""Ctrl-C: a long build or batch stops within a second, and the process goes on working."""

import random
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE
from typing import IO

import pytest

from tests.border.index_verbs import public_verbs, uncovered

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

MOMENTS = 20
LIMIT_SECONDS = 1.0
CHILD_SECONDS = 300.0  # a verb that never stops must not hold up the other tests

# Untouched zeros cost no memory: half a billion keys are one page, mapped again and again. The
# queries of the batches are one number, repeated by a stride of nought.
PRELUDE = """
import functools, warnings
import numpy as np, learnedidx as lx
small = np.arange(1000, dtype=np.uint64)
keys = np.sort(np.random.default_rng(1).integers(0, 2**63, 3_000_000)).astype(np.uint64)
index = lx.LearnedIndex(keys, "rmi")
zeros = np.zeros(700_000_000, np.uint64)
many = np.broadcast_to(keys[1234567], 40_000_000)

@functools.cache
def shuffled():
    return np.tile(np.random.default_rng(2).permutation(keys), 12)

@functools.cache
def out(number=0):
    return np.empty(len(shuffled()), np.intp)

@functools.cache
def fitted(model):
    return model().fit(keys)

@functools.cache
def ranges():
    return lx.RangeFilter().fit(keys)

@functools.cache
def points():
    return lx.PointFilter().fit(keys)

@functools.cache
def hashed():
    return lx.LearnedHash(fingerprint=8).fit(keys)

@functools.cache
def shorter():
    return lx.LearnedIndex(zeros[:-9], "none")

@functools.cache
def words():
    return np.sort(keys).astype(">u8").view("S8")

@functools.cache
def texts():
    return lx.LearnedIndex(words())

@functools.cache
def learned():
    return lx.LearnedFilter().fit(words(), words()[:999])

@functools.cache
def asked():
    return np.tile(np.random.default_rng(2).permutation(words()), 4)

def tuned():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lx.tune(keys)
    except UserWarning as stopped:  # it returns the best so far, and warns
        raise KeyboardInterrupt from stopped

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
FEW = {
    "LearnedIndex rmi": "lx.LearnedIndex(zeros, 'rmi')",
    "LearnedIndex.extended": "shorter().extended(zeros)",
    "LearnedIndex.contains": "index.contains(many)",
    "LearnedIndex.contains strings": "texts().contains(asked())",
    "LearnedIndex of strings": "lx.LearnedIndex(words())",
    "LearnedIndex.searchsorted": "index.searchsorted(shuffled(), out=out())",
    "LearnedIndex.bounds": "index.bounds(shuffled(), out=(out(0), out(1)))",
}
WORKS = {
    **FEW,
    "LearnedIndex pgm": "lx.LearnedIndex(zeros, 'pgm')",
    "LearnedIndex radix_spline": "lx.LearnedIndex(zeros, 'radix_spline')",
    "LearnedIndex btree": "lx.LearnedIndex(zeros, 'btree')",
    "LearnedIndex stages": "lx.LearnedIndex(keys, lx.RMI(n_leaves=(9_000_000, 9_000_000, 64)))",
    "LearnedIndex.contains two threads": "index.contains(many, threads=2)",
    "LearnedIndex.contains converted": (
        "index.contains(np.broadcast_to(np.float32(7.5), 40_000_000))"
    ),
    "LearnedIndex.rank": "index.rank(shuffled(), out=out())",
    "LearnedIndex.find": "index.find(shuffled(), out=out())",
    "LearnedIndex.find pad": "index.find(shuffled(), 'pad', out=out())",
    "LearnedIndex.find nearest": "index.find(shuffled(), 'nearest', out=out())",
    "LearnedIndex.range": "index.range(shuffled(), shuffled(), out=(out(0), out(1)))",
    "LearnedIndex.count": "index.count(shuffled(), shuffled(), 'both', out=out())",
    "LearnedIndex.verify": "shorter().verify()",
    "LearnedIndex.save": "shorter().save(open('/dev/null', 'wb'))",
    "LearnedIndex.searchsorted strings": "texts().searchsorted(asked())",
    "LearnedIndex.find strings": "texts().find(asked())",
    "LearnedIndex.count strings": "texts().count(asked(), asked(), 'both')",
    "LearnedIndex.bounds strings": "texts().bounds(asked())",
    "LearnedIndex.prefix": "texts().prefix(asked())",
    "LearnedIndex.verify strings": "texts().verify()",
    "LearnedIndex.extended strings": "texts().extended(words())",
    "RMI.fit": "lx.RMI(leaf='linear').fit(zeros[:90_000_000])",
    "PGM.fit": "lx.PGM().fit(zeros)",
    "RadixSpline.fit": "lx.RadixSpline().fit(zeros)",
    "BTree.fit": "lx.BTree().fit(zeros)",
    **{
        f"{model}.predict": f"fitted(lx.{model}).predict(shuffled())"
        for model in ("RMI", "PGM", "RadixSpline")
    },
    "RangeFilter.fit": "lx.RangeFilter().fit(zeros[:50_000_000])",
    "RangeFilter.may_contain": "ranges().may_contain(many)",
    "RangeFilter.may_contain_range": "ranges().may_contain_range(many, many)",
    "PointFilter.fit": "lx.PointFilter().fit(zeros[:90_000_000])",
    "PointFilter.may_contain": "points().may_contain(many)",
    "LearnedFilter.fit": "lx.LearnedFilter().fit(words(), words())",
    "LearnedFilter.may_contain": "learned().may_contain(asked())",
    "LearnedFilter.expected_fpr": "learned().expected_fpr(asked())",
    "LearnedHash.fit": "lx.LearnedHash().fit(keys)",
    "LearnedHash.position": "hashed().position(shuffled(), out=out())",
    "LearnedHash.may_find": "hashed().may_find(shuffled(), out=out())",
    "LearnedHash.bounds": "hashed().bounds(shuffled(), out=(out(0), out(1)))",
    "tune": "tuned()",
    "advise": "lx.advise(keys)",
}
# They look at a sample or the head of a file, or are others above and NumPy.
SHORT = {
    "LearnedIndex.stats",
    "open",
    *("RangeFilter.save", "PointFilter.save", "LearnedFilter.save", "LearnedHash.save"),
    *("PointFilter.to_parquet", "PointFilter.from_parquet"),
    *(f"{model}.score" for model in ("RMI", "PGM", "RadixSpline", "BTree")),
    "BTree.predict",
}


@contextmanager
def child(work: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the work over and over in a process of its own."""
    code = textwrap.dedent(PRELUDE) + LOOP.format(work=work)
    command = [sys.executable, "-P", "-c", code]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as process:
        guard = threading.Timer(CHILD_SECONDS, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
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


def promptly(process: "subprocess.Popen[str]", after: float) -> float | None:
    """Interrupt a round, and twice more at the same moment if it was late; return the least wait.

    A stretch of work that never asks for Ctrl-C is late each time, a processor that somebody else
    had is not.
    """
    waited = interrupt(process, after)
    if waited is not None and waited >= LIMIT_SECONDS:
        again = [interrupt(process, after) for _ in range(2)]
        waited = min(wait for wait in (waited, *again) if wait is not None)
    return waited


def test_every_public_verb_is_here() -> None:
    assert uncovered([*WORKS, *SHORT]) == set()
    assert public_verbs() >= SHORT


@pytest.mark.parametrize(
    "work", [work if work in FEW else pytest.param(work, marks=pytest.mark.whole) for work in WORKS]
)
def test_interrupt(work: str) -> None:
    moments = MOMENTS if work in ("LearnedIndex rmi", "LearnedIndex.contains") else MOMENTS // 4
    with child(WORKS[work]) as process:
        whole = min(measure_one_round(process) for _ in range(2))  # the first maps its pages too
        chosen = random.Random(work)
        delays = [chosen.uniform(0.0, min(0.7, 0.4 * whole)) for _ in range(moments)]
        waits = [promptly(process, delay) for delay in delays]
    stopped = [wait for wait in waits if wait is not None]
    assert len(stopped) >= 0.7 * moments, f"{work} took {whole:.2f} s, too short to interrupt"
    assert max(stopped) < LIMIT_SECONDS
    # The median: one wait is as long as a round when the processor was somebody else's meanwhile.
    assert statistics.median(stopped) < 0.5 * whole, "it must stop early, not run to its end"
