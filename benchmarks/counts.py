"""Instructions a lookup, which no busy machine blurs: two runs that differ in lookups alone.

`perf stat` counts them where the processor lets it, with branch and cache misses. Elsewhere
valgrind's callgrind does; it knows no AVX-512, so the library takes its next row of kernels there.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks import memory
from benchmarks.contenders import make
from benchmarks.keysets import KeySet
from benchmarks.machine import counters_missing
from benchmarks.plan import OURS
from benchmarks.workloads import mixed

QUERIES = 20_000
FEW, MANY = 2, 42  # batches in the two runs; the first ones make tables that later ones find
EVENTS = ("instructions:u", "branch-misses:u", "cache-misses:u")

# Those that answer a batch in one call: of the others, Python itself would be counted.
COUNTED = (*OURS[1:], "numpy", "pandas", "polars", "absl")
SETS = ("uniform", "osm")
SIZE = 100_000

Counts = dict[str, float]


def meter() -> str | None:
    """Name what counts here: "perf", "callgrind", or None."""
    if counters_missing() is None:
        return "perf"
    return "callgrind" if shutil.which("valgrind") else None


def count(name: str, keyset: KeySet, how: str) -> Counts | str:
    """Count what a lookup takes, or say why it cannot be counted."""
    contender = make(name)
    why_not = contender.missing() or contender.refuses(keyset.keys)
    if why_not is not None:
        return why_not
    with tempfile.TemporaryDirectory() as folder:
        keys, queries = Path(folder) / "keys.npy", Path(folder) / "queries.npy"
        np.save(keys, keyset.keys)
        np.save(queries, mixed(keyset.keys, QUERIES, 1))
        try:
            few, many = (_run(how, [name, str(keys), str(queries), str(n)]) for n in (FEW, MANY))
        except subprocess.CalledProcessError as error:
            return f"{how} failed: exit code {error.returncode}"
    return per_lookup(few, many)


def per_lookup(few: Mapping[str, int], many: Mapping[str, int]) -> Counts:
    """Divide what the second run took more by the lookups that it made more."""
    lookups = (MANY - FEW) * QUERIES
    return {event: (many[event] - few[event]) / lookups for event in few if event in many}


def _run(how: str, arguments: list[str]) -> dict[str, int]:
    child = memory.child(answer, *arguments)
    if how == "perf":
        command = ["perf", "stat", "-x,", "-e", ",".join(EVENTS), *child]
    else:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *child]
    env = os.environ | {"PYTHONHASHSEED": "0"}  # both runs start alike
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=memory.ROOT, env=env
    )
    return read_perf(run.stderr) if how == "perf" else read_callgrind(run.stderr)


def read_perf(text: str) -> dict[str, int]:
    found = {}
    for line in text.splitlines():
        parts = line.split(",")
        if len(parts) > 2 and parts[0].isdigit():
            found[parts[2].removesuffix(":u")] = int(parts[0])
    return found


def read_callgrind(text: str) -> dict[str, int]:
    """Read the instructions that callgrind says it collected."""
    found = re.search(r"Collected\s*:\s*(\d+)", text)
    return {"instructions": int(found[1])} if found else {}


def answer(name: str, keys: str, queries: str, times: str) -> None:
    """Build a contender and answer the same batch some times, for someone else to count."""
    contender = make(name)
    contender.build(np.load(keys))
    prepared = contender.prepare(np.load(queries))
    for _ in range(int(times)):
        contender.batch(prepared)
