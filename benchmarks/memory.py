"""How much memory a contender takes: its own count, or its growth in a fresh process.

``python -m benchmarks.memory MODULE:FUNCTION WORD...`` calls a function and prints what it gives as
JSON. A fresh process is the only place where freed memory of earlier contenders cannot hide what
this one takes.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import CONTENDERS, Array, make
from benchmarks.contenders.named import python
from benchmarks.native import ROOT
from benchmarks.tables import bytes_text

STATUS = Path("/proc/self/status")
# Bytes a key while it is built, Python objects included: measured growth at 10^6 keys, rounded up.
BYTES_A_KEY = {"bisect": 80, "sortedcontainers": 90, "btrees": 110, "pandas": 60, "pygm": 40}
# The same over text of 57 bytes a key, with the form that it is built from.
BYTES_A_KEY |= {"numpy_s": 240, "numpy_strings": 240, "polars_text": 250, "dict_text": 260}
BYTES_A_KEY |= {"pandas_text": 400, "bisect_text": 180, "flat_hash_text": 100}
BYTES_A_KEY |= {"text": 100, "text_large": 110}
OTHERS = 24
SHARE = 0.6  # of what is free now: queries and answers need some, and other programs too


def child(function: Callable[..., object], *words: object) -> list[str]:
    """Give the command that calls a function of a module with words, in the root of the tree."""
    name = f"{function.__module__}:{function.__name__}"
    return [sys.executable, "-m", "benchmarks.memory", name, *map(str, words)]


def apart(function: Callable[..., object], *words: object) -> Any:
    """Call a function in a fresh process, and give what it gave."""
    command = child(function, *words)
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(run.stdout)


def growth(name: str, keys: Array) -> int | None:
    """Give the growth of a process that builds a contender; None where /proc cannot say."""
    if not STATUS.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.npy"
        np.save(path, keys)
        kind = type(make(name))
        return int(apart(grown, name, f"{kind.__module__}:{kind.__qualname__}", path))


def grown(name: str, brought: str, path: str) -> int:
    """Build a contender by its name, or by its class if someone brought it, in this process."""
    kind, keys = CONTENDERS.get(name) or python(brought), np.load(path)
    kind().build(keys[: min(len(keys), 1000)])  # imports, pools and caches of first use
    _give_back()
    before = resident()
    contender = kind()
    contender.build(keys)
    _give_back()
    return max(resident() - before, 0)


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


def _give_back() -> None:
    """Return freed memory to the system, so that only what is kept stays resident."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


if __name__ == "__main__":
    place, _, function = sys.argv[1].partition(":")
    print(json.dumps(getattr(importlib.import_module(place), function)(*sys.argv[2:])))
