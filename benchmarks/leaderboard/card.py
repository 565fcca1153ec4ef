"""Which machine and which versions: results of another card are never mixed with these."""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.contenders.library import library, library_missing
from benchmarks.leaderboard import energy
from benchmarks.leaderboard.measured import CLOCK_NAME
from benchmarks.rivals import ABSL

PACKAGES = ("pandas", "polars", "pygm", "BTrees", "sortedcontainers")
# What a card tells, but what makes no other card of it.
TOLD = ("commit", "date", "energy", "counters")


def card() -> dict[str, str]:
    """Describe the machine, the versions of all contenders, and what else it can measure."""
    found = machine.card()
    found["rivals"] = ", ".join([*_versions(), "absl" if ABSL.file.exists() else "no absl"])
    found["build"] = _build()
    found["clock"] = CLOCK_NAME
    found["energy"] = energy.missing() or "RAPL"
    found["counters"] = counters_missing() or "perf stat"
    return found


def identity(described: dict[str, str]) -> str:
    """Shorten what makes a card into eight digits."""
    kept = {field: value for field, value in sorted(described.items()) if field not in TOLD}
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:8]


def _versions() -> list[str]:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {package}")
    return found


def _build() -> str:
    """Hash the library as it is installed: its Python files and its compiled core."""
    if library_missing():
        return machine.UNKNOWN
    place: Any = library().__file__
    found = hashlib.sha256()
    core = [Path(str(library()._core.__file__))]
    for path in [*sorted(Path(place).parent.rglob("*.py")), *core]:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:8]


def counters_missing() -> str | None:
    """Say why hardware counters cannot be read here, or None if they can."""
    perf = shutil.which("perf")
    if perf is None:
        return "no perf: apt-get install linux-perf"
    command = [perf, "stat", "-x,", "-e", "instructions:u", "true"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0 or "<not" in run.stderr:
        return "perf counts no instructions on this machine"
    return None
