"""Build the extension around `absl::btree_set`: ``python -m benchmarks.absl_btree.build``.

Needs a C++ compiler, CMake, the headers of Abseil (``apt-get install libabsl-dev``), and
pybind11 and NumPy in the running Python. Exits with 1 and one line when something is missing.
"""

import shutil
import subprocess
import sys

from benchmarks.absl_btree import BUILD, HERE, built_file, why_missing
from benchmarks.contenders.contender import not_installed


def missing_tool() -> str | None:
    """Name the first thing that the build needs and does not find, else None."""
    reason = why_missing()
    if reason is not None and "apt-get" in reason:
        return reason
    if shutil.which("cmake") is None:
        return "not built: cmake not found: pip install cmake"
    return not_installed("pybind11", "pybind11")


def build() -> None:
    """Configure and compile for the running Python; raises CalledProcessError with the log."""
    import pybind11

    work = BUILD / f"cmake-{sys.version_info.major}.{sys.version_info.minor}"
    configure = [
        *("cmake", "-S", str(HERE), "-B", str(work)),
        f"-DPython_EXECUTABLE={sys.executable}",
        "-DPYBIND11_FINDPYTHON=ON",
        f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
        f"-DCMAKE_LIBRARY_OUTPUT_DIRECTORY={built_file().parent}",
    ]
    for command in (configure, ["cmake", "--build", str(work)]):
        subprocess.run(command, check=True, capture_output=True, text=True)


def main() -> int:
    """Build, and say in one line where the result is or what is missing."""
    reason = missing_tool()
    if reason is not None:
        print(reason, file=sys.stderr)
        return 1
    try:
        build()
    except subprocess.CalledProcessError as error:
        print(f"{error.stdout}\n{error.stderr}", file=sys.stderr)
        return 1
    print(f"built {built_file().relative_to(HERE.parent.parent)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
