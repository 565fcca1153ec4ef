"""Golden files: what version 1.0 wrote, to be read for ever. python -m tests.format.make_golden

Keys come from integers alone, so that every machine makes the same. Files that are there are never
written again: a change of the format gets new names beside them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
from learnedidx.models import DirectTable
from tests.contract.key_sets import Array

FOLDER = Path(__file__).resolve().parent / "golden"
MOST_BYTES = 60_000  # of all files together


def spread(n: int, factor: int, modulus: int) -> Array:
    """Return n integers of [0, modulus) in no order, the same everywhere."""
    at = np.arange(1, n + 1, dtype=np.uint64)
    return (at * at * np.uint64(7919) + at * np.uint64(factor)) % np.uint64(modulus)


def scattered(n: int) -> Array:
    """Return sorted integers that no line follows: powers of a primitive root modulo a prime."""
    power, found = 1, []
    for _ in range(n):
        power = power * 7 % (2**31 - 1)
        found.append(power)
    return np.array(sorted(found), np.int64)


def clusters() -> Array:
    """Return dense runs far apart, which an RMI cuts to pieces."""
    runs = [np.arange(60, dtype=np.uint64) * np.uint64(3) + np.uint64(b) for b in (7, 2**40, 2**63)]
    return np.concatenate(runs)


def with_nan(n: int, tail: int, dtype: str) -> Array:
    """Return floats of both signs, zeros of both signs among them, and NaN at the end."""
    keys = spread(n, 31, 10**6).astype(dtype) / np.dtype(dtype).type(64) - 5000
    return np.sort(
        np.concatenate([keys, np.array([-0.0, 0.0, np.inf] + [np.nan] * tail, dtype)]),
        kind="stable",
    )


def times(n: int, dtype: str, tail: int) -> Array:
    """Return instants or lengths with NaT at the end."""
    counts = spread(n, 5, 10**9).astype(np.int64)
    return np.sort(np.concatenate([counts.view(dtype), np.full(tail, "NaT", dtype)]))


def records(n: int) -> Array:
    """Return values with fields, some of which have fields or a shape, and with gaps."""
    inner = np.dtype([("name", "S3"), ("at", "<M8[s]")])
    values = np.zeros(
        n, np.dtype([("pair", "<f4", (2,)), ("inner", inner), ("on", "?")], align=True)
    )
    values["pair"] = np.arange(2 * n).reshape(n, 2) / 4
    values["inner"]["name"], values["inner"]["at"] = [f"{i:x}" for i in range(n)], np.arange(n)
    values["on"] = np.arange(n) % 3 == 0
    return values


@dataclass(frozen=True)
class Case:
    """One golden file: its keys, its model, what is in it."""

    keys: Array
    model: Any
    with_keys: bool = True
    values: Array | None = None

    def blob(self) -> bytes:
        """Return the file as the library writes it today."""
        saved = lx.LearnedIndex(self.keys, self.model).save(bytes, self.with_keys, self.values)
        assert saved is not None
        return saved


def cases() -> dict[str, Case]:
    """Return all golden files by name."""
    u8, i8 = (
        np.sort(spread(200, 977, 2**60)),
        np.sort(spread(300, 3, 10**9).astype(np.int64) - 10**8),
    )
    u2 = np.sort(spread(900, 17, 60_000).astype(np.uint16))
    i1 = np.sort((spread(200, 3, 256).astype(np.int64) - 128).astype(np.int8))
    lengths = times(100, "m8[25s]", 0)
    halves = (np.arange(200, dtype=np.float32) / 2).reshape(100, 2)
    return {
        "none-empty-f8": Case(np.empty(0, np.float64), "none"),
        "none-u1": Case(np.sort(spread(100, 3, 90).astype(np.uint8)), "none"),
        "rmi-u8": Case(u8, lx.RMI(n_leaves=16)),
        "rmi-f8-nan": Case(with_nan(150, 9, "f8"), lx.RMI(leaf="linear", n_leaves=12)),
        "rmi-deep-i4-keyless": Case(i8.astype(np.int32), lx.RMI("radix", "linear", (4, 16)), False),
        "rmi-pieces-u8-keyless": Case(clusters(), lx.RMI(n_leaves=20), False),
        "pgm-f4": Case(with_nan(300, 4, "f4"), lx.PGM(epsilon=3)),
        "pgm-splitters-i8-keyless": Case(scattered(300), lx.PGM(epsilon=1), False),
        "pgm-corrections-u2-keyless": Case(u2, lx.PGM(epsilon=90), False),
        "spline-u8": Case(u8, lx.RadixSpline(epsilon=2, radix_bits=4)),
        "spline-corrections-f8-keyless": Case(
            with_nan(900, 2, "f8"), lx.RadixSpline(epsilon=60, radix_bits=2), False
        ),
        "btree-8-times": Case(times(120, "M8[ns]", 5), lx.BTree(node=8)),
        "btree-16-f4-keyless": Case(with_nan(500, 3, "f4"), lx.BTree(node=16), False),
        "direct-i1": Case(i1, DirectTable()),
        "direct-bool-keyless": Case(np.arange(90) >= 40, DirectTable(), False),
        "values-fields": Case(u8[:50], "none", True, records(50)),
        "values-lengths": Case(lengths, lx.PGM(epsilon=4), True, halves),
    }


def queries_for(keys: Array) -> Array:
    """Return some keys and what lies beside them, in the keys' own dtype."""
    if keys.size == 0:
        return np.array([0, 1], keys.dtype)
    chosen = keys[:: max(keys.size // 12, 1)]
    if keys.dtype.kind == "b":
        return chosen
    bits = chosen.view(f"u{keys.dtype.itemsize}")
    return np.concatenate([chosen, (bits + 1).view(keys.dtype)])


def answers_of(index: lx.LearnedIndex, keys: Array) -> dict[str, list[Any]]:
    """Return the queries, as bits, and what is to be answered, as JSON has it."""
    queries = queries_for(keys)
    low, high = index.bounds(queries)
    return {
        "queries": [int(bits) for bits in queries.view(f"u{keys.dtype.itemsize}")],
        "left": np.searchsorted(keys, queries, "left").tolist(),
        "right": np.searchsorted(keys, queries, "right").tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def write_new(folder: Path, files: dict[str, Any], answers: Callable[[Path, Any], Any]) -> None:
    """Write the files that are not there yet, and their answers, made of each file and its case."""
    folder.mkdir(exist_ok=True)
    for name, case in files.items():
        path = folder / f"{name}.lidx"
        if path.exists():
            print(f"{path.name}: is there and stays as it is")
            continue
        path.write_bytes(case.blob())
        path.with_suffix(".json").write_text(json.dumps(answers(path, case)) + "\n")


if __name__ == "__main__":
    write_new(FOLDER, cases(), lambda path, case: answers_of(lx.open(path), case.keys))
