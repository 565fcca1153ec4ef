"""What a lookup costs by what can be counted: the measurements that ``lx.tune`` rests on.

Many models over some key sets: of each its time, its bytes, how often its first window misses and
how far its predictions are off. ``python -m benchmarks.costs`` fits coefficients to these lines.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.contenders.library import library
from benchmarks.plan import Cell, Place, Plan
from benchmarks.suite import Subject, Suite, Timed
from benchmarks.suites.advised import timed

SETS = ("uniform", "lognormal", "osm", "fb", "wiki", "gshhg_coast")
SIZES = {"full": (10**4, 10**5, 10**6, 10**7), "small": (10**4, 10**5), "tiny": (10**4,)}
BATCH = 2**15
LEAVES = (4, 16, 32, 64, 256, 1024, 4096)  # keys for each leaf of an RMI


def models(n: int) -> Iterator[Any]:
    """Make every model that is measured over n keys."""
    lx = library()
    yield from ("none", lx.BTree(16), lx.BTree(8))
    yield from (lx.RMI(n_leaves=max(n // keys, 1)) for keys in LEAVES)
    yield from (lx.PGM(epsilon) for epsilon in (8, 16, 32, 64, 256, 2048, 2**14))
    yield from (lx.RadixSpline(epsilon) for epsilon in (16, 32, 128, 512))


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Build and time all models; give what is counted of each, and its time."""
    keys = subject.keyset.keys
    made = {str(model): library().LearnedIndex(keys, model) for model in models(keys.size)}
    searches = {name: index.searchsorted for name, index in made.items()}
    stats = {name: index.stats() for name, index in made.items()}
    facts = {
        "bytes": {name: index.nbytes for name, index in made.items()},
        "misses": {i: round(1 - one.get("first_window_hits", 1.0), 4) for i, one in stats.items()},
        "log_error": {i: round(one.get("mean_log2_error", 0.0), 3) for i, one in stats.items()},
    }
    return Timed(timed(searches, keys, cell.batch, plan), facts=facts)


def _places(plan: Plan) -> Iterable[Place]:
    return plan.usual(SETS if plan.name == "full" else SETS[:3], SIZES[plan.name])


COSTS = Suite(
    "costs",
    "what lx.tune takes a lookup to cost",
    "ns/query",
    _places,
    lambda plan: [Cell("cost", "near", BATCH)],
    measure,
)
