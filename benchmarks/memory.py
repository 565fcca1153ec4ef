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
from benchmarks.tables import bytes_text

STATUS = Path("/proc/self/status")
# Bytes a key while it is built, Python objects included: measured growth at 10^6 keys, rounded up.
BYTES_A_KEY = {"bisect": 80, "sortedcontainers": 90, "btrees": 110, "pandas": 60, "pygm": 40}
# The same over text of 57 bytes a key, with the form that it is built from.
BYTES_A_KEY |= {"numpy_s": 240, "numpy_strings": 240, "polars_text": 250, "dict_text": 260}
BYTES_A_KEY |= {"pandas_text": 400, "bisect_text": 180, "text": 100, "flat_hash_text": 100}
OTHERS = 24
SHARE = 0.6  # of what is free now: queries and answers need some, and other programs too


class Growth(NamedTuple):
    """Bytes that the process grew by while a contender was built over keys already there."""

    kept: int
    peak: int


def measure(name: str, keys: Array) -> Growth | None:
    """Build a contender in a fresh process; None where /proc cannot say (not Linux)."""
    if not STATUS.exists():
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
    before = resident("VmRSS")
    _forget_peak()
    contender = kind()
    contender.build(keys)
    peak = resident("VmHWM")
    _give_back()
    kept = resident("VmRSS")
    del contender
    return Growth(max(kept - before, 0), max(peak - before, 0))


def resident(field: str = "VmRSS", file: Path = STATUS) -> int:
    """Read a number of bytes that Linux shows of this process, or of the whole system."""
    for line in file.read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {field} in {file}")


def free() -> int | None:
    """Say how much memory can be taken without swapping; None where /proc cannot say."""
    with contextlib.suppress(OSError):
        return resident("MemAvailable", Path("/proc/meminfo"))
    return None


def too_large(name: str, n: int, available: int | None) -> str | None:
    """Say that a contender over n keys does not fit, guessed before it is built, else None."""
    need = BYTES_A_KEY.get(name, OTHERS) * n
    if available is None or need <= available * SHARE:
        return None
    return f"too large for memory: takes about {bytes_text(need)}, {bytes_text(available)} are free"


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
