"""Lookups in a file that is not in memory, with filters before it and without: pages and time.

python examples/python/cold.py --keys 10000000

Keys and values lie in a mapped file, whose pages are dropped from the cache before each row; the
filters are in memory. ``mincore`` says which pages are there afterwards. Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import mmap
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import learnedidx as lx

SPAN = 2**60  # keys are drawn below it
LENGTH = 1000  # values of a range that is asked for
ABSENT = 0.9  # of the queries
LIBC = ctypes.CDLL(None, use_errno=True)
Array = NDArray[Any]


def resident(path: Path) -> int:
    """Count the pages of a file that are in memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        view = np.frombuffer(pages, np.uint8)
        told = np.zeros(-(-view.size // mmap.PAGESIZE), np.uint8)
        address, size = ctypes.c_void_p(view.ctypes.data), ctypes.c_size_t(view.size)
        if LIBC.mincore(address, size, ctypes.c_void_p(told.ctypes.data)):
            raise OSError(ctypes.get_errno(), "mincore")
        del view
    return int((told & 1).sum())


def drop(path: Path) -> None:
    """Drop the pages of a file from the cache."""
    gc.collect()  # pages that somebody maps are kept
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def at_random(path: Path) -> memoryview:
    """Map a file of which single pages will be read, so that the system reads none around them."""
    with path.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    pages.madvise(mmap.MADV_RANDOM)
    return memoryview(pages)


def cold(name: str, path: Path, ask: Callable[[Any], Array]) -> Array:
    """Answer from a file that is not in memory, and print what was read."""
    drop(path)
    before, began = resident(path), time.perf_counter()
    answers = ask(lx.open(at_random(path)))
    seconds = time.perf_counter() - began
    pages = resident(path) - before
    print(f"  {name:<24}{pages:>9,} pages {1000 * seconds:>10.1f} ms")
    return answers


def after(maybe: Array, ask: Callable[[Array], Array]) -> Array:
    """Answer by False what a filter denies, and ask for the rest alone."""
    maybe[maybe] = ask(maybe)
    return maybe


def compare(question: str, path: Path, ways: dict[str, Callable[[Any], Array]]) -> None:
    """Ask one question in several ways, which must agree."""
    print(question)
    first, *others = [cold(name, path, ask) for name, ask in ways.items()]
    assert all(np.array_equal(first, other) for other in others)


def run(path: Path, n: int, count: int) -> None:
    """Write the file, fit filters and compare."""
    random = np.random.default_rng(1)
    keys = np.unique(random.integers(0, SPAN, n))
    lx.LearnedIndex(keys).save(path, values=np.arange(keys.size) * 0.5)
    ranges, points = lx.RangeFilter(20).fit(keys), lx.PointFilter(0.01).fit(keys)
    positions = lx.LearnedHash().fit(keys)
    members = random.choice(keys, count)
    asked = np.where(random.random(count) < ABSENT, random.integers(0, SPAN, count), members)
    del keys
    total = -(-path.stat().st_size // mmap.PAGESIZE)
    print(f"{n:,} keys and values, {total:,} pages; {count:,} queries; filters in memory:")
    for one in (ranges, points, positions):
        print(f"  {type(one).__name__:<24}{one.nbytes_ / 1e6:>9.1f} MB")

    question = f"is it a key? ({ABSENT:.0%} are none)"
    compare(question, path, {
        "index": lambda index: index.contains(asked),
        "PointFilter, index": lambda index: after(
            points.may_contain(asked), lambda which: index.contains(asked[which])
        ),
        "RangeFilter, index": lambda index: after(
            ranges.may_contain(asked), lambda which: index.contains(asked[which])
        ),
    })  # fmt: skip
    compare(f"is a key among the {LENGTH:,} values from it on?", path, {
        "index": lambda index: index.count(asked, asked + LENGTH) > 0,
        "RangeFilter, index": lambda index: after(
            ranges.may_contain_range(asked, asked + LENGTH),
            lambda which: index.count(asked[which], asked[which] + LENGTH) > 0,
        ),
    })  # fmt: skip
    compare("what is the value of this key?", path, {
        "index": lambda index: index.values[index.find(members)],
        "LearnedHash": lambda index: index.values[positions.position(members)],
    })  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=10**7)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--folder", help="where the file is written: on a disk, not in memory")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        run(Path(folder) / "cold.lidx", chosen.keys, chosen.queries)


if __name__ == "__main__":
    main()
