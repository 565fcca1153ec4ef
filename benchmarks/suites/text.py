"""Text and pairs: lookups in batches and one by one, builds, and bytes a key.

`text` asks for positions. `text_large` has a hash table beside the layers, as `size="large"` gives
it, and asks for equal strings, as dicts and hash tables do.

Half of the queries are keys; the other half are strings of the same set that were held out. Forms
that a contender likes best, such as lists and arrays of Arrow, are made before the clock starts.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np

from benchmarks.contenders import TEXT
from benchmarks.contenders.text import OverText, TextKeys
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Entry, Subject, Suite, Timed, time_each
from benchmarks.suites import contended
from datasets import text

SIZES = {
    "full": (MILLION // 10, MILLION, 5 * MILLION),
    "required": (MILLION, 5 * MILLION),
    "small": (MILLION // 10,),
    "tiny": (2_000,),
}
BATCH = 200_000
BUILDS = 3  # rounds, at most: hash tables over millions of strings take seconds
# Verbs of their own: the page of the leaderboard is of numbers.
BUILD, SINGLE = Cell("text build"), Cell("text in", "held_out")
LOOKUP = Cell("text", "held_out", BATCH)
PAIRS = ("ipv6", "user_times")
RANDOM = ("decimal", "uuid_text", "uuid_bytes")


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time one cell as those over numbers are, and keep who was not asked for it."""
    entries = [
        entry
        if isinstance(entry.contender, OverText)
        else dataclasses.replace(entry, why_not="takes numbers, no text")
        for entry in subject.entries
    ]
    some = Subject(subject.keyset, subject.contenders)
    some.entries = [entry for entry in entries if _takes_part(entry, cell)]
    if cell == BUILD:
        rounds = min(BUILDS, subject.rounds(cell, plan))
        timed = time_each(contended.builds(some), rounds, some.reasons)
        timed = timed._replace(facts={"unit": "ns/key", "bytes": some.counted})
    else:
        batch = min(BATCH, plan.queries)
        asked = Cell("batch", cell.workload, batch) if cell.batch else Cell("single", cell.workload)
        timed = contended.measure(some, asked, dataclasses.replace(plan, queries=batch))
    others = [entry.name for entry in entries if entry not in some.entries]
    return timed._replace(facts={**timed.facts, "not_asked": others})


def _takes_part(entry: Entry, cell: Cell) -> bool:
    """Tell who is asked one by one, and who in batches."""
    if cell != SINGLE:
        return not entry.contender.loops
    return entry.why_not is not None or getattr(entry.contender, "one_by_one", False)


def load(name: str, n: int | None, seed: int) -> KeySet:
    """Load a set; a real one has its own size, and `n` then takes every k-th string."""
    if name in text.SYNTHETIC:
        return KeySet(name, TextKeys.of(text.load(name, n, seed)))
    whole = text.load(name)
    if n is not None and n < len(whole):
        whole = whole.take(np.linspace(0, len(whole) - 1, n).astype(np.int64))
    return KeySet(name, TextKeys.of(whole))


def _places(plan: Plan) -> Iterable[Place]:
    if plan.name != "tiny":
        yield from (Place(name, None) for name in text.REAL if plan.takes(name))
    yield from plan.usual(text.SYNTHETIC, plan.pick(SIZES))


TEXTS = Suite(
    "text",
    "strings and pairs beside what else looks them up",
    "ns/query",
    _places,
    lambda plan: [BUILD, LOOKUP, SINGLE],
    measure,
    takes_contenders=True,
    contenders=[kind.name for kind in TEXT],
    load=load,
)
