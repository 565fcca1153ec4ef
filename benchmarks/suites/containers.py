"""Sorted containers beside sortedcontainers and BTrees: the same random ints in each.

Floors and aims are ratios of time at a million keys. The cell ``memory`` times nothing: it counts
bytes a key after random insertions.
"""

import functools
import random
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.keysets import KeySet
from benchmarks.machine import CLOCK
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.rounds import time_rounds
from benchmarks.suite import Bound, Subject, Suite, Timed
from benchmarks.suites.containers_cases import CASES, Case, Keys, contenders
from benchmarks.suites.containers_memory import count_bytes

SIZES = {
    "full": (MILLION // 10, MILLION, 10 * MILLION),
    "small": (MILLION // 10,),
    "tiny": (1_000,),
}
BY_NAME = {case.name: case for case in CASES}
MEMORY = Cell("memory")
REQUIRED_AT = MILLION
ARRAYS_UNTIL = "2026-11-25"  # in records so old
GIVEN_ARRAYS = (
    "Here sortedcontainers was given the NumPy array in `constructor` and `update`: it compares "
    "NumPy scalars, which is slower, so its factors there are too high."
)

drawn = functools.lru_cache(maxsize=1)(Keys.draw)


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time a case for every library that is installed."""
    keys = drawn(len(subject.keyset.keys))
    if cell == MEMORY:
        return count_bytes(keys.n)
    return measure_case(BY_NAME[cell.verb], keys, subject.rounds(cell, plan))


def measure_case(case: Case, keys: Keys, rounds: int) -> Timed:
    """Time one case in rounds."""
    held, missing = contenders(case, keys)
    operations: dict[str, int] = {}

    def act(name: str) -> None:
        operations[name] = case.run(held[name], name, keys)

    def undo(name: str) -> None:
        case.restore(held[name], name, keys)

    taken = time_rounds(
        {name: functools.partial(act, name) for name in held},
        rounds,
        clock=CLOCK,
        undo={name: functools.partial(undo, name) for name in held},
        shuffle=random.Random(case.name),
    )
    return Timed({name: [t / operations[name] for t in taken[name]] for name in taken}, missing)


def _load(name: str, n: int | None, seed: int) -> KeySet:
    return KeySet(name, drawn(n or MILLION).array)


def _places(plan: Plan) -> Iterable[Place]:
    return [Place("random_ints", n) for n in SIZES[plan.name]]


def _cells(plan: Plan) -> Sequence[Cell]:
    return [*map(Cell, BY_NAME), MEMORY]


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    case = BY_NAME.get(cell.verb)
    return case.bounds if case is not None and place.n == REQUIRED_AT else {}


def caveat(date: str) -> str:
    """Say what is wrong with records of a date, or nothing."""
    return GIVEN_ARRAYS if date <= ARRAYS_UNTIL else ""


def _seconds(cell: Cell, n: int, plan: Plan) -> float:
    return 1.0 + n * 1e-5


CONTAINERS = Suite(
    "containers",
    "sorted lists, sets and dicts beside those of others",
    "ns",
    _places,
    _cells,
    measure,
    load=_load,
    seconds=_seconds,
    bounds=_bounds,
    caveat=caveat,
)
