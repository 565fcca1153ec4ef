"""Build the extensions around rivals that are here: ``python -m benchmarks.rivals [NAME...]``.

Needs a C++ compiler, CMake, the headers of Abseil (``apt-get install libabsl-dev``), and pybind11
and NumPy in the running Python. Exits with 1 and what is missing.
"""

import sys
from collections.abc import Sequence

from benchmarks import rivals


def main(names: Sequence[str] = ()) -> int:
    """Build those of these names, or all; say in a line each where it is or what is missing."""
    reason = rivals.missing_tool()
    wanted = [one for one in rivals.OWN if not names or one.name in names]
    for adapter in () if reason else wanted:
        why = rivals.not_built(adapter)
        if why is not None and "apt-get" in why:
            reason = why
            continue
        try:
            adapter.build()
            print(f"built {adapter.file}")
        except ValueError as error:
            reason = str(error)
    if reason:
        print(reason, file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
