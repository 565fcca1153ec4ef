"""Building, the check of the order included, beside NumPy's check alone."""

import functools

from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.limits.measured import Measured, Plan, Timed, time_each

MODELS = ("rmi", "btree", "auto")
CHECK = "check"


def builds(keyset: KeySet, plan: Plan) -> Measured:
    """Time `LearnedIndex(keys, model)`; what was built is freed after the clock has stopped."""
    keys = keyset.keys

    make = library().LearnedIndex
    actions = {model: Timed(functools.partial(make, keys, model), len(keys)) for model in MODELS}
    actions[CHECK] = Timed(lambda: (keys[1:] >= keys[:-1]).all(), len(keys))
    measured = Measured(nanoseconds=time_each(actions, plan))
    for model in MODELS:
        measured.slower(f"build {model}", model, CHECK)
    return measured
