"""Build the extension around `absl::btree_set`: ``python -m benchmarks.rivals``.

Needs a C++ compiler, CMake, the headers of Abseil (``apt-get install libabsl-dev``), and pybind11
and NumPy in the running Python. Exits with 1 and what is missing.
"""

import sys

from benchmarks import rivals


def main() -> int:
    """Build, and say in one line where the result is or what is missing."""
    reason = rivals.absl_missing()
    if reason is None or "apt-get" not in reason:
        reason = rivals.missing_tool()
    try:
        if reason is None:
            rivals.ABSL.build()
    except ValueError as error:
        reason = str(error)
    print(reason or f"built {rivals.ABSL.file}", file=sys.stderr if reason else sys.stdout)
    return 1 if reason else 0


if __name__ == "__main__":
    raise SystemExit(main())
