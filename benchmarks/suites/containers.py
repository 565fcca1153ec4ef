"""Sorted containers beside sortedcontainers, BTrees and pysorteddict: the same keys in each.

Floors and aims are ratios of time at a million keys. The cell ``memory`` times nothing: it counts
bytes a key after random insertions, each container in a
process of its own. There keys are made in the loop, so that objects count where a container keeps
them; all values are one object.
"""

import functools
import subprocess
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Bound, Subject, Suite, Timed, time_each
from benchmarks.suites.containers_cases import NUMBERS, TEXT, Case, Keys, cases, class_of

SIZES = {"full": (10**5, MILLION, 10 * MILLION), "small": (10**5,), "tiny": (1_000,)}
MEMORY = Cell("memory")
REQUIRED_AT = MILLION
ARRAYS_UNTIL = "2026-11-25"  # in records so old
GIVEN_ARRAYS = (
    "Here sortedcontainers was given the NumPy array in `constructor` and `update`: it compares "
    "NumPy scalars, which is slower, so its factors there are too high."
)

MOST_BYTES = {"SortedSet": 11.0, "SortedDict": 21.0}  # at most, of ours
BESIDE = {
    "SortedSet": ("sortedcontainers.SortedSet", "BTrees.LLTreeSet"),
    "SortedDict": ("sortedcontainers.SortedDict", "BTrees.LOBTree"),
}
HELD = {held: held for held in BESIDE} | {
    name: held for held, names in BESIDE.items() for name in names
}

drawn = functools.lru_cache(maxsize=1)(Keys.draw)


def measure_case(case: Case, keys: Keys, rounds: int) -> Timed:
    """Time one case in rounds, for every library that is installed."""
    held, missing = case.contenders(keys)
    both = {name: case.actions(one, name, keys) for name, one in held.items()}
    actions, undo = ({name: pair[i] for name, pair in both.items()} for i in (0, 1))
    per = len(getattr(keys, case.per))
    return time_each(actions, rounds, missing, shuffle=case.name, per=per, undo=undo)


def grown(name: str, count: str) -> float:
    """Insert n random integers one by one; return the growth of this process for each."""
    held, n = HELD[name], int(count)
    container: Any = class_of(name.rpartition(".")[0] or "ours", held)()
    keys = np.random.default_rng(n).permutation(2 * n)[:n] * 1_000_003
    before = memory.resident()
    for block in np.array_split(keys, n // 1000 + 1):
        for key in block.tolist():
            if held == "SortedDict":
                container[key] = None
            else:
                container.add(key)
    return (memory.resident() - before) / n


def count_bytes(n: int) -> Timed:
    """Count bytes a key of every container, ours and theirs, each in a new process."""
    found, missing = {}, {}
    for name in HELD:
        try:
            found[name] = round(memory.apart(grown, name, n), 1)
        except subprocess.CalledProcessError:
            missing[name] = f"not installed: pip install {name.partition('.')[0]}"
    return Timed({}, missing, {"bytes_a_key": found, "required_bytes": MOST_BYTES})


def caveat(date: str) -> str:
    """Say what is wrong with records of a date, or nothing."""
    return GIVEN_ARRAYS if date <= ARRAYS_UNTIL else ""


def _suite(name: str, about: str, *, is_text: bool = False) -> Suite:
    """Declare a suite over keys that are drawn for it."""
    place, most = ("random_strs", MILLION) if is_text else ("random_ints", 10 * MILLION)
    by_name = cases(TEXT if is_text else NUMBERS)

    def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
        keys = drawn(len(subject.keyset.keys), is_text)
        if cell == MEMORY:
            return count_bytes(keys.n)
        return measure_case(by_name[cell.verb], keys, subject.rounds(cell, plan))

    def bounds(cell: Cell, at: Place) -> Mapping[str, Bound]:
        return by_name[cell.verb].bounds if cell.verb in by_name and at.n == REQUIRED_AT else {}

    return Suite(
        name,
        about,
        "ns",
        lambda plan: plan.usual([place], [n for n in plan.pick(SIZES) if n <= most]),
        lambda plan: [*map(Cell, by_name), *([] if is_text else [MEMORY])],
        measure,
        load=lambda name, n, seed: KeySet(name, drawn(n or MILLION, is_text).array),
        bounds=bounds,
        caveat=lambda date: "" if is_text else caveat(date),
    )


CONTAINERS = _suite("containers", "sorted lists, sets and dicts beside those of others")
TEXT_CONTAINERS = _suite(
    "containers_text", "sorted containers of str beside those of others", is_text=True
)
