"""Compare the counted B+-tree with `absl::btree_map`: ``python -m benchmarks.absl_map``.

Builds and runs the program beside this file, one process for each key set. Prints each figure with
its floor; ``--write`` adds a line for each key set to ``results/sorted_tree.jsonl`` and writes
``results/sorted_tree.md``. Needs a compiler, CMake and Abseil (``apt-get install libabsl-dev``).
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.absl_map.keys import SETS
from benchmarks.absl_map.report import markdown, table
from benchmarks.machine import card

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
RESULTS = HERE.parent / "results"


def build() -> Path:
    """Compile the program, if anything changed, and give its place."""
    if shutil.which("cmake") is None:
        raise SystemExit("cmake not found: pip install cmake")
    for command in (["cmake", "-S", str(HERE), "-B", str(BUILD)], ["cmake", "--build", str(BUILD)]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{done.stdout}\n{done.stderr}\nneeds libabsl-dev and a C++ compiler")
    return BUILD / "absl_map"


def measure(program: Path, name: str, n: int, rounds: int) -> dict[str, Any]:
    """Run one key set; give its record."""
    loaded, inserted = SETS[name](n)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, "loaded"), Path(folder, "inserted")]
        for keys, file in zip((loaded, inserted), files, strict=True):
            keys.astype("<u8").tofile(file)
        command = [str(program), *map(str, files), str(rounds)]
        times = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    sizes = {"name": name, "loaded": len(loaded), "inserted": len(inserted)}
    return {"machine": card(), "keys": sizes, "rounds": rounds, "times": times}


def main() -> int:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.absl_map", description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1e6, 1e7], help="keys to load")
    parser.add_argument("--sets", nargs="+", choices=[*SETS], default=[*SETS])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="add the results to results/")
    options = parser.parse_args()
    program = build()
    records = []
    for size in options.sizes:
        for name in options.sets:
            print(f"{name} {size:,.0f} ...", file=sys.stderr, flush=True)
            records.append(measure(program, name, int(size), options.rounds))
            print(table(records[-1]), flush=True)
            if options.write:
                with (RESULTS / "sorted_tree.jsonl").open("a") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    if options.write:
        lines = (RESULTS / "sorted_tree.jsonl").read_text().splitlines()
        (RESULTS / "sorted_tree.md").write_text(markdown([json.loads(line) for line in lines]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
