"""advise: candidates for some keys, timed, and an honest word on which to use."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from learnedidx import hardness
from learnedidx.advice import Advice, Candidate, bytes_text, digits
from learnedidx.advice import _benchmark as benchmark
from learnedidx.advice._benchmark import CASTS, DICT, FETCH, FIND, MERGE, NUMPY, TimedCandidate
from learnedidx.advice._filters import on_filters
from learnedidx.advice._samples import (
    Sample,
    batch_of,
    checked_memory,
    checked_seed,
    draw,
    slices,
    take,
)
from learnedidx.advice._string_samples import taken
from learnedidx.advice._strings import advise_strings
from learnedidx.hardness import Hardness
from learnedidx.models import RMI
from learnedidx.models.choose import fitted, window_hits

BATCH = 2**15
BUILD_UNTIL, TIME_UNTIL = 1.2, 1.7  # seconds from the start
FEW = 64  # keys: nothing is to be gained, unless the caller's own queries show it
AUTO = "lx.LearnedIndex(keys)"
LEAST_GAIN = 1.15  # what a structure has to gain on np.searchsorted
TIE = 1.05


def advise(keys: Any, queries: Any = None, *, memory: Any = None, seed: Any = 0) -> Advice:
    """Time candidates over some keys and say which to use, and why.

    The candidates are models and trees of this library, no model, ``np.searchsorted``, for a batch
    of a tenth of the keys or more that is out of order also sorting it first, and for those who
    only ask which keys are there a hash: Python's dict, key by key, and what any hash takes for a
    batch at the least, one fetch a key. Of all but the hash, answers are those of
    ``np.searchsorted``. Its verdict may well be not to use this library. `equality` also says
    what a filter would save: next to nothing before keys in memory; before those of a ``np.memmap``
    or of an opened index that depends on how many of your queries are absent.

    Over text, bytes, UUIDs, addresses and rows the candidates are layers with each kind of model,
    ``bisect.bisect_left`` in a list (of tuples), ``np.searchsorted`` for arrays of it, and a dict.
    Of more than 1,048,576 strings or rows, 64 stretches of 16,384 are read. What is drawn for rows
    are keys, half of them with the last item of another.

    It uses a clock: another run may see other times, by some per cent on a quiet machine. What does
    not: ``model="auto"`` and ``lx.tune``. Lookups of different candidates are timed in turns, each
    on other queries than the one before, in one thread.

    Parameters
    ----------
    keys : array_like, 1-D
        What ``LearnedIndex`` accepts, sorted or not. Of more than 16,777,216 keys, 64 stretches of
        65,536 are read, so that a mapped file may be larger than memory; figures are scaled up.
    queries : array_like, optional
        What will be asked, in the order and the batches in which it will be: a few are timed as
        one small batch, many in stretches of 32,768. By default half are keys, half lie between
        keys, shuffled.
    memory : int, optional
        Bytes beside the keys that the structure may take.
    seed : int
        For what is drawn at random: stretches, queries.

    Returns
    -------
    Advice
        ``print`` it. Takes less than 2 s on 10**7 keys: models that would take longer are not
        built and listed as such. Takes as much memory as the models, and the keys again where
        they are not sorted.

    Raises
    ------
    TypeError, ValueError
        Keys or queries of a wrong dtype or shape; memory or seed that is no int of at least 0.

    Examples
    --------
    >>> import numpy as np, learnedidx as lx
    >>> advice = lx.advise(np.arange(10))
    >>> advice.chosen, advice.verdict[:21]
    ('np.searchsorted', 'Use np.searchsorted: ')
    >>> advice = lx.advise(np.sort(np.random.default_rng(0).integers(0, 10**12, 200_000)))
    >>> len(advice.candidates) > 5, advice.hardness.segments[32] < 5
    (True, True)
    """
    began = time.perf_counter()
    budget, random = checked_memory(memory), checked_seed(seed)
    strings = taken(keys, random)
    if strings is not None:
        said = advise_strings(strings, queries, budget, random)
        taking = time.perf_counter() - began
        return Advice(**said, memory=budget, seed=int(seed), seconds=taking)
    sample = take(keys, random)
    asked = batch_of(queries, sample)
    if sample.keys.numbers == 0:
        found: list[TimedCandidate] = []
        late: list[tuple[str, str]] = []
        hard, batches = None, [np.empty(0)]
    else:
        batches = _batches(sample, asked, random)
        hard, found, late = _measure(sample, asked, batches, budget, random, began)
    chosen, verdict, code = _verdict(found, hard, sample, budget, asked is None)
    return Advice(
        verdict=verdict,
        equality=_on_equality(found, chosen, keys, sample, asked),
        chosen=chosen,
        code=code,
        candidates=_listed(found, late, budget),
        hardness=hard,
        n=sample.total,
        dtype=str(sample.keys.dtype),
        batch=batches[0].size,
        memory=budget,
        seed=int(seed),
        notes=tuple(sample.notes),
        seconds=time.perf_counter() - began,
    )


def _batches(sample: Sample, asked: Any, random: np.random.Generator) -> list[Any]:
    number = benchmark.ROUNDS + 3
    if asked is None:
        asked = draw(sample, BATCH * number, random)
    return slices(asked, BATCH, number, random)


def _measure(
    sample: Sample,
    asked: Any,
    batches: list[Any],
    budget: int | None,
    random: np.random.Generator,
    began: float,
) -> tuple[Hardness, list[TimedCandidate], list[tuple[str, str]]]:
    """Measure the keys, build the candidates and time them."""
    misses = 1 - window_hits(RMI()._for_index(sample.keys), sample.keys)
    fits = time.perf_counter()
    hard, fitted_keys = hardness.measure(sample.keys, misses, random, sample.starts)
    rate = (time.perf_counter() - fits) / fitted_keys  # of a PGM, the slowest of the builds
    tried, late = benchmark.models(sample, hard, budget, rate, began + BUILD_UNTIL)
    found = [benchmark.indexed(sample, None, batches, 0)]
    for model in tried:
        found.append(benchmark.indexed(sample, model, batches, len(found)))
    for more in (
        benchmark.by_numpy(sample, batches, len(found)),
        None if asked is None else benchmark.by_merging(sample, asked),
    ):
        found += [] if more is None else [more]
    found += benchmark.for_equality(sample, hard.duplicates, random)
    benchmark.run(found, began + TIME_UNTIL)
    return hard, found, late


def _fits(one: TimedCandidate, budget: int | None) -> bool:
    return one.name not in (DICT, FIND, FETCH) and (budget is None or one.nbytes <= budget)


def _listed(
    found: list[TimedCandidate], late: list[tuple[str, str]], budget: int | None
) -> tuple[Candidate, ...]:
    """Return the candidates, the fastest first, then those that were not built."""
    listed = []
    for one in sorted(found, key=lambda each: each.time):
        note = one.note
        if budget is not None and one.nbytes > budget:
            note = "; ".join(text for text in ("more than the memory", note) if text)
        listed.append(
            Candidate(
                one.name,
                one.time,
                one.nbytes,
                one.build_seconds or None,
                one.misses,
                _fits(one, budget),
                note,
            )
        )
    listed += [Candidate(name, None, None, None, None, False, why) for name, why in late]
    return tuple(listed)


def _verdict(
    found: list[TimedCandidate],
    hard: Hardness | None,
    sample: Sample,
    budget: int | None,
    drawn: bool,
) -> tuple[str, str, str]:
    """Return the name of the chosen candidate, the sentence and the code."""
    fitting = [one for one in found if _fits(one, budget)]
    plain = next((one for one in fitting if one.name == NUMPY), None)
    if not fitting or hard is None:
        why = "there is no number among the keys" + " looked at" * (not sample.whole)
        return NUMPY, f"Use {NUMPY}: {why}.", "np.searchsorted(keys, queries)"
    best = min(fitting, key=lambda one: one.time)
    if plain is not None:
        why = _no_gain(plain, best, sample.total if drawn else None)
        if why:
            asked = "np.asarray(queries, keys.dtype)" if plain.note == CASTS else "queries"
            return NUMPY, f"Use {NUMPY}: {why}.", f"np.searchsorted(keys, {asked})"
    chosen = _among_ties([one for one in fitting if one.time <= TIE * best.time], sample)
    against = "" if plain is None else f" against {digits(plain.time)} of {NUMPY}"
    cost = f"{digits(chosen.time)} ns a lookup{against}, for {bytes_text(chosen.nbytes)}"
    code = _code(chosen, sample)
    use = f"{code}, that is {chosen.name}" if code == AUTO else code
    if chosen.name == MERGE:
        use = "no structure, sort the batch and merge it with the keys"
    return chosen.name, f"Use {use}: {cost}; {_reason(chosen, hard, budget)}.", code


def _no_gain(plain: TimedCandidate, best: TimedCandidate, total: int | None) -> str:
    """Say why nothing is to be gained on NumPy, if so; `total` keys, None if the caller asks."""
    if total is not None and total < FEW:
        lie = "1 key lies in a cache line" if total == 1 else f"{total} keys lie in few cache lines"
        return f"{lie}, a structure has nothing to save"
    if best is plain:
        return "no structure is faster"
    gain = plain.time / best.time
    if gain >= LEAST_GAIN:
        return ""
    return f"the fastest structure, {best.name}, gains a factor of {gain:.2f} at most"


def _among_ties(ties: list[TimedCandidate], sample: Sample) -> TimedCandidate:
    """Prefer what needs no building, then what "auto" takes, then the smallest."""
    auto = repr(fitted("auto", sample.keys))
    return min(ties, key=lambda one: (one.nbytes > 0, one.name != auto, one.nbytes, one.name))


def _code(chosen: TimedCandidate, sample: Sample) -> str:
    if chosen.name == MERGE:
        return (
            "order = np.argsort(queries); answers = np.empty(queries.size, np.intp); "
            'answers[order] = lx.LearnedIndex(keys, "none").searchsorted(queries[order])'
        )
    auto = fitted("auto", sample.keys)
    if chosen.name == ("no model" if auto is None else repr(auto)):
        return AUTO
    if chosen.name == "no model":
        return 'lx.LearnedIndex(keys, "none")'
    if chosen.name == "DirectTable()":
        return "lx.LearnedIndex(keys, lx.models.DirectTable())"
    return f"lx.LearnedIndex(keys, lx.{chosen.name})"


def _reason(chosen: TimedCandidate, hard: Hardness, budget: int | None) -> str:
    """Say why this one is ahead."""
    if chosen.name == MERGE:
        return "the batch is so large that neighbours in it share cache lines once it is sorted"
    if chosen.name == "no model":
        return "no model gains on the plain search of this library"
    if chosen.name == "DirectTable()":
        return "a table holds the answer to every query of so few bits"
    within = "" if budget is None else f" within {bytes_text(budget)}"
    if chosen.name.startswith("BTree"):
        if hard.misses < 0.15:
            return f"the tree is the fastest{within}, though models fit these keys too"
        return (
            f"the keys are hard for models ({hard.segments[32]:.2g} segments for 1000 keys, "
            f"{hard.misses:.0%} of an RMI's first windows miss), a tree does not mind{within}"
        )
    return (
        f"the model is the fastest{within}, {1 - (chosen.misses or 0.0):.0%} of first windows hit"
    )


def _on_equality(
    found: list[TimedCandidate], chosen: str, keys: Any, sample: Sample, asked: Any
) -> str:
    """Judge a hash and a filter, for those who only ask which keys are there."""
    by_name = {one.name: one for one in found}
    if FETCH not in by_name or chosen not in by_name:
        return ""
    ours, floor = by_name[chosen].time, by_name[FETCH].time
    said = (
        f"If you only ask which keys are there: in a batch no hash table takes less than "
        f"{digits(floor)} ns a key, one fetch, against {digits(ours)} of {chosen}"
    )
    if DICT in by_name:
        one, other = by_name[DICT], by_name[FIND]
        word = "is faster" if one.time * LEAST_GAIN < other.time else "gains nothing"
        said += (
            f"; key by key a dict {word}, {digits(one.time)} ns against {digits(other.time)} of "
            f"index.find, and takes {bytes_text(one.nbytes)}"
        )
    return f"{said}. {on_filters(keys, sample, asked, ours)}"
