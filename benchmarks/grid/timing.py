"""One place: every structure built once, its answers checked, and each batch size timed."""

import collections
import functools
import importlib
import itertools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks.checks import WrongAnswerError
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.grid.cells import rounds_of
from benchmarks.keysets import KeySet
from benchmarks.rounds import time_rounds
from benchmarks.workloads import mixed

Answer = Callable[[Array], Any]

NUMPY = "numpy"
MODELS = ("rmi", "pgm", "radix_spline", "btree8", "btree16", "none", "direct")
PART = 4096  # queries between two looks at the clock, at least
CHECKED = 100_000
# Parts are taken in turn, so that no structure finds what its neighbour has just brought into the
# cache. Their number shares no factor with that of the structures: each meets every part.
FEW_PARTS, MANY_PARTS = 5, 61
MANY_FROM = 10**6  # keys; fewer lie in the cache whatever is asked


class Built(NamedTuple):
    """The structures over the keys of one place, by name, and what is known of them."""

    answers: dict[str, Answer]
    nbytes: dict[str, int]
    build_seconds: dict[str, float]
    auto: str  # the name of what auto chose
    seen: dict[str, float | None]  # what the rule can look at, or could
    why_not: dict[str, str]


def build(keys: Array) -> Built:
    """Build every structure that can be, and ask what auto chooses."""
    answers: dict[str, Answer] = {NUMPY: functools.partial(np.searchsorted, keys)}
    seconds: dict[str, float] = {}
    nbytes: dict[str, int] = {}
    why_not: dict[str, str] = {}
    for name in MODELS:
        start = time.perf_counter()
        try:
            index = library().LearnedIndex(keys, model_of(name))
        except ValueError as error:
            why_not[name] = str(error).partition(",")[0].removeprefix("keys: ")
            continue
        seconds[name] = time.perf_counter() - start
        answers[name], nbytes[name] = index.searchsorted, index.nbytes
    asked = choice(keys)
    return asked._replace(
        answers=answers,
        nbytes=nbytes,
        build_seconds=seconds | asked.build_seconds,
        why_not=why_not,
    )


def choice(keys: Array) -> Built:
    """Ask what auto chooses, and what is known of the keys; build nothing else."""
    lx = library()
    start = time.perf_counter()
    index = lx.LearnedIndex(keys)
    seconds = time.perf_counter() - start
    return Built(
        answers={},
        nbytes={},
        build_seconds={"auto": seconds},
        auto=name_of(index.model),
        seen=seen(keys),
        why_not={},
    )


def seen(keys: Array) -> dict[str, float | None]:
    """Measure what a rule could look at: what the RMI is like, and how often keys repeat."""
    index = library().LearnedIndex(keys, "rmi")
    known, model = index.stats(), index.model
    return {
        "hits": known.get("first_window_hits"),  # share of sampled keys that first windows prove
        "duplicates": known.get("duplicates"),
        "stages": len(model.stage_knots_),
        "pieces": len(model.root_pieces_),
    }


def name_of(model: Any) -> str:
    """Name a model that auto chose, as `MODELS` does."""
    if model is None:
        return "none"
    kinds = {"RMI": "rmi", "PGM": "pgm", "RadixSpline": "radix_spline", "DirectTable": "direct"}
    name = type(model).__name__
    return f"btree{model.node}" if name == "BTree" else kinds[name]


def model_of(name: str) -> Any:
    """Give what `LearnedIndex` takes for a model."""
    lx = library()
    if name in ("btree8", "btree16"):
        return lx.BTree(node=int(name.removeprefix("btree")))
    return importlib.import_module("learnedidx.models").DirectTable() if name == "direct" else name


def queries_for(keyset: KeySet, count: int, seed: int) -> Array:
    """Draw half hits and half misses, shuffled; without keys, any values."""
    if len(keyset.keys) > 0:
        return mixed(keyset.keys, count, seed)
    drawn = np.random.default_rng(seed).integers(0, 100, count)
    return drawn.astype(keyset.keys.dtype)


def check(built: Built, queries: Array) -> None:
    """Raise `WrongAnswerError` unless all answer as NumPy, in one batch and in small ones."""
    wanted = built.answers[NUMPY](queries)
    for name, answer in built.answers.items():
        small = np.concatenate([answer(part) for part in np.array_split(queries[:1000], 100)])
        if not np.array_equal(answer(queries), wanted) or not np.array_equal(small, wanted[:1000]):
            raise WrongAnswerError(f"{name}: answers differ from those of np.searchsorted")


def time_cell(built: Built, keyset: KeySet, batch: int, seed: int) -> dict[str, list[float]]:
    """Give the nanoseconds a query of every structure, by round."""
    calls = max(PART // batch, 1)
    many = len(keyset.keys) >= MANY_FROM and batch < PART
    parts = 1 if batch > 10**6 else MANY_PARTS if many else FEW_PARTS
    queries = queries_for(keyset, parts * calls * batch, seed)
    arrays = [list(part.reshape(calls, batch)) for part in queries.reshape(parts, -1)]
    turn = itertools.cycle(arrays)

    def action(answer: Answer) -> Callable[[], object]:
        if calls == 1:
            return lambda: answer(next(turn)[0])
        return lambda: collections.deque(map(answer, next(turn)), maxlen=0)

    actions = {name: action(answer) for name, answer in built.answers.items()}
    # The time of this thread: what other processes take of a shared processor does not count.
    taken = time_rounds(actions, rounds_of(batch), clock=time.thread_time_ns)
    return {name: [t / (calls * batch) for t in times] for name, times in taken.items()}
