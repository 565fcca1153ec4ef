"""Seeds for the fuzzer, made by the library itself: python tests/fuzz/seeds.py FOLDER."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
from learnedidx.models import DirectTable

Array = np.ndarray[Any, np.dtype[Any]]
LONGEST = 14_000  # bytes: longer files only make the fuzzer slower
SIZES = (0, 1, 40, 300)
DTYPES = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8", "?", "M8[ns]", "m8[25s]")
MODELS: dict[str, Callable[[], Any]] = {
    "none": lambda: "none",
    "rmi": lambda: lx.RMI(n_leaves=9),
    "deep": lambda: lx.RMI(root="linear", leaf="linear", n_leaves=(3, 20)),
    "pgm": lambda: lx.PGM(epsilon=1),
    "pgm-far": lambda: lx.PGM(epsilon=90),
    "spline": lambda: lx.RadixSpline(epsilon=1, radix_bits=3),
    "spline-far": lambda: lx.RadixSpline(epsilon=90),
    "btree-8": lambda: lx.BTree(node=8),
    "btree-16": lambda: lx.BTree(node=16),
}


def some_keys(dtype: np.dtype[Any], n: int) -> Array:
    """Return sorted keys: half of them close together, half all over the format; NaN at the end."""
    random = np.random.default_rng(n)
    raw = random.bytes(n * dtype.itemsize)
    keys = np.frombuffer(raw, np.uint8).view(dtype if dtype.kind != "b" else np.uint8).copy()
    if dtype.kind == "b":
        return np.sort(keys % 2 == 1)
    near = np.arange(keys.size // 2)
    keys[: near.size] = (near % 100).astype(dtype)
    return np.sort(keys)


def saved(index: lx.LearnedIndex, keys: bool) -> bytes:
    """Return an index as a file."""
    blob = index.save(bytes, keys=keys)
    assert blob is not None
    return blob


def blobs() -> dict[str, bytes]:
    """Return small files of every model, dtype and size by their names."""
    made = {}
    for name in DTYPES:
        dtype = np.dtype(name)
        narrow = {"table": DirectTable} if dtype.itemsize <= 2 and dtype.kind in "bui" else {}
        for n in SIZES:
            keys = some_keys(dtype, n)
            for label, model in {**MODELS, **narrow}.items():
                index = lx.LearnedIndex(keys, model())
                title = f"{dtype.kind}{dtype.itemsize}-{n}-{label}"
                made[title] = saved(index, n % 3 > 0 or n == 300)
                if n == 300:
                    made[title + "-keyless"] = saved(index, False)
    return made


def some_strings() -> dict[str, Any]:
    """Return strings by their names: behind each other's prefixes, of one width, equal ones."""
    random = np.random.default_rng(1)
    words = sorted("ab/" * (i % 3) + str(i * 7919 % 90) for i in range(120))
    return {
        "text": words,
        "bytes": [word.encode() for word in words],
        "nested": ["a" * i for i in range(0, 32, 2)],
        "equal": ["a"] * 3 + ["b"] * 40,
        "none": np.array([], "U1"),
        "S": np.array(sorted(random.bytes(60).rstrip(b"\0")[:6] for _ in range(50)), "S6"),
        "V": np.array(sorted(random.bytes(16) for _ in range(70)), "V16"),
    }


def blobs_of_strings() -> dict[str, bytes]:
    """Return small files of strings, of every model, by their names."""
    made, models = {}, dict[str, Any](MODELS)
    for name, keys in some_strings().items():
        for label, model in models.items():
            index = lx.LearnedIndex(keys, model())
            made[f"{name}-{label}"] = saved(index, True)
            made[f"{name}-{label}-keyless"] = saved(index, False)
        made[f"{name}-small"] = saved(lx.LearnedIndex(keys, size="small"), True)
    return made


def blobs_of_filters() -> dict[str, bytes]:
    """Return small files of every filter, alone and beside keys, by their names."""
    makers: list[Any] = [
        *(lx.RangeFilter(9, how) for how in ("exact", "robust", "learned")),
        lx.PointFilter(0.1),
        *(lx.PointFilter(fpr, compact=True) for fpr in (0.01, 0.001)),
        *(lx.LearnedHash(64, fingerprint) for fingerprint in (0, 8, 16)),
    ]
    repeating = lx.LearnedHash(64, 8), lx.LearnedHash(128)
    made = {}
    for n in SIZES:
        keys = np.unique(some_keys(np.dtype("i8"), n))
        for i, maker in enumerate(makers):
            filter = maker.fit(keys)
            made[f"filter-{i}-{n}"] = filter.save(bytes)
            made[f"filter-{i}-{n}-keys"] = lx.LearnedIndex(keys).save(bytes, filter=filter)
        words = np.array([f"{key:x}" for key in keys.tolist()], np.dtypes.StringDType())
        taught = lx.LearnedFilter(fpr=0.1).fit(words, [*words[::-1], "ghi", "jkl"])
        made[f"learned-{n}"] = taught.save(bytes)
        made[f"hash-words-{n}"] = lx.LearnedHash(64, 8).fit(np.sort(words)).save(bytes)
        for i, maker in enumerate(repeating):
            filter = maker.fit(np.repeat(keys, np.arange(keys.size) % (5 - 3 * i) + 1))
            made[f"hash-{i}-{n}"] = filter.save(bytes)
    return made


def main(folder: str) -> None:
    """Write the seeds into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, blob in (blobs() | blobs_of_strings() | blobs_of_filters()).items():
        if len(blob) <= LONGEST:
            (Path(folder) / name).write_bytes(blob)


if __name__ == "__main__":
    main(sys.argv[1])
