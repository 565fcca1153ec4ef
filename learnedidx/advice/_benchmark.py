"""Candidates for a search, built and timed in turns: every round asks each of them once."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learnedidx._formats.keys import Array
from learnedidx.advice._samples import Sample
from learnedidx.hardness import Hardness
from learnedidx.index import LearnedIndex
from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline
from learnedidx.models.choose import window_hits
from learnedidx.models.direct import is_narrow

ROUNDS = 15
USUAL, CHEAP = 9, 0.3  # rounds after which no more follow once so many seconds have passed
CALLS = 2048  # of one batch that are timed as one, at most,
CALL_NS = 10**6  # and for about as long
HARD = 1.0  # segments for 1000 keys from which a PGM takes the smaller epsilon
HARD_EPSILON = 12
SMALL_EPSILON = 2048  # of a PGM beside, where the memory is limited
FEWEST_LEAVES, LEAF_BYTES = 16, 4
SPLINE_SHARE = 0.5  # of the time of a PGM's fit that a RadixSpline's takes, at most
SINGLE = 8192  # lookups one by one in a round
DICT_KEYS = 2**16
INT_BYTES = 32  # of a Python int or float beside its slot, and of the position it leads to
MIN_MERGED = 0.1  # of the keys: batches from which on sorting them is tried
MAX_MERGED = 2**19  # queries that are sorted to measure it
MERGE_ROUNDS = 3
# Of this thread alone, so that what else the machine does is left out, where that clock is fine.
FINE = time.get_clock_info("thread_time").resolution <= 1e-6
CLOCK = time.thread_time_ns if FINE else time.perf_counter_ns

NUMPY = "np.searchsorted"
CASTS, CONVERTS = "casts the queries to the keys' dtype first", "converts all keys at each call"
MERGE = "sort and merge"
DICT, FIND = "dict, one by one", "index.find, one by one"
FETCH = "one fetch a key"


@dataclass
class TimedCandidate:
    """What is timed: `action(round)` answers `queries` queries; small batches several times."""

    name: str
    action: Callable[[int], object]
    queries: int
    nbytes: int
    build_seconds: float
    misses: float | None = None
    note: str = ""
    rounds: int = ROUNDS
    model: Any = None
    calls: int = 1
    nanoseconds: list[float] = field(default_factory=list)

    @property
    def time(self) -> float:
        """The median time of a query, in nanoseconds."""
        return statistics.median(self.nanoseconds)


def run(candidates: list[TimedCandidate], deadline: float) -> None:
    """Time all of them in turns, at least twice, until the deadline; warm up once before.

    Turns follow each other in another order every round: what came after lookups one by
    one in all of them took 4.0 ns where it takes 3.0. Small sets, whose times vary more, get all
    the rounds.
    """
    began = time.perf_counter()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(-1, ROUNDS):
            now = time.perf_counter()
            if number > 1 and now > (deadline if number < USUAL else min(deadline, began + CHEAP)):
                break
            for turn in np.random.default_rng(number + 1).permutation(len(candidates)).tolist():
                _take_turn(candidates[turn], number)
    finally:
        if was_enabled:
            gc.enable()


def _take_turn(candidate: TimedCandidate, number: int) -> None:
    """Time one round of a candidate; the one before the first says how many calls make one."""
    if number >= candidate.rounds or (number < 0 and candidate.rounds < ROUNDS):
        return
    clock = time.perf_counter_ns if number < 0 else CLOCK
    began = clock()
    for _ in range(candidate.calls):
        candidate.action(number)
    taken = clock() - began
    if number < 0:
        candidate.calls = max(1, min(CALLS // candidate.queries, CALL_NS // max(taken, 1)))
    else:
        candidate.nanoseconds.append(taken / (candidate.calls * candidate.queries))


def of_batches(
    search: Callable[[Array], object], batches: list[Array], shift: int
) -> tuple[Callable[[int], object], int]:
    """Return an action that answers one batch a round, other candidates another one, and its size.

    What the one before has read is still in the caches: it must not help the next.
    """
    return lambda number: search(batches[(number + shift) % len(batches)]), len(batches[0])


def models(
    sample: Sample, hardness: Hardness, memory: int | None, rate: float, deadline: float
) -> tuple[list[Any], list[tuple[str, str]]]:
    """Return the models to try, and those that would take too long, with the reason."""
    found: list[Any] = [BTree(), BTree(node=8), RMI()]
    dtype = sample.keys.array.dtype
    if is_narrow(dtype):
        found.insert(0, DirectTable())
    found += _smaller(sample, memory)
    late = []
    left = deadline - time.perf_counter()
    pgm = PGM(HARD_EPSILON) if hardness.segments[32] > HARD else PGM()
    slow: list[tuple[Any, float]] = [(RadixSpline(), SPLINE_SHARE), (pgm, 1.0)]
    if memory is not None:
        slow.append((PGM(SMALL_EPSILON), 1.0))
    for model, share in slow:
        seconds = rate * share * sample.keys.numbers
        left -= seconds
        if left > 0:
            found.append(model)
        else:
            late.append((repr(model), f"not built: takes about {seconds:.1f} s"))
    return found, late


def _smaller(sample: Sample, memory: int | None) -> list[Any]:
    """Return an RMI that keeps to the memory, if the default one does not and one can."""
    if memory is None:
        return []
    default = leaves = RMI()._for_index(sample.keys).n_leaves_
    while leaves >= FEWEST_LEAVES:
        model = RMI(n_leaves=leaves)
        if model._for_index(sample.keys).nbytes_ * sample.scale <= memory:
            return [] if leaves == default else [model]
        leaves = min(leaves // 2, int(memory / sample.scale) // LEAF_BYTES)
    return []


def indexed(sample: Sample, model: Any, batches: list[Array], shift: int) -> TimedCandidate:
    """Build an index and return what times it."""
    began = time.perf_counter()
    index = LearnedIndex(sample.keys.array, "none" if model is None else model)
    taken = time.perf_counter() - began
    action, asked = of_batches(index.searchsorted, batches, shift)
    misses = None
    if index._state.model is not None:
        misses = 1 - window_hits(index._state.model, sample.keys)
    nbytes = round(index.nbytes * sample.scale)
    name = "no model" if model is None else repr(model)
    return TimedCandidate(
        name, action, asked, nbytes, taken * sample.scale, misses, model=index._state.model or index
    )


def by_numpy(sample: Sample, batches: list[Array], shift: int) -> TimedCandidate | None:
    """Return what times NumPy; queries are cast to the keys' dtype where that changes none."""
    keys = sample.keys.array
    note = "" if batches[0].dtype == keys.dtype else CONVERTS

    def search(batch: Array) -> Array:
        return np.searchsorted(keys, batch)

    def search_cast(batch: Array) -> Array:
        return np.searchsorted(keys, batch.astype(keys.dtype))

    if note and all(_as_keys(batch, keys.dtype).dtype == keys.dtype for batch in batches):
        note, search = CASTS, search_cast
    try:
        search(batches[0][:1])
    except (TypeError, ValueError, OverflowError):
        return None
    action, asked = of_batches(search, batches, shift)
    return TimedCandidate(NUMPY, action, asked, 0, 0.0, note=note)


def _as_keys(batch: Array, dtype: np.dtype[Any]) -> Array:
    """Return a batch in the keys' dtype if no query changes."""
    if batch.dtype in (dtype, object):
        return batch
    with np.errstate(all="ignore"):
        own = batch.astype(dtype)
        return own if bool(np.all(own == batch)) else batch


def by_merging(sample: Sample, batch: Array) -> TimedCandidate | None:
    """Return what sorts the queries, merges them with the keys and puts the answers back."""
    keys = sample.keys.array
    if batch.dtype == object or batch.size < MIN_MERGED * sample.total or not sample.whole:
        return None
    asked, note = batch.size, f"{16 * batch.size:,} bytes while it runs"
    if asked > MAX_MERGED:  # as dense a batch over a part of the keys
        part = keys.size * MAX_MERGED // asked
        start = (sample.keys.numbers - part) // 2 if part < sample.keys.numbers else 0
        keys = keys[start : start + part]
        inside = np.asarray(LearnedIndex(keys, "none").searchsorted(batch))
        batch = batch[(inside > 0) & (inside < keys.size)]
        note += "; measured on a part"
    if batch.size < 2 or bool(np.all(batch[1:] >= batch[:-1])):
        return None  # in order already: every index merges
    index = LearnedIndex(keys, "none")

    def action(number: int) -> Array:
        order = np.argsort(batch)
        answers = np.empty(batch.size, np.intp)
        answers[order] = index.searchsorted(batch[order])
        return answers

    return TimedCandidate(MERGE, action, batch.size, 0, 0.0, note=note, rounds=MERGE_ROUNDS)


def for_equality(
    sample: Sample, duplicates: float, random: np.random.Generator
) -> list[TimedCandidate]:
    """Return what times a hash: Python's own key by key, and what any costs in a batch at least.

    A table that is probed for a batch reads memory at random once a key, if not more often; a
    fetch of that many keys is a floor that no table goes below.
    """
    numbers = sample.numbers
    fetched = [random.integers(0, numbers.size, 2**15) for _ in range(ROUNDS)]
    floor = TimedCandidate(
        FETCH,
        lambda number: np.take(numbers, fetched[number]),
        2**15,
        0,
        0.0,
        note="the floor of a hash in a batch; equality alone",
    )
    one_by_one = sample.keys.family.has_exact_items
    return [floor, *(_one_by_one(sample, duplicates, random) if one_by_one else ())]


def _one_by_one(
    sample: Sample, duplicates: float, random: np.random.Generator
) -> tuple[TimedCandidate, TimedCandidate]:
    """Return what times a dict of keys to positions, of some of the keys, and the same of ours."""
    numbers = sample.numbers
    index = LearnedIndex(sample.keys.array)
    chosen = numbers[np.linspace(0, numbers.size - 1, min(numbers.size, DICT_KEYS)).astype(np.intp)]
    began = time.perf_counter()
    table = dict(zip(chosen.tolist(), range(chosen.size), strict=True))
    taken = (time.perf_counter() - began) * sample.total / chosen.size
    each = sys.getsizeof(table) / max(len(table), 1) + 2 * INT_BYTES
    asked = [random.choice(chosen, SINGLE).tolist() for _ in range(ROUNDS + 1)]
    get, find = table.get, index.find
    few = "" if chosen.size == numbers.size else f"; timed with {chosen.size:,} of the keys"

    def by_dict(number: int) -> object:
        return [get(key) for key in asked[number]]

    def by_index(number: int) -> object:
        return [find(key) for key in asked[number - 1]]

    size = round(each * max(1.0, (1 - duplicates) * sample.total))  # it holds no key twice
    note = "equality alone"
    return (
        TimedCandidate(DICT, by_dict, SINGLE, size, taken, note=note + few),
        TimedCandidate(FIND, by_index, SINGLE, index.nbytes, 0.0, note=note),
    )
