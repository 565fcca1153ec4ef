"""Instructions a lookup, which no busy machine blurs: two runs that differ in lookups alone.

valgrind's callgrind counts them. It knows no AVX-512, so the library takes its next row of kernels.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import memory
from benchmarks.contenders import make
from benchmarks.native import ROOT
from benchmarks.plan import OURS, Cell, Plan
from benchmarks.suite import Subject, Suite, Timed
from benchmarks.workloads import mixed

QUERIES = 20_000
FEW, MANY = 2, 42  # batches in the two runs; the first ones make tables that later ones find
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
# Those that answer a batch in one call: of the others, Python itself would be counted.
COUNTED = (*OURS[1:], "numpy", "pandas", "polars", "absl")


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Count what a lookup takes each contender, or say why it cannot be counted."""
    if shutil.which(VALGRIND[0]) is None:
        return Timed({}, dict.fromkeys(subject.contenders, "not counted: apt-get install valgrind"))
    keys, found, missing = subject.keyset.keys, dict[str, list[float]](), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "keys.npy", Path(folder) / "queries.npy"
        for file, array in zip(files, (keys, mixed(keys, cell.batch, plan.seed)), strict=True):
            np.save(file, array)
        for name in subject.contenders:
            contender = make(name)
            if why_not := contender.missing() or contender.refuses(keys):
                missing[name] = why_not
            else:
                few, many = (instructions(name, *files, times) for times in (FEW, MANY))
                found[name] = [round((many - few) / ((MANY - FEW) * cell.batch), 1)]
    return Timed(found, missing)


def instructions(name: str, keys: Path, queries: Path, times: int) -> int:
    """Count all instructions of a process that answers the same batch some times."""
    command = [*VALGRIND, *memory.child(answer, name, keys, queries, times)]
    # Both runs start alike, and no thread of NumPy's OpenBLAS is counted while it waits.
    env = os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    found = re.search(r"Collected\s*:\s*(\d+)", run.stderr)
    assert found is not None, run.stderr
    return int(found[1])


def answer(name: str, keys: str, queries: str, times: str) -> None:
    """Build a contender and answer the same batch some times, for someone else to count."""
    contender = make(name)
    contender.build(np.load(keys))
    prepared = contender.prepare(np.load(queries))
    for _ in range(int(times)):
        contender.batch(prepared)


INSTRUCTIONS = Suite(
    "instructions",
    "instructions a lookup, counted by callgrind",
    "instructions/query",
    lambda plan: plan.usual(["uniform", "osm"], [2_000 if plan.name == "tiny" else 100_000]),
    lambda plan: [Cell("count", "mixed", QUERIES)],
    measure,
    takes_contenders=True,
    contenders=COUNTED,
)
