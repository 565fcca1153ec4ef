"""Filters: bits a key, builds, questions beside ``find`` over keys in memory, and wrong answers.

All keys are distinct. Times of builds are of a key, others of a query. Shares of wrong answers are
counted over ranges without a key, which begin anywhere between the first and the last key
(``uniform``), 1 to 32 above a key (``near``), or anywhere in the gap above a key (``gap``).
"""

import bisect
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, PLANS, Cell, Place, Plan
from benchmarks.suite import Act, Subject, Suite, Timed, time_each
from benchmarks.suites import filters_looks
from benchmarks.suites.filters_tables import LOOKS, POINTS, POSITIONS, RANGES, tables
from benchmarks.workloads import hits, mixed, near

SETS = ("uniform", "lognormal", "osm", "clusters")
REAL = ("gaia_source_id", "gshhg_coast")
SIZES = {"full": (MILLION, 10 * MILLION), "small": (MILLION // 10,), "tiny": (5_000,)}
LENGTHS = (1, 16, 1024, 2**16)
BEGINNINGS = ("uniform", "near", "gap")
DRAWN = 200_000
FEWEST = 1_000  # ranges without a key that a share is counted over
CLUSTER, INSIDE, BETWEEN = 1_000, 200, 10**12  # keys of a cluster, and how far apart they lie
ASKED = 16  # values of a range that is timed
LEARNED_BITS = 12.8

Made = Mapping[str, Callable[[], Any]]  # filters that are not fitted, by name


def load(name: str, n: int | None, seed: int) -> KeySet:
    """Load distinct keys, draw clusters, or load names."""
    if name == filters_looks.DOMAINS:
        return filters_looks.load(seed)
    if name != "clusters" or n is None:
        keyset = keysets.from_name(name, n, seed)
        return KeySet(name, np.unique(keyset.keys))
    random = np.random.default_rng(seed)
    steps = random.integers(1, 2 * INSIDE, n, np.uint64)
    steps[::CLUSTER] = random.integers(1, 2 * BETWEEN, len(steps[::CLUSTER]))
    return KeySet(name, np.cumsum(steps, dtype=np.uint64))


def absent(keys: Array, beginning: str, length: int, seed: int) -> tuple[Array, Array]:
    """Draw ranges without a key, as their first and last values."""
    random = np.random.default_rng([seed, length])
    top = np.uint64(np.iinfo(np.uint64).max)
    if beginning == "uniform":
        low = random.integers(keys[0], keys[-1], DRAWN, np.uint64, endpoint=True)
    elif beginning == "near":
        low = random.choice(keys, DRAWN) + random.integers(1, 33, DRAWN, np.uint64)
    else:
        widths = np.diff(keys) - np.uint64(1)
        wide = np.flatnonzero(widths >= length)
        at = random.choice(wide, DRAWN if len(wide) else 0)
        free = widths[at] - np.uint64(length)
        low = keys[at] + np.uint64(1) + random.integers(0, free, dtype=np.uint64, endpoint=True)
    low = low[low <= top - np.uint64(length - 1)]
    high = low + np.uint64(length - 1)
    empty = np.searchsorted(keys, low) == np.searchsorted(keys, high, "right")
    return low[empty], high[empty]


def share(filter: Any, low: Array, high: Array) -> float | None:
    """Count how many ranges without a key are answered by maybe; None of too few."""
    if len(low) < FEWEST:
        return None
    return float(filter.may_contain_range(low, high, "both").mean())


def ranges(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time and count RangeFilter in its strategies beside the tree's find."""
    lx, keys = library(), subject.keyset.keys
    made: Made = {
        "robust": lambda: lx.RangeFilter(12.3, "robust"),
        "auto": lambda: lx.RangeFilter(12),
        "exact": lambda: lx.RangeFilter(12, "exact"),
        "learned": lambda: lx.RangeFilter(LEARNED_BITS, "learned"),
    }
    fitted = {name: make().fit(keys) for name, make in made.items()}
    low = near(keys, plan.queries, plan.seed)
    high = low + np.minimum(np.uint64(ASKED - 1), np.uint64(np.iinfo(np.uint64).max) - low)
    asked = {
        name: functools.partial(one.may_contain_range, low, high, "both")
        for name, one in fitted.items()
    }
    kinds = {length: {kind: absent(keys, kind, length, plan.seed) for kind in BEGINNINGS}
             for length in LENGTHS}  # fmt: skip
    shares = {
        name: {
            kind: [share(one, *kinds[length][kind]) for length in LENGTHS] for kind in BEGINNINGS
        }
        for name, one in fitted.items()
    }
    facts = {
        "strategy": {name: one.strategy_ for name, one in fitted.items()},
        "promise": {name: [one.promise(each) for each in LENGTHS] for name, one in fitted.items()},
        "counted": {kind: [len(kinds[each][kind][0]) for each in LENGTHS] for kind in BEGINNINGS},
        "bucketing_bits": bucketing(keys, shares["learned"]["gap"][1], kinds[ASKED]["gap"]),
    }
    return _timed(subject, cell, plan, made, fitted, asked, low, ("btree",), shares, facts)


def bucketing(keys: Array, wanted: float | None, gaps: tuple[Array, Array]) -> float | None:
    """Give the bits a key of exact codes of the keys' upper bits that err as often as that.

    Each lower bit that is kept makes errors rarer; between two of these bits are interpolated.
    """
    if not wanted:
        return None
    found = functools.cache(functools.partial(_bucket, keys, gaps))
    shifts = range(int(keys[-1]).bit_length(), -1, -1)
    at = bisect.bisect_left(shifts, True, key=lambda shift: found(shift)[0] <= wanted)
    if at == len(shifts):
        return None
    share, bits = found(shifts[at])
    if at and share:
        more, fewer = found(shifts[at - 1])
        bits = fewer + float(np.log(more / wanted) / np.log(more / share)) * (bits - fewer)
    return round(bits, 2)


def _bucket(keys: Array, gaps: tuple[Array, Array], shift: int) -> tuple[float, float]:
    """Give the wrong answers and bits a key of exact codes without so many lower bits."""
    by = np.uint64(shift)
    coarse = keys >> by
    kept = coarse[np.r_[True, coarse[1:] != coarse[:-1]]]
    filter = library().RangeFilter(12, "exact").fit(kept)
    return share(filter, gaps[0] >> by, gaps[1] >> by) or 0.0, 8 * filter.nbytes_ / len(keys)


def points(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time and count PointFilter beside the best find."""
    lx, keys = library(), subject.keyset.keys
    made: Made = {
        "split 1 %": lambda: lx.PointFilter(0.01),
        "split 0.1 %": lambda: lx.PointFilter(0.001),
        "compact": lambda: lx.PointFilter(0.01, compact=True),
    }
    fitted = {name: make().fit(keys) for name, make in made.items()}
    queries = mixed(keys, plan.queries, plan.seed)
    asked = {name: functools.partial(one.may_contain, queries) for name, one in fitted.items()}
    lows = {kind: absent(keys, kind, 1, plan.seed)[0] for kind in BEGINNINGS}
    shares = {
        name: {
            kind: [float(one.may_contain(low).mean()) if len(low) >= FEWEST else None]
            for kind, low in lows.items()
        }
        for name, one in fitted.items()
    }
    return _timed(subject, cell, plan, made, fitted, asked, queries, ("rmi", "btree"), shares)


def positions(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time and count LearnedHash beside the best find; all queries are keys."""
    lx, keys = library(), subject.keyset.keys
    made: Made = {
        "step 256": lambda: lx.LearnedHash(),
        "step 64": lambda: lx.LearnedHash(64),
        "fingerprint 8": lambda: lx.LearnedHash(fingerprint=8),
    }
    fitted = {name: make().fit(keys) for name, make in made.items()}
    queries = hits(keys, plan.queries, plan.seed)
    for name, one in fitted.items():
        assert np.array_equal(one.position(keys), np.arange(len(keys))), f"{name}: wrong positions"
    asked = {name: functools.partial(one.position, queries) for name, one in fitted.items()}
    shares: dict[str, Any] = {"fingerprint 8": {}}
    for kind in BEGINNINGS:
        low = absent(keys, kind, 1, plan.seed)[0]
        found = float((fitted["fingerprint 8"].may_find(low) >= 0).mean()) if len(low) else None
        shares["fingerprint 8"][kind] = [found]
    return _timed(subject, cell, plan, made, fitted, asked, queries, ("rmi", "btree"), shares)


def _timed(
    subject: Subject,
    cell: Cell,
    plan: Plan,
    made: Made,
    fitted: Mapping[str, Any],
    asked: Mapping[str, Callable[[], object]],
    queries: Array,
    models: Iterable[str],
    shares: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> Timed:
    """Time questions and builds of filters beside ``find``, interleaved."""
    keys = subject.keyset.keys
    for name, one in fitted.items():
        denied = getattr(one, "may_contain", lambda some: np.ones(1, np.bool_))(keys)
        assert denied.all(), f"{name}: denies a key"
    acts = {}
    for model in models:
        index = library().LearnedIndex(keys, model)
        acts[f"find {model}"] = Act(functools.partial(index.find, queries), len(queries))
    acts |= {name: Act(action, len(queries)) for name, action in asked.items()}
    acts |= {
        f"{name} build": Act(lambda make=make: make().fit(keys), len(keys))  # type: ignore[misc]
        for name, make in made.items()
    }
    facts = {
        "bytes": {name: one.nbytes_ for name, one in fitted.items()},
        "shares": shares,
        **(more or {}),
    }
    return time_each(acts, subject.rounds(cell, plan), shuffle=plan.seed)._replace(facts=facts)


MEASURES = {RANGES: ranges, POINTS: points, POSITIONS: positions, LOOKS: filters_looks.measure}


def _places(plan: Plan) -> Iterable[Place]:
    yield from plan.usual(SETS, plan.pick(SIZES))
    if plan.name == "full":
        yield from (Place(name, None) for name in REAL if name in plan.sets)
        if PLANS["full"].sets == plan.sets or filters_looks.DOMAINS in plan.sets:
            yield Place(filters_looks.DOMAINS, None)


def _goes_with(place: Place, cell: Cell) -> bool:
    return (place.keys == filters_looks.DOMAINS) == (cell == LOOKS)


FILTERS = Suite(
    "filters",
    "filters beside find: bits, builds, questions, wrong answers",
    "ns",
    _places,
    lambda plan: list(MEASURES),
    lambda subject, cell, plan: MEASURES[cell](subject, cell, plan),
    load=load,
    goes_with=_goes_with,
    tables=tables,
)
