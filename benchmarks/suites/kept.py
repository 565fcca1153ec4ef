"""Indexes that are kept: extended by appended keys beside a build, and opened from files.

Of ``index.extended``, two calls that only compare and check the order stand beside the whole ones,
so that their difference is the training: ``extended`` less ``checked``, ``built`` less ``ordered``.
Of files: what opening takes, in time and memory, and lookups in the map beside those in memory.
"""

import functools
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.memory import child, resident
from benchmarks.native import ROOT
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.rounds import Action
from benchmarks.suite import Subject, Suite, Timed, time_each
from benchmarks.workloads import mixed

ADDED = 100  # one key in so many is new
SIZES = {"full": 10 * MILLION, "small": MILLION, "tiny": 40_000}
MODELS = ("rmi", "btree", "radix_spline", "pgm")
QUERIES = 2 * MILLION
PROCESSES = 8
SMAPS = Path("/proc/self/smaps_rollup")


def log_keys(name: str, n: int | None, seed: int) -> KeySet:
    """Draw seconds as a log has them: floats, with gaps that are exponentially long."""
    gaps = np.random.default_rng(seed).exponential(1.0, n or SIZES["full"])
    return KeySet(name, 1.7e9 + np.cumsum(gaps))


def extend(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time an extension, one whose old keys are vouched for, a build, and the checks alone."""
    lx, keys, model = library(), subject.keyset.keys, cell.workload
    first = keys[: len(keys) - len(keys) // ADDED].copy()  # other memory, so that keys are compared
    index, plain = lx.LearnedIndex(first, model), lx.LearnedIndex(first, "none")
    actions: dict[str, Action] = {
        "extended": lambda: index.extended(keys),
        "vouched": lambda: index.extended(keys, assume_unchanged=True),
        "checked": lambda: plain.extended(keys),
        "built": lambda: lx.LearnedIndex(keys, model),
        "ordered": lambda: lx.LearnedIndex(keys, "none"),
    }
    return time_each(actions, subject.rounds(cell, plan), per=MILLION)


def reader(path: str) -> int:
    """Open a file and read it; once all are there, give the proportional memory of this process."""
    index = library().open(path)
    index.searchsorted(index.keys[::64])
    print("read", flush=True)
    sys.stdin.readline()
    return resident("Pss", SMAPS)


def save(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    keys = subject.keyset.keys
    index = library().LearnedIndex(keys, cell.workload)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.lidx"
        index.save(path)
        if cell.verb == "open":
            return _opening(path, plan.rounds)
        return _looking_up(path, index, min(plan.queries, QUERIES), plan)


def _opening(path: Path, rounds: int) -> Timed:
    """Time opening; only the ends of the keys are read. Count what eight processes take each."""
    before = resident()
    opening = {"open": lambda: library().open(path)}
    timed = time_each(opening, 3 * rounds, clock=time.perf_counter_ns, per=1000)
    grown = resident() - before
    facts = {"bytes": {"file": path.stat().st_size, "grown": grown, "each": _shared(path)}}
    return timed._replace(facts=facts)


def _looking_up(path: Path, index: Any, queries: int, plan: Plan) -> Timed:
    """Time lookups in a map whose pages are warm, and in memory."""
    mapped = library().open(path)
    asked = mixed(index.keys, queries, plan.seed)
    out = np.empty(queries, np.intp)
    assert np.array_equal(mapped.searchsorted(asked), index.searchsorted(asked, out=out))
    actions = {
        name: functools.partial(one.searchsorted, asked, out=out)
        for name, one in {"memory": index, "mapped": mapped}.items()
    }
    timed = time_each(actions, plan.rounds, clock=time.perf_counter_ns, per=queries)
    return timed._replace(facts={"unit": "ns/query"})


def _shared(path: Path) -> int:
    """Give the proportional memory in bytes of one of the processes that have one file open."""
    command = child(reader, path)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    there = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(PROCESSES)]
    for one in there:
        assert one.stdout is not None and one.stdout.readline() == "read\n"
    found = [one.communicate("\n")[0] for one in there]
    return int(found[0])  # was asked while all were there


EXTENDED = Suite(
    "extended",
    "appended keys: index.extended beside a build",
    "ms",
    lambda plan: plan.usual(["log_seconds"], [plan.pick(SIZES)]),
    lambda plan: [Cell("extend", model) for model in MODELS],
    extend,
    load=log_keys,
)
FILES = Suite(
    "files",
    "saved indexes: opening them, and lookups in the map",
    "µs",
    lambda plan: plan.usual(["uniform"], [plan.pick(SIZES)]),
    lambda plan: [Cell(verb, model) for model in MODELS for verb in ("open", "mapped")],
    save,
)
