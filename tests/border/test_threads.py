"""Threads: many readers of one index, and other threads that go on while the core works."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.contract.models import MODELS, build

RANDOM = np.random.default_rng(11)
KEYS = np.sort(RANDOM.integers(0, 2**62, 200_000))
V = RANDOM.choice(np.concatenate([KEYS, KEYS + 1]), 60_000)
LEFT = np.searchsorted(KEYS, V)


@pytest.mark.parametrize("model", MODELS)
def test_eight_readers_agree(model: str) -> None:
    index = build(KEYS, model)
    started = threading.Barrier(8)

    def read(number: int) -> bool:
        started.wait()
        answers = [index.searchsorted(V, threads=1 + number % 3) for _ in range(3)]
        scalars = [index.searchsorted(v) for v in V[:500]]
        mixed = index.searchsorted(V[:5000].astype(np.uint64))
        return (
            all((answer == LEFT).all() for answer in answers)
            and scalars == LEFT[:500].tolist()
            and (mixed == LEFT[:5000]).all()
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(8)))


WORDS = np.array([b"%016x" % key for key in KEYS[::4].tolist()])
ASKED = WORDS[RANDOM.integers(0, WORDS.size, 20_000)]


@pytest.mark.parametrize("model", ["auto", "rmi", "none"])
def test_four_readers_of_strings_agree(model: str) -> None:
    index = lx.LearnedIndex(WORDS, model)
    left, single = np.searchsorted(WORDS, ASKED), ASKED[:300].tolist()
    started = threading.Barrier(4)

    def read(number: int) -> bool:
        started.wait()
        answers = [index.searchsorted(ASKED, threads=1 + number % 3) for _ in range(3)]
        scalars = [index.searchsorted(v) for v in single]
        starts, stops = index.prefix(ASKED)
        return (
            all((answer == left).all() for answer in answers)
            and scalars == left[:300].tolist()
            and starts.tolist() == left.tolist()
            and stops.tolist() == (left + 1).tolist()
            and index.contains(ASKED).tolist() == [True] * len(ASKED)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(4)))


def test_eight_builders_agree() -> None:
    def build_and_read(number: int) -> bool:
        index = lx.LearnedIndex(KEYS, list(MODELS.values())[number % len(MODELS)](KEYS))
        return bool((index.searchsorted(V) == LEFT).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(build_and_read, range(24)))


def test_one_out_for_each_thread() -> None:
    index = lx.LearnedIndex(KEYS)
    outs = [np.empty_like(LEFT) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda out: index.searchsorted(V, out=out), outs))
    for out in outs:
        np.testing.assert_array_equal(out, LEFT)


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """Count in another thread as long as the block runs; gives a function that tells the count."""
    ticks, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            ticks[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    while ticks[0] < 10:
        time.sleep(0.001)
    try:
        yield lambda: ticks[0]
    finally:
        stop.set()
        thread.join()


def longest_pause(work: Callable[[], Any]) -> tuple[float, int]:
    """Return how long the work took, and how far another thread came in that time."""
    with counting() as ticks:
        before, start = ticks(), time.perf_counter()
        work()
        return time.perf_counter() - start, ticks() - before


MANY_KEYS = np.arange(0, 9_000_000, 3, dtype=np.uint64)
MANY = RANDOM.integers(0, 9_000_000, 6_000_000).astype(np.uint64)
BIG = lx.LearnedIndex(MANY_KEYS, "rmi")
BIG_WORDS = lx.LearnedIndex(MANY_KEYS.astype(">u8").view("V8"))
MANY_WORDS = MANY.astype(">u8").view("V8")
WORK: dict[str, Callable[[], Any]] = {
    "searchsorted": lambda: BIG.searchsorted(MANY),
    "contains": lambda: BIG.contains(MANY),
    "find": lambda: BIG.find(MANY),
    "find nearest": lambda: BIG.find(MANY, "nearest"),
    "rank": lambda: BIG.rank(MANY),
    "range": lambda: BIG.range(MANY, None),
    "count": lambda: BIG.count(MANY, MANY, "both"),
    "bounds": lambda: BIG.bounds(MANY),
    "strings": lambda: BIG_WORDS.searchsorted(MANY_WORDS),
    "build of strings": lambda: lx.LearnedIndex(BIG_WORDS.keys, "rmi"),
    "verify strings": lambda: BIG_WORDS.verify(),
    "build": lambda: lx.LearnedIndex(np.zeros(60_000_000, np.uint64), "rmi"),
    "fit": lambda: lx.RMI().fit(np.zeros(60_000_000, np.uint64)),
    "verify": lambda: lx.LearnedIndex(np.zeros(30_000_000, np.uint64)).verify(),
}


@pytest.mark.parametrize("verb", WORK)
def test_another_thread_progresses(verb: str) -> None:
    """Were the interpreter held by one batch, the other thread would stand still meanwhile."""
    seconds, progress = longest_pause(WORK[verb])
    held_seconds, held = longest_pause(hold_the_interpreter)
    assert progress / seconds > 10 * held / held_seconds
    assert progress / seconds > 2000, f"{progress} steps in {seconds:.3f} s"


def hold_the_interpreter() -> None:
    """Work in one C call that never lets go: the control."""
    sum(range(30_000_000))


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_batches_that_pieces_do_not_divide(threads: int) -> None:
    """Every query is answered once, whatever is left for the last piece."""
    index, model_free = lx.LearnedIndex(KEYS), lx.LearnedIndex(KEYS, "none")
    for size in (0, 1, 4_095, 8_191, 8_192, 16_383, 16_384, 16_385, 49_153, 59_999):
        out = np.full(V.size, -7)
        index.searchsorted(V[:size], out=out[:size], threads=threads)
        np.testing.assert_array_equal(out[:size], LEFT[:size])
        assert (out[size:] == -7).all()
        mixed = V[:size].astype(np.float64)
        for answer, alone in (
            (index.contains(mixed, threads=threads), model_free.contains(mixed)),
            (index.find(V[:size][::-1], threads=threads), model_free.find(V[:size][::-1])),
            (index.bounds(V[:size], threads=threads), index.bounds(V[:size])),
        ):
            np.testing.assert_array_equal(answer, alone)


def test_many_callers_share_the_workers() -> None:
    """Each caller's answers are its own, whoever of the others' threads helped."""
    indexes = [lx.LearnedIndex(KEYS[step::7].copy()) for step in range(6)]

    def read(number: int) -> bool:
        expected = np.searchsorted(KEYS[number::7], V)
        asked = [indexes[number].searchsorted(V, threads=2 + number) for _ in range(20)]
        return all((answer == expected).all() for answer in asked)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(6)))


@pytest.mark.parametrize("threads", [0, 2, 4, 64])
def test_threads_of_a_big_batch(threads: int) -> None:
    expected = np.searchsorted(MANY_KEYS, MANY[:2_000_000])
    np.testing.assert_array_equal(BIG.searchsorted(MANY[:2_000_000], threads=threads), expected)
    low, high = BIG.bounds(MANY[:2_000_000], threads=threads)
    assert (low <= expected).all() and (expected <= high).all()
