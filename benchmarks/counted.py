"""Builds one contender and answers the same batch some times, for someone else to count.

``python -m benchmarks.counted NAME KEYS.npy QUERIES.npy TIMES``
"""

import sys

import numpy as np

from benchmarks.contenders import make


def main() -> None:
    """Do what the command line says, and print nothing."""
    name, keys, queries, times = sys.argv[1:]
    contender = make(name)
    contender.build(np.load(keys))
    prepared = contender.prepare(np.load(queries))
    for _ in range(int(times)):
        contender.batch(prepared)


if __name__ == "__main__":
    main()
