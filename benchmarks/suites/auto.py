"""Every structure over every key set, size and batch size: what `model="auto"` has to choose from.

The cell ``choose`` of a place asks auto, and keeps what a rule can look at; its times are those of
one build each. The other cells time batches of every structure: auto is the one that it chose.
"""

import collections
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import datasets
from benchmarks import record
from benchmarks.checks import check
from benchmarks.contenders import Array
from benchmarks.plan import FULL, Cell, Place, Plan
from benchmarks.rounds import Action
from benchmarks.suite import Act, Subject, Suite, Timed, time_each
from benchmarks.workloads import mixed

SIZES = (
    *(0, 1, 2, 8, 64, 10**3, 10**4, 3 * 10**4, 10**5),
    *(3 * 10**5, 10**6, 3 * 10**6, 10**7, 10**8),
)
BATCHES = (1, 8, 64, 10**3, 10**5, 10**7)
LARGE = 10**7  # more keys than these are drawn from a few sets only
LARGE_SETS = ("uniform", "lognormal", "osm")
# The upper bits of a draw: for these the structures lie in fewer lines, or a direct table does.
NARROW = ("uniform@uint32", "osm@uint32", "uniform@uint16", "uniform@uint8")
REGISTRY = tuple(datasets.names())
SETS = (*REGISTRY, *NARROW)
REAL_SIZES = {
    "gaia_source_id": 482_106,
    "gaia_ra_f64": 482_176,
    "gshhg_coast": 10_995_687,
    "flights_3m": 3_000_000,
    "ip4_asn": 411_961,
    "geonames_id": 234_908,
    "geonames_morton": 234_908,
    "geonames_population": 234_908,
}
CHOOSE = Cell("choose")
STRUCTURES = ("rmi", "pgm", "radix_spline", "btree8", "btree16", "none", "direct")
PART = 4096  # queries between two looks at the clock, at least
# Parts are taken in turn, so that no structure finds what its neighbour has just brought into the
# cache. Their number shares no factor with that of the structures: each meets every part.
FEW_PARTS, MANY_PARTS = 5, 61
MANY_FROM = 10**6  # keys; fewer lie in the cache whatever is asked


def _asked(plan: Plan, field: str, all_: Sequence[Any]) -> Sequence[Any]:
    """Give what a smaller plan or the command line asks for, else all."""
    asked: Sequence[Any] = getattr(plan, field)
    return all_ if asked == getattr(FULL, field) else asked


def why_not(name: str, n: int) -> str | None:
    """Say why so many keys of a set are not measured, or None if they are."""
    if n > LARGE and name not in LARGE_SETS:
        return f"above {LARGE:,} keys only {', '.join(LARGE_SETS)}"
    return None if n <= REAL_SIZES.get(name, n) else "the set has fewer keys"


def places(plan: Plan) -> list[Place]:
    """List the places, small ones first; a real set also has its own size, beside the one below."""
    sets, sizes = _asked(plan, "sets", SETS), _asked(plan, "sizes", SIZES)
    listed = {Place(name, n): n for n in sizes for name in sets if why_not(name, n) is None}
    for name, own in REAL_SIZES.items():
        if name in sets and max(n for n in SIZES if n <= own) in sizes:
            listed.pop(Place(name, own), None)
            listed[Place(name, None)] = own
    return sorted(listed, key=lambda place: listed[place])


def cells(plan: Plan) -> Sequence[Cell]:
    return [CHOOSE, *(Cell("auto", "mixed", each) for each in _asked(plan, "batches", BATCHES))]


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Ask what auto chooses, or time a batch size; wrong answers end the run."""
    there, missing = {one.name: one for one in subject.present}, subject.reasons
    auto: Any = there.pop("auto")
    if cell == CHOOSE:
        rmi: Any = there["rmi"].contender
        facts = {"chose": name_of(auto.contender.index.model), "seen": seen(rmi.index)}
        there.pop("numpy")  # builds nothing
        built = {one.name: [1e6 * (one.build_seconds or 0.0)] for one in (auto, *there.values())}
        return Timed(built, missing, {"unit": "µs", **facts, "bytes": subject.counted})
    keys = subject.keyset.keys
    parts = _parts(keys, cell, plan.seed)
    turn = itertools.cycle(parts)
    actions = {}
    for name, one in there.items():
        answer = one.contender.scalar  # the method itself, which takes arrays too
        found = np.concatenate([answer(call) for call in parts[0]])
        check(one.contender, keys, np.concatenate(parts[0]), found)
        actions[name] = Act(_asking(answer, turn), len(parts[0]) * cell.batch)
    return time_each(actions, subject.rounds(cell, plan), missing)


def _asking(answer: Callable[[Any], object], turn: Iterator[list[Array]]) -> Action:
    """Make the action that answers the calls of the next part."""
    return lambda: collections.deque(map(answer, next(turn)), maxlen=0)


def _parts(keys: Array, cell: Cell, seed: int) -> list[list[Array]]:
    """Draw calls, half hits and half misses, in parts that are timed one after the other."""
    calls = max(PART // cell.batch, 1)
    many = len(keys) >= MANY_FROM and cell.batch < PART
    parts = 1 if cell.batch > 10**6 else MANY_PARTS if many else FEW_PARTS
    count = parts * calls * cell.batch
    if len(keys) > 0:
        queries = mixed(keys, count, seed)
    else:
        queries = np.random.default_rng(seed).integers(0, 100, count).astype(keys.dtype)
    return [list(part.reshape(calls, cell.batch)) for part in queries.reshape(parts, -1)]


def seen(index: Any) -> dict[str, float | None]:
    """Measure what a rule can look at: what the RMI is like, and how often keys repeat."""
    known, model = index.stats(), index.model
    return {
        "hits": known.get("first_window_hits"),  # share of sampled keys that first windows prove
        "duplicates": known.get("duplicates"),
        "stages": len(model.stage_knots_),
        "pieces": len(model.root_pieces_),
    }


def name_of(model: Any) -> str:
    """Name a model that auto chose, as `STRUCTURES` does."""
    if model is None:
        return "none"
    kinds = {"RMI": "rmi", "PGM": "pgm", "RadixSpline": "radix_spline", "DirectTable": "direct"}
    name = type(model).__name__
    return f"btree{model.node}" if name == "BTree" else kinds[name]


AUTO = Suite(
    "auto",
    "what auto chooses, beside all that it could choose",
    "ns/query",
    places,
    cells,
    measure,
    contenders=("numpy", *STRUCTURES, "auto"),
    keep=record.AUTO,
)
