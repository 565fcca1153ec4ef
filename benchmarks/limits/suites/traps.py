"""Keys that were made to spoil a model: right, never far behind the tree, built in linear time."""

import functools
import statistics

from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.limits import keys as trap_keys
from benchmarks.limits.measured import Figure, Measured, Plan, Timed, build, checked, time_each
from benchmarks.rounds import ratio
from benchmarks.tables import three_digits
from benchmarks.workloads import mixed

MODELS = ("rmi", "btree", "auto")
PARTS = (8, 4, 2, 1)  # builds over an eighth of the keys and so on


def traps(keyset: KeySet, plan: Plan) -> Measured:
    """Time lookups in all keys, and builds over fewer keys of the same kind."""
    keys = keyset.keys
    queries = mixed(keys, plan.queries, plan.seed)
    actions = {}
    for name, contender in build(MODELS, keys, plan).items():
        actions[name] = Timed(checked(contender, keys, queries), len(queries))
    for part in PARTS:
        fewer = trap_keys.load(keyset.name, len(keys) // part, plan.seed).keys
        builder = functools.partial(library().LearnedIndex, fewer, "rmi")
        actions[f"build {len(fewer)}"] = Timed(builder, len(fewer))
    measured = Measured(nanoseconds=time_each(actions, plan))
    measured.slower("rmi/btree", "rmi", "btree")
    measured.slower("auto/btree", "auto", "btree")
    built = [measured.nanoseconds[name] for name in actions if name.startswith("build")]
    each = ", ".join(three_digits(statistics.median(times)) for times in built)
    measured.figures["linear build"] = Figure(ratio(built[-1], built[0]), f"a key: {each}")
    return measured
