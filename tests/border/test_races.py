"""Several threads at once in what they share: answers are right, and the thread sanitizer watches.

`scripts/test_sanitized thread` runs this file on an extension that reports every data race.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from tests.contract.models import build

RANDOM = np.random.default_rng(21)
KEYS = np.sort(RANDOM.integers(0, 2**62, 100_000))
V = RANDOM.choice(np.concatenate([KEYS, KEYS + 1]), 30_000)
LEFT, RIGHT = np.searchsorted(KEYS, V), np.searchsorted(KEYS, V, "right")
THREADS = 4
MODELS = (
    "rmi",
    "rmi linear linear",
    "rmi three stages",
    "pgm",
    "pgm fitted",
    "radix_spline",
    "btree",
    "none",
    "rmi opened",
    "pgm opened",
    "btree 8 opened",
)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Run work(0), work(1), ... in as many threads, begun together; return what they returned."""
    together, answers = threading.Barrier(THREADS), [None] * THREADS
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            together.wait()
            answers[number] = work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return answers


def is_bounded(bounds: Any) -> bool:
    low, high = bounds
    return bool(((low <= LEFT) & (high >= LEFT)).all())


def verifies(index: lx.LearnedIndex) -> bool:
    index.verify()
    return True


FOUND = np.where(LEFT < RIGHT, LEFT, -1)
# Errors, checks of a file and figures of a model are worked out when they are first asked for.
FIRST: dict[str, Callable[[lx.LearnedIndex], bool]] = {
    "bounds": lambda i: is_bounded(i.bounds(V)),
    "bounds by threads": lambda i: is_bounded(i.bounds(V, threads=3)),
    "searchsorted": lambda i: np.array_equal(i.searchsorted(V, threads=3), LEFT),
    "find": lambda i: np.array_equal(i.find(V, threads=2), FOUND),
    "find pad": lambda i: np.array_equal(i.find(V, "pad"), RIGHT - 1),
    "count": lambda i: np.array_equal(i.count(V, V, "both"), RIGHT - LEFT),
    "contains": lambda i: np.array_equal(i.contains(V.astype(np.uint64)), LEFT < RIGHT),
    "scalars": lambda i: [i.searchsorted(v) for v in V[:200]] == LEFT[:200].tolist(),
    "explain": lambda i: i.explain(V[0]).answer == LEFT[0],
    "stats": lambda i: i.stats()["n"] == KEYS.size,
    "verify": verifies,
    "save": lambda i: lx.open(i.save(bytes)).searchsorted(V[7]) == LEFT[7],
    "extended": lambda i: i.extended(np.append(KEYS, KEYS[-1])).searchsorted(V[7]) == LEFT[7],
}


@pytest.mark.parametrize("verb", FIRST)
@pytest.mark.parametrize("model", MODELS)
def test_the_first_call_is_made_by_several_threads(model: str, verb: str) -> None:
    index = build(KEYS, model)
    assert at_once(lambda _: FIRST[verb](index)) == [True] * THREADS


@pytest.mark.parametrize("model", ["rmi", "pgm", "radix_spline", "btree"])
def test_different_verbs_at_once(model: str) -> None:
    index, verbs = build(KEYS, model), list(FIRST.values())

    def use(number: int) -> bool:
        return all(verbs[(turn + 3 * number) % len(verbs)](index) for turn in range(len(verbs)))

    assert at_once(use) == [True] * THREADS


@pytest.fixture
def undecided() -> Iterator[None]:
    before = _core.kernels.hint()
    _core.kernels.use_hint(None)
    yield
    _core.kernels.use_hint(before)


def test_several_threads_decide_the_prefetch_hint(undecided: None) -> None:
    keys = np.arange(0, 7 * 2**22, 7, dtype=np.uint64)
    queries = np.random.default_rng(3).integers(0, 7 * 2**22 - 7, 2**19, dtype=np.uint64)
    expected = ((queries + np.uint64(6)) // np.uint64(7)).astype(np.intp)
    index = lx.LearnedIndex(keys, "rmi")
    answers = at_once(lambda n: index.searchsorted(queries, threads=1 + n % 2))
    assert all(np.array_equal(answer, expected) for answer in answers)


def live(kind: Any, number: int) -> bool:
    """Fill a container, change it, read it and free it: several chunks of memory."""
    mine = np.sort(np.random.default_rng(number).permutation(600_000)[:250_000])
    for _ in range(3):
        container = kind(dict.fromkeys(mine.tolist(), 1) if kind is lx.SortedDict else mine)
        if kind is not lx.SortedDict:
            container.update(mine[:100_000] + 700_000)
            assert container.contains(mine).all()
            assert np.array_equal(container.to_numpy()[: mine.size], mine)
        assert container.bisect_left(int(mine[77])) == 77
        del container[9]
        del container
    return True


@pytest.mark.parametrize("kind", [lx.SortedList, lx.SortedSet])
def test_each_thread_has_a_container_of_its_own(kind: Any) -> None:
    assert at_once(lambda number: live(kind, number)) == [True] * THREADS


@pytest.mark.parametrize("kind", [lx.SortedList, lx.SortedSet])
def test_several_threads_read_one_container(kind: Any) -> None:
    mine = np.arange(0, 120_000, 3)
    container, asked = kind(mine), np.arange(120_000)

    def read(number: int) -> bool:
        return all(
            np.array_equal(container.contains(asked), asked % 3 == 0)
            and np.array_equal(container.bisect_left(asked), (asked + 2) // 3)
            and np.array_equal(container.to_numpy(), mine)
            and container[number] == 3 * number
            for _ in range(3)
        )

    assert at_once(read) == [True] * THREADS


@pytest.mark.parametrize("kind", [lx.SortedList, lx.SortedSet])
def test_one_thread_changes_what_others_read(kind: Any) -> None:
    """What comes in the way of a batch is refused, and is right if it is not refused."""
    container, asked = kind(range(0, 120_000, 3)), np.arange(120_000)

    def use(number: int) -> int:
        refused = 0
        for turn in range(20):
            try:
                if number == 0:
                    container.update(np.arange(120_000 + 10_000 * turn, 130_000 + 10_000 * turn))
                else:
                    assert np.array_equal(container.contains(asked), asked % 3 == 0)
                    assert container[5] == 15
            except RuntimeError as error:
                assert "another thread" in str(error)
                refused += 1
        return refused

    at_once(use)
    container._check()
    assert len(container) % 10_000 == 0
