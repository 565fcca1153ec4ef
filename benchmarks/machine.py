"""The machine card: what has to be known to compare two runs. It names no host and no path.

``python -m benchmarks.machine`` prints it. Results of another card are never mixed with these.
"""

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numpy as np

from benchmarks import native, record
from benchmarks.contenders.library import library, library_missing

UNKNOWN = "unknown"
PACKAGES = ("pandas", "polars", "pygm", "BTrees", "sortedcontainers", "pysorteddict")
# What a card tells, but what makes no other card of it.
TOLD = ("commit", "date")

# All run on one thread, so what is timed is the processor's time where the system counts it finely:
# what other programs take meanwhile is not in it. On an idle machine it is the clock on the wall;
# on a busy one the wall says up to 30 times more of calls that take half a millisecond.
_FINE = time.get_clock_info("process_time").resolution <= 1e-6
CLOCK, CLOCK_NAME = (
    (time.process_time_ns, "processor time") if _FINE else (time.perf_counter_ns, "wall time")
)


def card() -> dict[str, str]:
    """Describe processor, caches, versions of all contenders, and what can be measured here."""
    rivals = [*map(_version, PACKAGES), "no absl" if native.missing(("absl_btree",)) else "absl"]
    return {
        "cpu": _cpu_model(),
        "caches": _caches(),
        "cores": str(os.cpu_count() or UNKNOWN),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        **_library(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "rivals": ", ".join(rivals),
        "clock": CLOCK_NAME,
    }


def identity(described: dict[str, str]) -> str:
    kept = {field: value for field, value in sorted(described.items()) if field not in TOLD}
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:8]


def one_line(described: dict[str, str]) -> str:
    parts = ("cpu", "caches", "python", "numpy", "kernels", "date")
    names = {"numpy": "NumPy ", "kernels": "kernels "}
    known = [part for part in parts if described.get(part, UNKNOWN) != UNKNOWN]
    return " · ".join(names.get(part, "") + described[part] for part in known)


def _cpu_model() -> str:
    """Name the processor, with family and model where the name alone says little."""
    found: dict[str, str] = {}
    for line in _read("/proc/cpuinfo").splitlines():
        field, _, value = line.partition(":")
        found.setdefault(field.strip(), value.strip())
    name = found.get("model name") or platform.processor() or UNKNOWN
    if "cpu family" in found and "model" in found:
        return f"{name} (family {found['cpu family']}, model {found['model']})"
    return name


def _caches() -> str:
    """List the data caches of the first core, as in ``L1d 48K, L2 1024K, L3 32768K``."""
    sizes = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if (kind := _read(folder / "type").strip()) != "Instruction":
            level = _read(folder / "level").strip() + ("d" if kind == "Data" else "")
            sizes.append(f"L{level} {_read(folder / 'size').strip()}")
    return ", ".join(sizes) or UNKNOWN


def _library() -> dict[str, str]:
    """Ask the library as it is installed; hash its Python files and its compiled core."""
    if library_missing():
        return dict.fromkeys(("learnedidx", "kernels", "compiler", "build"), UNKNOWN)
    place, core, found = Path(library().__file__), library()._core, hashlib.sha256()
    for path in [*sorted(place.parent.rglob("*.py")), Path(core.__file__)]:
        found.update(path.name.encode() + path.read_bytes())
    return {
        "learnedidx": str(library().__version__),
        "kernels": str(core.kernels.active()),  # the row that answers here
        "compiler": str(getattr(core, "compiler", UNKNOWN)),
        "build": found.hexdigest()[:8],
    }


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {package}"


def _commit() -> str:
    """Name the commit of the tree, and say whether something but records was changed since."""
    try:
        commit = git("describe", "--always")
        changed = git("diff", "HEAD", "--name-only", "--", ":/", f":(exclude){record.RESULTS}")
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return f"{commit}-dirty" if changed else commit


def git(*words: str) -> str:
    command, where = ["git", *words], Path(__file__).parent
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


if __name__ == "__main__":
    for field, value in card().items():
        print(f"{field:<11}{value}")
