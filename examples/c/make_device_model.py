"""Fit the model of examples/c/device.c and write it as a C array.

python examples/c/make_device_model.py > examples/c/device_model.h
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import learnedidx as lx

N = 10**6
PER_LINE = 16


def log_times() -> NDArray[np.uint32]:
    """Return the times of a million records, in seconds: more of them by day than by night."""
    i = np.arange(N, dtype=np.int64)
    day, record = i // 2500, i % 2500
    by_day = record < 2000
    within = np.where(by_day, record * 25, 50_000 + (record - 2000) * 72)
    jitter = (i * 2_654_435_761 & 0xFFFFFFFF) >> 28
    return (1_600_000_000 + day * 86_400 + within + jitter).astype(np.uint32)


def header(blob: bytes) -> str:
    """Return the bytes as C source."""
    lines = [
        ", ".join(f"{byte}" for byte in blob[at : at + PER_LINE]) + ","
        for at in range(0, len(blob), PER_LINE)
    ]
    return "\n".join(
        [
            "/* Made by make_device_model.py: a .lidx file without its keys. */",
            "static const union {",
            f"  unsigned char bytes[{len(blob)}];",
            "  uint64_t alignment;",
            "} device_model = {{",
            *lines,
            "}};\n",
        ]
    )


def main() -> None:
    index = lx.LearnedIndex(log_times(), lx.PGM(epsilon=2048))
    blob = index.save(bytes, keys=False)
    assert blob is not None
    print(header(blob), end="")


if __name__ == "__main__":
    main()
