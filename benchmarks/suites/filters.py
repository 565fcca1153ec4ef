"""Filters: bits a key, builds, questions beside ``find`` over keys in memory, and wrong answers.

All keys are distinct. Times of builds are of a key, others of a query. Shares of wrong answers are
counted over ranges without a key, which begin anywhere between the first and the last key
(``uniform``), 1 to 32 above a key (``near``), or anywhere in the gap above a key (``gap``). Over
names, whose looks can be learned, they are counted over words that are none.
"""

import bisect
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from benchmarks import keysets
from benchmarks.contenders import Array
from benchmarks.contenders.contender import absent_packages
from benchmarks.contenders.library import library
from benchmarks.contenders.text import TextKeys, borrowed
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Act, Subject, Suite, Timed, time_each
from benchmarks.suites.filters_tables import LOOKS, POINTS, POSITIONS, RANGES, tables
from benchmarks.workloads import hits, mixed, near
from datasets import text
from datasets.text.texts import Text

SETS = ("uniform", "lognormal", "osm", "clusters")
REAL = ("gaia_source_id", "gshhg_coast")
DOMAINS = "mail_domains"
SIZES = {"full": (MILLION, 10 * MILLION), "small": (MILLION // 10,), "tiny": (5_000,)}
LENGTHS = (1, 16, 1024, 2**16)
BEGINNINGS = ("uniform", "near", "gap")
DRAWN = 200_000
FEWEST = 1_000  # ranges without a key that a share is counted over
CLUSTER, INSIDE, BETWEEN = 1_000, 200, 10**12  # keys of a cluster, and how far apart they lie
ASKED = 16  # values of a range that is timed
LEARNED_BITS = 12.8
FINDS = {"find rmi": "rmi", "find btree": "btree"}
TOP = np.uint64(np.iinfo(np.uint64).max)

Ranges = tuple[Array, Array]  # their first and last values
Shares = dict[str, list[float | None]]  # of wrong answers, by what was asked


class Kind(NamedTuple):
    """Filters that answer one question, who answers it too, and what is asked."""

    keys: Any
    fits: Mapping[str, Callable[[], Any]]
    verb: str
    asked: tuple[Any, ...]  # its arguments: the queries first
    finds: Mapping[str, str]  # models of those who answer by find
    wrong: Callable[[Any], Shares]
    more: Callable[[Mapping[str, Any], Mapping[str, Shares]], Mapping[str, Any]] = lambda *_: {}


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Fit filters, count bits and wrong answers, and time questions and builds, interleaved."""
    if missing := absent_packages(*["pyarrow"] * (cell == LOOKS)):
        return Timed({}, missing)
    kind = KINDS[cell](subject.keyset.keys, plan)
    fitted = {name: fit() for name, fit in kind.fits.items()}
    acts = {}
    for name, model in kind.finds.items():
        index = library().LearnedIndex(kind.keys, model)
        acts[name] = Act(functools.partial(index.find, kind.asked[0]), len(kind.asked[0]))
    for name, one in fitted.items():
        denied = getattr(one, "may_contain", lambda some: np.ones(1, np.bool_))(kind.keys)
        assert denied.all(), f"{name}: denies a key"
        asking = functools.partial(getattr(one, kind.verb), *kind.asked)
        acts[name] = Act(asking, len(kind.asked[0]))
        acts[f"{name} build"] = Act(kind.fits[name], len(kind.keys))
    wrong = {name: kind.wrong(one) for name, one in fitted.items()}
    shares = {name: found for name, found in wrong.items() if found}
    facts = {"bytes": {name: one.nbytes_ for name, one in fitted.items()}, "shares": shares}
    facts |= kind.more(fitted, shares)
    return time_each(acts, subject.rounds(cell, plan), shuffle=plan.seed)._replace(facts=facts)


def ranges(keys: Array, plan: Plan) -> Kind:
    lx, low = library(), near(keys, plan.queries, plan.seed)
    high = low + np.minimum(np.uint64(ASKED - 1), TOP - low)
    kinds = {of: {n: absent(keys, of, n, plan.seed) for n in LENGTHS} for of in BEGINNINGS}

    def wrong(one: Any) -> Shares:
        asking = functools.partial(one.may_contain_range, inclusive="both")
        return {
            of: [share(asking, *each) for each in drawn.values()] for of, drawn in kinds.items()
        }

    def more(fitted: Mapping[str, Any], shares: Mapping[str, Shares]) -> Mapping[str, Any]:
        at = LENGTHS.index(ASKED)
        return {
            "strategy": {name: one.strategy_ for name, one in fitted.items()},
            "promise": {name: [*map(one.promise, LENGTHS)] for name, one in fitted.items()},
            "counted": {of: [len(low) for low, _ in each.values()] for of, each in kinds.items()},
            "bucketing_bits": bucketing(keys, shares["learned"]["gap"][at], kinds["gap"][ASKED]),
        }

    fits = {
        "robust": lambda: lx.RangeFilter(12.3, "robust").fit(keys),
        "auto": lambda: lx.RangeFilter(12).fit(keys),
        "exact": lambda: lx.RangeFilter(12, "exact").fit(keys),
        "learned": lambda: lx.RangeFilter(LEARNED_BITS, "learned").fit(keys),
    }
    asked = (low, high, "both")
    return Kind(keys, fits, "may_contain_range", asked, {"find btree": "btree"}, wrong, more)


def points(keys: Array, plan: Plan) -> Kind:
    lx, queries = library(), mixed(keys, plan.queries, plan.seed)
    fits = {
        "split 1 %": lambda: lx.PointFilter(0.01).fit(keys),
        "split 0.1 %": lambda: lx.PointFilter(0.001).fit(keys),
        "compact": lambda: lx.PointFilter(0.01, compact=True).fit(keys),
    }
    lows = absent_values(keys, plan)

    def wrong(one: Any) -> Shares:
        return {of: [share(one.may_contain, low)] for of, low in lows.items()}

    return Kind(keys, fits, "may_contain", (queries,), FINDS, wrong)


def positions(keys: Array, plan: Plan) -> Kind:
    lx, queries = library(), hits(keys, plan.queries, plan.seed)
    fits = {
        "step 256": lambda: lx.LearnedHash().fit(keys),
        "step 64": lambda: lx.LearnedHash(64).fit(keys),
        "fingerprint 8": lambda: lx.LearnedHash(fingerprint=8).fit(keys),
    }
    lows = absent_values(keys, plan)

    def wrong(one: Any) -> Shares:
        assert np.array_equal(one.position(keys), np.arange(len(keys))), f"{one}: wrong positions"
        if not one.fingerprint:
            return {}
        return {of: [share(lambda some: one.may_find(some) >= 0, low)] for of, low in lows.items()}

    return Kind(keys, fits, "position", (queries,), FINDS, wrong)


def looks(names: Any, plan: Plan) -> Kind:
    """Ask LearnedFilter for names, and for words of which half have taught it what is none."""
    lx, whole, n = library(), names.whole, len(names)
    parts = np.array_split(np.arange(n, len(whole)), 2)
    keys = names.form(borrowed)
    taught, unseen = (borrowed(whole.take(part)) for part in parts)
    random = np.random.default_rng(plan.seed)
    drawn = random.integers(n, size=DRAWN), random.choice(parts[1], DRAWN)
    queries = borrowed(whole.take(np.where(random.random(DRAWN) < 0.5, *drawn)))
    fits = {
        "learned": lambda: lx.LearnedFilter(fpr=0.01).fit(keys, taught),
        "compact": lambda: lx.PointFilter(0.01, compact=True).fit(keys),
        "split 1 %": lambda: lx.PointFilter(0.01).fit(keys),
    }

    def wrong(one: Any) -> Shares:
        return {"held out": [float(one.may_contain(unseen).mean())]}

    return Kind(keys, fits, "may_contain", (queries,), {"find text": "auto"}, wrong)


def share(may_be_there: Callable[..., Any], *absent: Array) -> float | None:
    """Count how many of what is absent is answered by maybe; None of too few."""
    return None if len(absent[0]) < FEWEST else float(may_be_there(*absent).mean())


def absent(keys: Array, beginning: str, length: int, seed: int) -> Ranges:
    random = np.random.default_rng([seed, length])
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
    low = low[low <= TOP - np.uint64(length - 1)]
    high = low + np.uint64(length - 1)
    empty = np.searchsorted(keys, low) == np.searchsorted(keys, high, "right")
    return low[empty], high[empty]


def absent_values(keys: Array, plan: Plan) -> dict[str, Array]:
    return {of: absent(keys, of, 1, plan.seed)[0] for of in BEGINNINGS}


def bucketing(keys: Array, wanted: float | None, gaps: Ranges) -> float | None:
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


def _bucket(keys: Array, gaps: Ranges, shift: int) -> tuple[float, float]:
    """Give the wrong answers and bits a key of exact codes without so many lower bits."""
    low, high, coarse = (each >> np.uint64(shift) for each in (*gaps, keys))
    filter = library().RangeFilter(12, "exact").fit(np.unique(coarse))
    found = share(functools.partial(filter.may_contain_range, inclusive="both"), low, high)
    return found or 0.0, 8 * filter.nbytes_ / len(keys)


def load(name: str, n: int | None, seed: int) -> KeySet:
    """Load distinct keys, draw clusters, or load names."""
    if name == DOMAINS:
        return _names(seed)
    if name != "clusters" or n is None:
        return KeySet(name, np.unique(keysets.from_name(name, n, seed).keys))
    random = np.random.default_rng(seed)
    steps = random.integers(1, 2 * INSIDE, n, np.uint64)
    steps[::CLUSTER] = random.integers(1, 2 * BETWEEN, len(steps[::CLUSTER]))
    return KeySet(name, np.cumsum(steps, dtype=np.uint64))


def _names(seed: int) -> KeySet:
    """Load mail domains without their endings, and behind them words that are none."""
    names = {domain.rpartition(b".")[0] for domain in text.load(DOMAINS).tolist()}
    words = {word.lower() for word in text.load("words").tolist() if b"'" not in word}
    others = np.array(sorted(word for word in words - names if word.isascii()), object)
    np.random.default_rng(seed).shuffle(others)
    keys = np.arange(len(names)).view(TextKeys)
    keys.whole = Text.of([*sorted(names), *others.tolist()])
    return KeySet(DOMAINS, keys)


def _places(plan: Plan) -> Iterable[Place]:
    yield from plan.usual(SETS, plan.pick(SIZES))
    if plan.name == "full":
        yield from (Place(name, None) for name in REAL if name in plan.sets)
        if plan.takes(DOMAINS):
            yield Place(DOMAINS, None)


KINDS: dict[Cell, Callable[[Any, Plan], Kind]] = {
    RANGES: ranges,
    POINTS: points,
    POSITIONS: positions,
    LOOKS: looks,
}
FILTERS = Suite(
    "filters",
    "filters beside find: bits, builds, questions, wrong answers",
    "ns",
    _places,
    lambda plan: [*KINDS],
    measure,
    load=load,
    goes_with=lambda place, cell: (place.keys == DOMAINS) == (cell == LOOKS),
    tables=tables,
)
