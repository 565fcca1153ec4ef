"""tune: the fastest model within a memory budget, or none, chosen by counting, not by the clock."""

from __future__ import annotations

import sys
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learnedidx._formats.keys import Array, Keys, as_keys, in_order
from learnedidx.advice import bytes_text
from learnedidx.advice._costs import Facts, facts
from learnedidx.advice._samples import Sample, batch_of, checked_memory, checked_seed, draw
from learnedidx.advice._strings import tune_strings
from learnedidx.index import LearnedIndex
from learnedidx.models import PGM, RMI, BTree, DirectTable, RadixSpline
from learnedidx.models.direct import is_narrow

QUERIES = 2**14
PART = 2**16  # keys that follow each other
PARTS = 8  # parts that slow models are tried on first
LEAF_KEYS = (8, 16, 24, 32, 48, 64, 96, 128, 256, 512, 2048, 8192)
LEAF_BYTES, FILLS = 4, 5
SPLINES = (16, 32, 64, 128, 256, 1024)
PGMS = (8, 12, 16, 32, 64, 128, 256, 1024, 2048, 2**13, 2**15, 2**20)
SLACK = 2.0  # a model that is larger than this on a part is not fitted to all keys
FITTED = 3  # slow models that keep to the memory are fitted to all keys, at most
COST_LIMIT = 1.3  # nor one that costs more than this times the best so far
Estimator = Any


@dataclass
class Search:
    """A search under way: the best so far, at first no model, which takes no bytes."""

    keys: Keys
    queries: Array
    truth: Array
    memory: int | None
    tried: list[tuple[Estimator, Facts]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        none = facts(None, self.keys, self.queries, self.truth)
        self.best: tuple[float, Estimator] = none.nanoseconds(), "none"

    def fit(self, model: Estimator) -> None:
        """Fit a model to all keys and keep it if it is the best."""
        self.say(model)
        fitted = model._for_index(self.keys)
        found = facts(fitted, self.keys, self.queries, self.truth)
        self.tried.append((fitted, found))
        cost = found.nanoseconds()
        fits = self.memory is None or found.nbytes <= self.memory
        if fits and cost < self.best[0]:
            self.best = cost, fitted

    def say(self, model: Estimator) -> None:
        """Show on a terminal what is tried."""
        if sys.stderr is not None and sys.stderr.isatty():
            took = time.perf_counter() - self.began
            text = f"tune: {took:.1f} s, trying {model!r}, best so far {self.best[1]!r}"
            sys.stderr.write(f"\r{text[:100]:100}")
            sys.stderr.flush()

    def done(self) -> None:
        """Clear the line on the terminal."""
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write(f"\r{'':100}\r")


def tune(keys: Any, queries: Any = None, *, memory: Any = None, seed: Any = 0) -> Any:
    """Return the fitted model that answers batches over some keys fastest, within a memory budget.

    Where a search without a model should be faster than any model of so few bytes, that is "none".

    The choice is reproducible: no clock takes part in it. Of each model is counted how many bytes
    it takes, how many of the queries its first window misses and how far predictions are off; what
    that costs was measured once over many keys and is kept as coefficients
    (``python -m benchmarks costs``). So equal keys, queries, memory and seed give the same model on
    any machine. Times differ between machines, so what is chosen may be some per cent from the
    best here: ``lx.advise`` uses the clock.

    Trees and RMIs are fitted to all keys; PGMs and RadixSplines, which take longer, to parts of
    them first, and those that promise something there to all, the most promising first, at most
    three that keep to the memory, for as long as one may be better than the best. On 10**7 keys
    that takes some seconds. A terminal
    shows progress.

    Parameters
    ----------
    keys : array_like, 1-D, sorted
        What ``LearnedIndex`` accepts.
    queries : array_like, optional
        What will be asked. By default half are keys, half lie between keys.
    memory : int, optional
        Bytes beside the keys that the model may take.
    seed : int
        For the queries that misses are counted on, and the parts.

    Returns
    -------
    RMI, PGM, RadixSpline, BTree, models.DirectTable or "none"
        Fitted; pass it to ``LearnedIndex(keys, model)``, which does not fit it again. Over strings
        and rows the name of a model: "auto", "btree", "rmi" or "none". Ctrl-C gives the best
        so far, with a warning, if a model was fitted.

    Raises
    ------
    TypeError, ValueError
        Keys or queries that ``LearnedIndex`` refuses, no keys, or memory or seed that is no int of
        at least 0.

    Warns
    -----
    UserWarning
        It is "none"; the warning names a model that should be faster but takes more bytes, if there
        is one. Or Ctrl-C was pressed.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> keys = np.sort(np.random.default_rng(0).integers(0, 10**12, 100_000))
    >>> model = lx.tune(keys, memory=4096)
    >>> model.nbytes_ <= 4096, lx.LearnedIndex(keys, model).rank(int(keys[7]))
    (True, 8)
    """
    budget, random = checked_memory(memory), checked_seed(seed)
    named = tune_strings(keys, queries, budget, random)
    if named is not None:
        return named
    checked = as_keys(keys, zones=True)
    if checked.numbers == 0:
        raise ValueError("keys: no number among them; pass at least one key that is not NaN or NaT")
    search = _prepared(checked, queries, budget, random)
    try:
        _search(search, random)
    except KeyboardInterrupt:
        if not search.tried:
            raise
        warnings.warn(
            f"tune: stopped; {search.best[1]!r} is the best so far", UserWarning, stacklevel=2
        )
    finally:
        search.done()
    return _outcome(search)


def _prepared(keys: Keys, asked: Any, budget: int | None, random: np.random.Generator) -> Search:
    """Choose the queries and find their positions."""
    sample = Sample(keys, keys.array.size)
    batch = batch_of(asked, sample)
    if batch is None:
        batch = draw(sample, QUERIES, random)
    elif batch.size > QUERIES:
        batch = batch[np.sort(random.choice(batch.size, QUERIES, replace=False))]
    truth = LearnedIndex(keys.array, "none").searchsorted(batch)
    return Search(keys, batch, truth, budget)


def _search(search: Search, random: np.random.Generator) -> None:
    """Fit what is quickly built, then what promises to be better."""
    n = search.keys.numbers
    if is_narrow(search.keys.array.dtype):
        search.fit(DirectTable())
    for model in (BTree(16), BTree(8)):
        search.fit(model)
    for leaves in sorted({max(1, n // each) for each in LEAF_KEYS}, reverse=True):
        search.fit(RMI(n_leaves=leaves))
    _fill(search, leaves)
    part = _part(search.keys, random)
    slow = [RadixSpline(e) for e in SPLINES] + [PGM(e) for e in PGMS]
    promised = sorted((_promise(search, model, part), i) for i, model in enumerate(slow))
    fitting = 0
    for (cost, nbytes), i in promised:
        if fitting == FITTED or cost > COST_LIMIT * search.best[0]:
            break
        if search.memory is None or nbytes <= SLACK * search.memory:
            search.fit(slow[i])
            fitting += search.memory is None or search.tried[-1][1].nbytes <= search.memory


def _fill(search: Search, leaves: int) -> None:
    """Fit an RMI that fills the memory, after one of few leaves was; its root may need more."""
    if search.memory is None:
        return
    leaves += (search.memory - search.tried[-1][1].nbytes) // LEAF_BYTES
    for _ in range(FILLS):
        if not 0 < leaves < search.keys.numbers // LEAF_KEYS[0]:
            return
        search.fit(RMI(n_leaves=leaves))
        nbytes = search.tried[-1][1].nbytes
        if nbytes <= search.memory:
            return
        leaves = leaves * search.memory * 31 // (32 * nbytes)


def _part(keys: Keys, random: np.random.Generator) -> Keys:
    """Return parts of the keys, one at a random place of each eighth."""
    numbers = keys.array[: keys.numbers]
    if numbers.size <= PART * PARTS:
        return Keys(numbers, numbers.size, None)
    each = numbers.size // PARTS
    starts = np.arange(PARTS) * each + random.integers(0, each - PART + 1, PARTS)
    return in_order(np.concatenate([numbers[s : s + PART] for s in starts.tolist()]))


def _promise(search: Search, model: Estimator, part: Keys) -> tuple[float, int]:
    """Return what a model would cost over all keys and its bytes, as fitted to parts of them."""
    search.say(model)
    whole = part.array.size == search.keys.numbers
    fitted = model._for_index(part)
    if whole:
        queries, truth = search.queries, search.truth
    else:
        queries = part.array[:: max(1, part.array.size // QUERIES)]
        truth = np.searchsorted(part.array, queries)
    found = facts(fitted, part, queries, truth)
    scale = search.keys.numbers / part.array.size
    nbytes = round(found.nbytes * scale) if model.epsilon < PART // 16 else found.nbytes
    at_all = Facts(found.kind, search.keys.array.nbytes, nbytes, found.misses, found.log_error)
    return at_all.nanoseconds(), nbytes


def _outcome(search: Search) -> Estimator:
    """Return the best; where that is no model, warn, and name a larger one that is better."""
    least, best = search.best
    if best == "none":
        limit = "" if search.memory is None else f" of at most {bytes_text(search.memory)}"
        model, found = min(search.tried, key=lambda one: one[1].nanoseconds())
        larger = f"; {model!r} should be, and takes {bytes_text(found.nbytes)}"
        warnings.warn(
            f'tune: no model{limit} should be faster than a search without one: "none"'
            + (larger if found.nanoseconds() < least else ""),
            UserWarning,
            stacklevel=3,
        )
    return best
