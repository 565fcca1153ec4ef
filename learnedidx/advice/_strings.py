"""Advice on strings and rows: layers with each model, bisect, NumPy and a dict, timed."""

from __future__ import annotations

import bisect
import sys
import time
import warnings
from typing import Any

import numpy as np

from learnedidx._formats.keys import as_strings
from learnedidx.advice import Candidate, bytes_text, digits
from learnedidx.advice import _benchmark as benchmark
from learnedidx.advice._benchmark import DICT, FIND, NUMPY, ROUNDS, SINGLE, TimedCandidate
from learnedidx.advice._costs import facts
from learnedidx.advice._filters import in_memory
from learnedidx.advice._string_samples import Strings, asked_of, drawn, listed, read, sizes
from learnedidx.explain._layers import traced
from learnedidx.index import LearnedIndex

BISECT = "bisect.bisect_left"
LARGE = 'size="large"'
MODELS = ("auto", "btree", "rmi", "none")
BATCH = 2**12
FEW = 64  # keys: of so few it is asked one by one, unless the caller's own queries are more
LEAST_GAIN, TIE = 1.15, 1.05
TIME_UNTIL = 1.7  # seconds from the start
TRACED = 4096  # queries of which is counted which layers they reach
STRING_BYTES = 8  # of the slot of a list


def advise_strings(
    sample: Strings, asked: Any, budget: int | None, random: np.random.Generator
) -> dict[str, Any]:
    """Time what answers lookups of strings; return what an Advice says of it."""
    began = time.perf_counter()
    batch = asked_of(asked, sample)
    found: list[TimedCandidate] = []
    size = 0
    if sample.column.size:
        batches = _batches(sample, batch, random)
        size = batches[0].size
        found = _candidates(sample, batches)
        benchmark.run(found, began + TIME_UNTIL)
    chosen, verdict, code = _verdict(found, sample, budget, batch is None)
    return {
        "verdict": verdict,
        "equality": _on_equality(found, chosen, budget),
        "chosen": chosen,
        "code": code,
        "candidates": _listed(found, budget),
        "hardness": None,
        "n": sample.total,
        "dtype": str(sample.own),
        "batch": size,
        "notes": tuple(sample.notes),
    }


def _batches(sample: Strings, asked: Any, random: np.random.Generator) -> list[Any]:
    number = ROUNDS + 3
    if asked is None:
        asked = drawn(sample, BATCH * number, random)
    if asked.size <= BATCH:
        return [asked]
    starts = random.integers(0, asked.size - BATCH + 1, number)
    if asked.size >= BATCH * number:
        starts = np.arange(number) * (asked.size // number)
    return [asked[start : start + BATCH] for start in starts.tolist()]


def _candidates(sample: Strings, batches: list[Any]) -> list[TimedCandidate]:
    found: list[TimedCandidate] = []
    asked = [sample.given_as(batch) for batch in batches]
    for model in MODELS:
        began = time.perf_counter()
        index = LearnedIndex(sample.column, model)
        seconds = (time.perf_counter() - began) * sample.scale
        layers: Any = index._state.layers
        if any(repr(layers) == repr(one.model) for one in found):
            continue
        action, size = benchmark.of_batches(index.searchsorted, asked, len(found))
        nbytes = round((index.nbytes + sample.encoded) * sample.scale)
        note = f"{len(layers.parts)} layer" + "s" * (len(layers.parts) != 1)
        found.append(
            TimedCandidate(_name(model), action, size, nbytes, seconds, note=note, model=layers)
        )
        if len(found) == 1:
            alone = _one_by_one(sample, index, batches)
    by_numpy = _by_numpy(sample, batches, len(found))
    large = _by_table(sample, asked, len(found))
    return [*found, *([] if by_numpy is None else [by_numpy]), large, *alone]


def _by_table(sample: Strings, asked: list[Any], shift: int) -> TimedCandidate:
    """Return what times batches of equal keys, with a hash table beside the layers."""
    began = time.perf_counter()
    index = LearnedIndex(sample.column, size="large")
    seconds = (time.perf_counter() - began) * sample.scale
    action, size = benchmark.of_batches(index.find, asked, shift)
    nbytes = round((index.nbytes + sample.encoded) * sample.scale)
    return TimedCandidate(LARGE, action, size, nbytes, seconds, note="equality alone")


def _name(model: str) -> str:
    return f'model="{model}"'


def _by_numpy(sample: Strings, batches: list[Any], shift: int) -> TimedCandidate | None:
    """Return what times NumPy, if the keys are an array of it and all that is timed."""
    keys = sample.given
    if not isinstance(keys, np.ndarray) or sample.notes:
        return None
    if sample.are_rows:
        return _by_records(sample, batches, shift)
    if sample.form.make is not None:
        return None
    wanted = "U" if isinstance(keys.item(0), str) else "S"
    if keys.dtype != np.asarray(keys, wanted).dtype:
        return None  # of objects, of StringDType, or void
    asked = [np.array(batch.tolist(), wanted) for batch in batches]
    action, size = benchmark.of_batches(lambda batch: np.searchsorted(keys, batch), asked, shift)
    return TimedCandidate(NUMPY, action, size, 0, 0.0)


def _by_records(sample: Strings, batches: list[Any], shift: int) -> TimedCandidate | None:
    """Return what times NumPy over a structured array of numbers."""
    keys: Any = sample.given
    if any(field.core is None for field in sample.form.fields):
        return None
    asked = [np.array(listed(batch), keys.dtype) for batch in batches]
    action, size = benchmark.of_batches(lambda batch: np.searchsorted(keys, batch), asked, shift)
    return TimedCandidate(NUMPY, action, size, 0, 0.0)


def _one_by_one(
    sample: Strings, index: LearnedIndex, batches: list[Any]
) -> tuple[TimedCandidate, TimedCandidate, TimedCandidate]:
    """Return what times a list of the keys that is bisected, a dict of them, and the index."""
    began = time.perf_counter()
    keys = listed(sample.column)
    listing = (time.perf_counter() - began) * sample.scale
    table = dict(zip(keys, range(len(keys)), strict=True))
    building = (time.perf_counter() - began) * sample.scale
    each = STRING_BYTES + sizes(keys[:1000])
    is_list = isinstance(sample.given, (list, tuple)) and sample.scale == 1
    beside = 0 if is_list else round(each * sample.total)
    slots = sys.getsizeof(table) / len(table) + benchmark.INT_BYTES
    asked = [listed(batch[:SINGLE]) for batch in batches]
    get, find, size = table.get, index.find, len(asked[0])

    def by_bisect(number: int) -> object:
        return [bisect.bisect_left(keys, key) for key in asked[number % len(asked)]]

    def by_dict(number: int) -> object:
        return [get(key) for key in asked[(number + 1) % len(asked)]]

    def by_index(number: int) -> object:
        return [find(key) for key in asked[(number + 2) % len(asked)]]

    nbytes = round((index.nbytes + sample.encoded) * sample.scale)
    own = "" if is_list else "a list of the keys, "
    only, unhashed = "equality alone", "equality alone; without a hash table"
    return (
        TimedCandidate(
            BISECT, by_bisect, size, beside, 0 if is_list else listing, note=f"{own}one by one"
        ),
        TimedCandidate(
            DICT, by_dict, size, beside + round(slots * sample.total), building, note=only
        ),
        TimedCandidate(FIND, by_index, size, nbytes, 0.0, note=unhashed),
    )


def _fits(one: TimedCandidate, budget: int | None) -> bool:
    return one.name not in (DICT, FIND, LARGE) and (budget is None or one.nbytes <= budget)


def _listed(found: list[TimedCandidate], budget: int | None) -> tuple[Candidate, ...]:
    listed = []
    for one in sorted(found, key=lambda each: each.time):
        too_large = budget is not None and one.nbytes > budget
        note = "; ".join(text for text in ("more than the memory" * too_large, one.note) if text)
        seconds = one.build_seconds or None
        fits = _fits(one, budget)
        listed.append(Candidate(one.name, one.time, one.nbytes, seconds, None, fits, note))
    return tuple(listed)


def _verdict(
    found: list[TimedCandidate], sample: Strings, budget: int | None, is_drawn: bool
) -> tuple[str, str, str]:
    """Return the name of the chosen candidate, the sentence and the code."""
    plain_code = f"{BISECT}(keys, v)"
    if not found:
        return BISECT, f"Use {BISECT}: there are no keys.", plain_code
    fitting = [one for one in found if _fits(one, budget)]
    by_name = {one.name: one for one in found}
    if is_drawn and sample.total < FEW and by_name[BISECT].time < by_name[FIND].time:
        alone = f"{digits(by_name[BISECT].time)} ns against {digits(by_name[FIND].time)}"
        why = (
            f"among so few keys one lookup takes {alone} of index.find; batches are another matter"
        )
        return BISECT, f"Use {BISECT}: {why}.", plain_code
    if not fitting:
        why = f"nothing else keeps to {bytes_text(budget or 0)}; a list of the keys is larger, too"
        return BISECT, f"Use {BISECT}: {why}.", plain_code
    best = min(fitting, key=lambda one: one.time)
    plain = min(
        (one for one in fitting if one.name in (BISECT, NUMPY)), key=lambda o: o.time, default=None
    )
    if plain is not None and plain.time < LEAST_GAIN * best.time:
        gain = f"{best.name} gains a factor of {plain.time / best.time:.2f} at most"
        why = "no structure is faster" if plain is best else gain
        code = plain_code if plain.name == BISECT else f"{NUMPY}(keys, queries)"
        return plain.name, f"Use {plain.name}: {why}.", code
    ties = [one for one in fitting if one.time <= TIE * best.time]
    chosen = min(ties, key=lambda one: (one.name != _name("auto"), one.nbytes, one.name))
    against = "" if plain is None else f" against {digits(plain.time)} of {plain.name}"
    auto = chosen.name == _name("auto")
    code = "lx.LearnedIndex(keys)" if auto else f"lx.LearnedIndex(keys, {chosen.name[6:]})"
    cost = f"{digits(chosen.time)} ns a lookup in a batch{against}, for {bytes_text(chosen.nbytes)}"
    return chosen.name, f"Use {code}: {cost}.", code


def _on_equality(found: list[TimedCandidate], chosen: str, budget: int | None) -> str:
    """Judge hash tables, for those who only ask which keys are there."""
    by_name = {one.name: one for one in found}
    if DICT not in by_name:
        return ""
    table, find, large = by_name[DICT], by_name[FIND], by_name[LARGE]
    word = "is faster" if table.time * LEAST_GAIN < find.time else "gains nothing"
    fits = budget is None or large.nbytes <= budget
    gains = fits and chosen != BISECT and large.time * LEAST_GAIN < by_name[chosen].time
    hashed = f"lx.LearnedIndex(keys, {LARGE}).find takes {digits(large.time)} ns in a batch, for "
    batches = f"{hashed}{bytes_text(large.nbytes)}; one by one" if gains else "one by one"
    return (
        f"If you only ask which keys are there, {batches} a dict {word}: {digits(table.time)} ns "
        f"against {digits(find.time)} of index.find; it takes {bytes_text(table.nbytes)} against "
        f"{bytes_text(find.nbytes)}. {in_memory(find.time)}"
    )


def tune_strings(
    keys: Any, asked: Any, budget: int | None, random: np.random.Generator
) -> str | None:
    """Return which model the layers over strings or rows should have; None: they are others.

    What a lookup costs is the sum of what is counted of the models of the layers that it reaches.
    """
    sample = read(keys)
    if sample is None:
        return None
    checked = as_strings(sample.column)
    assert checked is not None
    if sample.total == 0:
        raise ValueError("keys: there are none; pass at least one")
    batch = asked_of(asked, sample)
    batch = drawn(sample, TRACED, random) if batch is None else batch
    if batch.size > TRACED:
        batch = batch.take(np.sort(random.choice(batch.size, TRACED, replace=False)))
    raws = [key.encode() if isinstance(key, str) else key for key in batch.with_items(None)]
    found = []
    for model in MODELS:
        index = LearnedIndex(checked.array, model)
        layers = index._state.layers
        assert layers is not None
        reached = traced(index, raws)[:, 0]
        cost = sum(
            float(np.mean(reached > i)) * _cost(part._state) for i, part in enumerate(layers.parts)
        )
        found.append((cost, index.nbytes + sample.encoded, model))
    fitting = [one for one in found if budget is None or one[1] <= budget]
    if not fitting:
        least = min(found, key=lambda one: one[1])
        warnings.warn(
            f"tune: layers over these keys take {bytes_text(least[1])} at least, more than memory; "
            f'"{least[2]}" takes the fewest',
            UserWarning,
            stacklevel=3,
        )
        fitting = [least]
    return min(fitting, key=lambda one: one[0])[2]


def _cost(part: Any) -> float:
    """Return what a lookup in a layer costs, as far as it can be counted."""
    entries = part.checked.array
    at = np.linspace(0, entries.size - 1, min(entries.size, TRACED)).astype(np.intp)
    some = entries[at]
    truth = np.searchsorted(entries, some)
    return facts(part.model, part.checked, some, truth).nanoseconds()
