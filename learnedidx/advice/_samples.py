"""What advice and tuning look at: the keys, or stretches of very many, and queries over them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from learnedidx._formats import queries, scalars
from learnedidx._formats.keys import Array, Keys, as_array, disorder, in_order
from learnedidx._formats.tables import one_of
from learnedidx._formats.zones import zone_of
from learnedidx.index import LearnedIndex

MAX_KEYS = 2**24  # keys that are looked at as a whole
STRETCH = 2**16  # keys that follow each other, so that a few pages of a mapped file are read
STRETCHES = 64
FEWEST_INSIDE = 256  # queries that must fall into the stretches


@dataclass(frozen=True, slots=True)
class Sample:
    """Keys to measure on: all of them, or stretches of more than ``MAX_KEYS``."""

    keys: Keys
    total: int
    notes: list[str] = field(default_factory=list)
    starts: Array | None = None  # positions of the stretches' first keys, if there are stretches

    @property
    def whole(self) -> bool:
        """Tell whether these are all keys."""
        return bool(self.keys.array.size == self.total)

    @property
    def scale(self) -> float:
        """How many keys one of these stands for."""
        return self.total / max(len(self.keys.array), 1)

    @property
    def numbers(self) -> Array:
        """The keys but for NaN and NaT."""
        numbers: Array = self.keys.array[: self.keys.numbers]
        return numbers


def checked_seed(seed: Any) -> np.random.Generator:
    """Return a source of random numbers; equal seeds give equal samples."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed: must be an int of at least 0, got {scalars.shown(seed)}")
    return np.random.default_rng(int(seed))


def checked_memory(memory: Any) -> int | None:
    """Return a budget in bytes, or None for none."""
    if memory is None:
        return None
    if not isinstance(memory, (int, np.integer)) or isinstance(memory, bool) or memory < 0:
        raise ValueError(
            "memory: must be a number of bytes, an int of at least 0, or None, got "
            f"{scalars.shown(memory)}"
        )
    return int(memory)


def take(keys: Any, random: np.random.Generator, aware: bool = False) -> Sample:
    """Take all keys, sorted if they are not, or stretches of more than ``MAX_KEYS``."""
    keys = one_of(keys, "keys")
    if isinstance(keys, np.ndarray) and keys.ndim == 1 and keys.size > MAX_KEYS:
        starts = _starts(keys.size, random)
        parts = [keys[start : start + STRETCH] for start in starts.tolist()]
        array, total = as_array(np.concatenate(parts), None), keys.size
        notes = [
            f"Measured on {array.size:,} keys in {STRETCHES} stretches of the {total:,}: bytes and "
            "seconds are scaled up, lookups among all keys take longer."
        ]
    else:
        array, notes, starts = as_array(keys, zones=True), [], None
        aware |= zone_of(keys) is not None
        total = array.size
        if total > MAX_KEYS:
            return take(array, random, aware)
    try:
        return Sample(replace(in_order(array), aware=aware), total, notes, starts)
    except ValueError:
        where = disorder(array)
    began = time.perf_counter()
    array = np.sort(array)
    taken = time.perf_counter() - began
    if total > array.size:
        taken *= total * math.log(total) / (array.size * math.log(array.size))
        where += " (of the stretches)"
    notes.append(
        f"The keys are not sorted: {where}. Sort them first: all else holds for np.sort(keys), "
        f"which takes about {taken:.2g} s here."
    )
    if starts is not None:  # sorted, they are evenly spaced keys of all
        starts = np.arange(STRETCHES) * (total // STRETCHES)
    return Sample(replace(in_order(array), aware=aware), total, notes, starts)


def _starts(size: int, random: np.random.Generator) -> Array:
    """Return where stretches begin, one at a random place of each equal part, in their order."""
    part = size // STRETCHES
    return np.arange(STRETCHES) * part + random.integers(0, part - STRETCH + 1, STRETCHES)


def draw(sample: Sample, size: int, random: np.random.Generator) -> Array:
    """Draw queries of the keys' own dtype: half are keys, half lie between two of them."""
    numbers = sample.numbers
    at = random.integers(0, numbers.size, size)
    low, high = numbers[at], numbers[np.minimum(at + 1, numbers.size - 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        between = sample.keys.family.middle(low, high)
    drawn: Array = np.where(random.random(size) < 0.5, low, between)
    return np.asarray(drawn, numbers.dtype)


def batch_of(asked: Any, sample: Sample) -> Array | None:
    """Return the caller's queries in one row, in their order; None if there are none to use."""
    if asked is None:
        return None
    asked = asked if queries.is_array(asked) else [asked]
    family = sample.keys.family
    batch = queries.as_batch(asked, family, "queries").reshape(-1)
    if batch.dtype == object:
        for query in batch:  # of any type, each of its own
            family.fixed(query, "queries")
        batch = family.fixed_all(batch) if family.is_aware else batch
    if not sample.whole and batch.size:
        batch = _inside(batch, sample)
        if batch.size < FEWEST_INSIDE:
            sample.notes.append(
                "Too few of the queries lie in the stretches: others were drawn, half of them keys."
            )
            return None
    return batch if batch.size else None


def _inside(batch: Array, sample: Sample) -> Array:
    """Keep the queries between two keys of one stretch: others crowd at its ends."""
    at = LearnedIndex(sample.keys.array, "none").searchsorted(batch)
    return np.asarray(batch[at % STRETCH != 0])


def slices(batch: Array, size: int, number: int, random: np.random.Generator) -> list[Array]:
    """Cut stretches out of a batch, so that queries in order stay in order; short ones whole."""
    if batch.size <= size:
        return [batch]
    starts = random.integers(0, batch.size - size + 1, number)
    if batch.size >= size * number:
        starts = np.arange(number) * (batch.size // number)
    return [batch[start : start + size] for start in starts.tolist()]
