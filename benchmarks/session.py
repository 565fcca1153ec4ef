"""One key set, several contenders: built, checked and timed in interleaved rounds."""

import collections
import contextlib
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import memory
from benchmarks.checks import WrongAnswerError, check, check_scalars
from benchmarks.contenders import Array, Contender, make
from benchmarks.keysets import KeySet
from benchmarks.rounds import Action, time_rounds

LOOP_SAMPLE = 100_000  # queries a round for rivals that need one Python call each: about 0.1 s
SCALARS_CHECKED = 1_000
SORTEDNESS_CHECK = "sorted?"
Say = Callable[[str], object]


@dataclasses.dataclass
class Entry:
    """A contender in a run: built, or with the reason why it is not there."""

    contender: Contender
    why_not: str | None = None
    build_seconds: float | None = None
    nbytes: int | None = None
    bytes_measured: bool = False  # growth of a process, not the contender's own count
    nanoseconds: list[float] = dataclasses.field(default_factory=list)  # per query, by round

    @property
    def name(self) -> str:
        """The contender's name."""
        return self.contender.name


def enter(contender: Contender, keyset: KeySet, *, measure_memory: bool = True) -> Entry:
    """Build a contender over the keys and note what that took."""
    entry = Entry(contender, contender.missing() or contender.refuses(keyset.keys))
    if entry.why_not is not None:
        return entry
    make(contender.name).build(keyset.keys[:1000])  # imports are no part of building
    start = time.perf_counter()
    contender.build(keyset.keys)
    entry.build_seconds = time.perf_counter() - start
    entry.nbytes = contender.nbytes()
    if entry.nbytes is None and measure_memory:
        growth = memory.measure(contender.name, keyset.keys)
        entry.nbytes = None if growth is None else growth.kept
        entry.bytes_measured = growth is not None
    return entry


def time_batches(
    entries: Sequence[Entry], keyset: KeySet, queries: Array, rounds: int, say: Say = str
) -> None:
    """Check every entry's batch answers, then time batches; fills in `nanoseconds`."""
    actions: dict[str, Action] = {}
    for entry in _present(entries):
        say(f"checking {entry.contender.label}")
        parts = _parts(queries, rounds) if entry.contender.loops else [queries]
        prepared = [entry.contender.prepare(part) for part in parts]
        with _left_out_if_wrong(entry):
            check(entry.contender, keyset.keys, parts[0], entry.contender.batch(prepared[0]))
        actions[entry.name] = _next_of(entry.contender.batch, prepared)
    taken = _time_right_ones(actions, entries, rounds, say)
    for entry in _present(entries):
        count = min(len(queries), LOOP_SAMPLE) if entry.contender.loops else len(queries)
        entry.nanoseconds = [elapsed / count for elapsed in taken[entry.name]]


def time_scalars(
    entries: Sequence[Entry], keyset: KeySet, queries: Array, rounds: int, say: Say = str
) -> None:
    """Check every entry's single answers, then time one call a query; other queries each round."""
    parts = np.array_split(queries, rounds + 1)
    actions: dict[str, Action] = {}
    for entry in _present(entries):
        say(f"checking {entry.contender.label}")
        with _left_out_if_wrong(entry):
            check_scalars(entry.contender, keyset.keys, queries[:SCALARS_CHECKED])
        prepared = [entry.contender.prepare_scalars(part) for part in parts]
        actions[entry.name] = _next_of(_caller(entry.contender.scalar), prepared)
    taken = _time_right_ones(actions, entries, rounds, say)
    for entry in _present(entries):
        counts = (len(part) for part in parts[1:])
        entry.nanoseconds = [t / n for t, n in zip(taken[entry.name], counts, strict=True)]


def time_builds(
    entries: Sequence[Entry], keyset: KeySet, rounds: int, say: Say = str
) -> dict[str, list[float]]:
    """Time building anew; gives nanoseconds a key, also of NumPy's check that keys are sorted."""
    keys = keyset.keys

    def builder(name: str) -> Action:
        def build() -> Contender:
            contender = make(name)
            contender.build(keys)
            return contender

        return build

    actions = {entry.name: builder(entry.name) for entry in _present(entries)}
    actions[SORTEDNESS_CHECK] = lambda: (keys[1:] >= keys[:-1]).all()
    say(f"timing {rounds} interleaved rounds")
    taken = time_rounds(actions, rounds)
    each = {name: [elapsed / len(keys) for elapsed in times] for name, times in taken.items()}
    for entry in _present(entries):
        entry.nanoseconds = each[entry.name]
    return each


def _present(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.why_not is None]


def _parts(queries: Array, rounds: int) -> list[Array]:
    """Cut a sample for each round, so that no round finds the last one's keys in the cache."""
    if len(queries) <= LOOP_SAMPLE:
        return [queries]
    starts = [i * LOOP_SAMPLE for i in range(rounds + 1)]
    return [queries[s : s + LOOP_SAMPLE] for s in starts if s + LOOP_SAMPLE <= len(queries)]


@contextlib.contextmanager
def _left_out_if_wrong(entry: Entry) -> Iterator[None]:
    """Turn a rival's wrong answer into the reason why it is not timed; ours ends the run."""
    try:
        yield
    except WrongAnswerError as error:
        if entry.contender.ours:
            raise
        entry.why_not = f"not timed: {error}"


def _time_right_ones(
    actions: Mapping[str, Action], entries: Iterable[Entry], rounds: int, say: Say
) -> dict[str, list[int]]:
    say(f"timing {rounds} interleaved rounds")
    return time_rounds({entry.name: actions[entry.name] for entry in _present(entries)}, rounds)


def _next_of(answer: Callable[[Any], object], prepared: Sequence[Any]) -> Action:
    """Make an action that answers the next part of the queries each time."""
    parts = itertools.cycle(prepared)
    return lambda: answer(next(parts))


def _caller(scalar: Callable[[Any], object]) -> Callable[[Any], object]:
    """Call once a query and drop the answers, with the least overhead that Python has for it."""
    return lambda queries: collections.deque(map(scalar, queries), maxlen=0)
