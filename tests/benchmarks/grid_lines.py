"""Made records of the grid."""

from typing import Any


def times(**middle: float) -> dict[str, list[float]]:
    return {name: [value * part for part in (0.9, 1.0, 1.1)] for name, value in middle.items()}


def line(name: str, n: int, auto: str, seen: Any = None, **cell: float) -> dict[str, Any]:
    """One record, of batches of 1000."""
    return {
        "machine": {"cpu": "a", "numpy": "2", "commit": "c"},
        "keys": {"name": name, "n": n, "dtype": "uint64"},
        "auto": auto,
        "seen": seen or {"hits": 1.0, "duplicates": 0.0, "stages": 1, "pieces": 0},
        "build_seconds": {"auto": 0.1},
        "bytes": {"rmi": 7},
        "missing": {},
        "cells": {"1000": times(**cell)} if cell else {},
    }
