"""What a lookup costs by what can be counted: the measurements that ``lx.tune`` rests on.

Models of all sizes over some key sets: of each its time, its bytes, how often its first window
misses, how far its predictions are off. ``python -m benchmarks.costs`` fits coefficients to them.
"""

from benchmarks.contenders.library import library
from benchmarks.plan import Cell, Plan
from benchmarks.suite import Subject, Suite, Timed
from benchmarks.suites.advised import ladder, timed

SETS = ("uniform", "lognormal", "osm", "fb", "wiki", "gshhg_coast")
SIZES = {"full": (10**4, 10**5, 10**6, 10**7), "small": (10**4, 10**5), "tiny": (10**4,)}
BATCH = 2**15


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Build and time all models; give what is counted of each, and its time."""
    keys = subject.keyset.keys
    made = {str(model): library().LearnedIndex(keys, model) for model in ladder(keys.size)}
    stats = {name: index.stats() for name, index in made.items()}
    facts = {
        "bytes": {name: index.nbytes for name, index in made.items()},
        "misses": {i: round(1 - one.get("first_window_hits", 1.0), 4) for i, one in stats.items()},
        "log_error": {i: round(one.get("mean_log2_error", 0.0), 3) for i, one in stats.items()},
    }
    searches = {name: index.searchsorted for name, index in made.items()}
    return Timed(timed(searches, keys, cell.batch, plan), facts=facts)


COSTS = Suite(
    "costs",
    "what lx.tune takes a lookup to cost",
    "ns/query",
    lambda plan: plan.usual(SETS[:3] if plan.name == "tiny" else SETS, plan.pick(SIZES)),
    lambda plan: [Cell("cost", "near", BATCH)],
    measure,
)
