"""What a suite declares, and what its measuring gives."""

import dataclasses
import functools
import itertools
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmarks import keysets, memory, record
from benchmarks.checks import check
from benchmarks.contenders import Array, Contender, make
from benchmarks.keysets import KeySet
from benchmarks.machine import CLOCK
from benchmarks.plan import Cell, Place, Plan
from benchmarks.record import Record
from benchmarks.rounds import Action, time_rounds
from benchmarks.tables import Table


class Timed(NamedTuple):
    """Times of one cell by contender and round, in the unit of its suite, or why there are none."""

    times: dict[str, list[float]]
    missing: dict[str, str] = {}  # noqa: RUF012
    facts: Mapping[str, Any] = {}  # what needs no clock


@dataclasses.dataclass
class Entry:
    """A contender, built, or why it is not; and what building it took."""

    contender: Contender
    why_not: str | None = None
    build_seconds: float | None = None

    @property
    def name(self) -> str:
        return self.contender.name


class Subject:
    """The keys of a place, and the contenders over them, which are built when first asked for."""

    def __init__(
        self, keyset: KeySet, contenders: Sequence[str], say: Callable[[str], object] = str
    ) -> None:
        self.keyset = keyset
        self.contenders = contenders
        self._say = say

    def rounds(self, cell: Cell, plan: Plan) -> int:
        return plan.rounds_of(cell, len(self.keyset.keys))

    @functools.cached_property
    def entries(self) -> list[Entry]:
        """Build every contender that is there, takes these keys and fits into memory."""
        return [self._entry(name) for name in self.contenders]

    def _entry(self, name: str) -> Entry:
        self._say(f"building {name}")
        contender, keys = make(name), self.keyset.keys
        why_not = contender.missing() or memory.too_large(name, len(keys), memory.free())
        entry = Entry(contender, why_not or contender.refuses(keys))
        if entry.why_not is not None:
            return entry
        try:
            make(name).build(keys[:1000])  # imports are no part of building
            start = time.perf_counter()
            contender.build(keys)
            entry.build_seconds = time.perf_counter() - start
        except Exception as error:
            if contender.ours:
                raise
            entry.why_not = f"build raises {error!r}"
        return entry

    @property
    def present(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.why_not is None]

    @property
    def there(self) -> list[Contender]:
        return [entry.contender for entry in self.present]

    @property
    def reasons(self) -> dict[str, str]:
        """Say of each of the others why it is not there."""
        return {entry.name: entry.why_not for entry in self.entries if entry.why_not is not None}

    @property
    def counted(self) -> dict[str, int]:
        """Give the bytes of each contender that counts them itself."""
        found = {entry.name: entry.contender.nbytes() for entry in self.present}
        return {name: int(count) for name, count in found.items() if count is not None}

    @functools.cached_property
    def growth(self) -> dict[str, int]:
        """Measure the growth of a process for each contender that counts no bytes itself."""
        names = [entry.name for entry in self.present if entry.name not in self.counted]
        found = {name: memory.growth(name, self.keyset.keys) for name in names}
        return {name: growth for name, growth in found.items() if growth is not None}


class Act(NamedTuple):
    """An action and how many queries it answers."""

    action: Action
    queries: int


def checked(contender: Contender, keys: Array, queries: Array, **options: Any) -> Act:
    """Make the action that answers these queries, after its answers were found to be right."""
    prepared = contender.prepare(queries)
    # The bound method of ours takes arrays too.
    answer = functools.partial(contender.scalar, **options) if options else contender.batch
    check(contender, keys, queries, answer(prepared))
    return Act(functools.partial(answer, prepared), len(queries))


def next_of(answer: Callable[[Any], object], prepared: Sequence[Any]) -> Action:
    """Give an action that answers the next of some parts each time."""
    parts = itertools.cycle(prepared)
    return lambda: answer(next(parts))


def time_each(
    actions: Mapping[str, Act] | Mapping[str, Action],
    rounds: int,
    missing: dict[str, str] | None = None,
    clock: Callable[[], int] = CLOCK,
    shuffle: int | str | None = None,
    per: int = 1,
    undo: Mapping[str, Action] = MappingProxyType({}),
) -> Timed:
    """Time all actions in interleaved rounds, in an order of its own each where there is a seed.

    Gives nanoseconds a query; of actions that say nothing of queries, by what they are divided.
    What an action changed its `undo` puts back, off the clock.
    """
    acts = {name: one if isinstance(one, Act) else Act(one, per) for name, one in actions.items()}
    only = {name: act.action for name, act in acts.items()}
    order = None if shuffle is None else random.Random(shuffle)
    taken = time_rounds(only, rounds, clock=clock, undo=undo, shuffle=order)
    each = {name: [t / acts[name].queries for t in times] for name, times in taken.items()}
    return Timed(each, missing or {})


class Bound(NamedTuple):
    """How many times faster than a rival is required, and aimed at."""

    floor: float
    aim: float | None = None


@dataclasses.dataclass(frozen=True)
class Suite:
    """Cells over places, and how one of them is measured."""

    name: str
    about: str
    unit: str
    places: Callable[[Plan], Iterable[Place]]
    cells: Callable[[Plan], Sequence[Cell]]
    measure: Callable[[Subject, Cell, Plan], Timed]
    takes_contenders: bool = False
    takes_keys: bool = False  # of a reader
    goes_with: Callable[[Place, Cell], bool] = lambda place, cell: True
    contenders: Sequence[str] = ()  # who takes part unless others are asked for: else the plan's
    keep: Path = record.KEPT
    load: Callable[[str, int | None, int], KeySet] = keysets.from_name
    bounds: Callable[[Cell, Place], Mapping[str, Bound]] = lambda cell, place: {}
    baseline: str | None = None  # what ratios divide by: else the first that was timed
    caveat: Callable[[str], str] = lambda date: ""  # what a reader must know of records so old
    tables: Callable[[Sequence[Record]], list[Table]] | None = None  # of a card; else plain.py's
