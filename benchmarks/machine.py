"""The machine card: what has to be known to compare two runs. It names no host and no path."""

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.contenders.library import library, library_missing

UNKNOWN = "unknown"


def card() -> dict[str, str]:
    """Describe processor, caches, versions and the date."""
    return {
        "cpu": _cpu_model(),
        "caches": _caches(),
        "cores": str(os.cpu_count() or UNKNOWN),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "learnedidx": _library(),
        "kernels": _kernel_row(),
        "compiler": _compiler(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def one_line(described: dict[str, str]) -> str:
    """Put the card on one line, for a caption."""
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


def _library() -> str:
    return UNKNOWN if library_missing() else str(library().__version__)


def _kernel_row() -> str:
    """Ask which row of kernels answers here."""
    return UNKNOWN if library_missing() else str(library()._core.kernels.active())


def _compiler() -> str:
    """Ask what the core was compiled with."""
    return UNKNOWN if library_missing() else str(getattr(library()._core, "compiler", UNKNOWN))


def _commit() -> str:
    """Give the short commit of the source tree, if git and a tree are there."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return run.stdout.strip()


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


if __name__ == "__main__":
    for field, value in card().items():
        print(f"{field:<11}{value}", file=sys.stdout)
