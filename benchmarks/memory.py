"""How much memory a contender takes: its own count, or its growth in a fresh process.

``python -m benchmarks.memory NAME MODULE:CLASS FILE.npy`` prints one line of JSON. A fresh
process is the only place where freed memory of earlier contenders cannot hide what this one takes.
"""

import contextlib
import ctypes
import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.contenders import CONTENDERS, Array, Contender, make
from benchmarks.contenders.named import python

_STATUS = Path("/proc/self/status")


class Growth(NamedTuple):
    """Bytes that the process grew by while a contender was built over keys already there."""

    kept: int
    peak: int


def measure(name: str, keys: Array) -> Growth | None:
    """Build a contender in a fresh process; None where /proc cannot say (not Linux)."""
    if not _STATUS.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.npy"
        np.save(path, keys)
        kind = type(make(name))
        brought = f"{kind.__module__}:{kind.__qualname__}"
        command = [sys.executable, "-m", "benchmarks.memory", name, brought, str(path)]
        root = Path(__file__).resolve().parent.parent
        run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    return Growth(*json.loads(run.stdout))


def measure_here(kind: type[Contender], keys: Array) -> Growth:
    """Measure in this process; right only when little was freed in it before."""
    kind().build(keys[: min(len(keys), 1000)])  # imports, pools and caches of first use
    _give_back()
    before = _resident("VmRSS")
    _forget_peak()
    contender = kind()
    contender.build(keys)
    peak = _resident("VmHWM")
    _give_back()
    kept = _resident("VmRSS")
    del contender
    return Growth(max(kept - before, 0), max(peak - before, 0))


def _resident(field: str) -> int:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {field} in {_STATUS}")


def _forget_peak() -> None:
    """Set the high-water mark of the resident memory back to what is resident now."""
    # A container may forbid it; then the peak is that of the whole process.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _give_back() -> None:
    """Return freed memory to the system, so that only what is kept stays resident."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def main() -> None:
    """Measure a contender by its name, or by its class if someone brought it."""
    name, brought, path = sys.argv[1:]
    kind = CONTENDERS.get(name) or python(brought)
    print(json.dumps(measure_here(kind, np.load(path))))


if __name__ == "__main__":
    main()
