"""How long ``index.extended`` takes beside an index built anew over the longer keys.

Beside the whole calls stand two that only compare and check the order, so that their difference is
the training: ``extended`` less ``checked``, ``built`` less ``ordered``.
"""

import numpy as np

from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.rounds import Action
from benchmarks.suite import Subject, Suite, Timed, time_each

ADDED = 100  # one key in so many is new
SIZES = {"full": 10 * MILLION, "small": MILLION, "tiny": 40_000}
MODELS = ("rmi", "btree", "radix_spline", "pgm")


def log_keys(name: str, n: int | None, seed: int) -> KeySet:
    """Draw seconds as a log has them: floats, with gaps that are exponentially long."""
    gaps = np.random.default_rng(seed).exponential(1.0, n or SIZES["full"])
    return KeySet(name, 1.7e9 + np.cumsum(gaps))


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time an extension, one whose old keys are vouched for, a build, and the checks alone."""
    lx, keys, model = library(), subject.keyset.keys, cell.workload
    first = keys[: len(keys) - len(keys) // ADDED].copy()  # other memory, so that keys are compared
    index, plain = lx.LearnedIndex(first, model), lx.LearnedIndex(first, "none")
    actions: dict[str, Action] = {
        "extended": lambda: index.extended(keys),
        "vouched": lambda: index.extended(keys, assume_unchanged=True),
        "checked": lambda: plain.extended(keys),
        "built": lambda: lx.LearnedIndex(keys, model),
        "ordered": lambda: lx.LearnedIndex(keys, "none"),
    }
    return time_each(actions, subject.rounds(cell, plan), per=MILLION)


EXTENDED = Suite(
    "extended",
    "appended keys: index.extended beside a build",
    "ms",
    lambda plan: plan.usual(["log_seconds"], [plan.pick(SIZES)]),
    lambda plan: [Cell("extend", model) for model in MODELS],
    measure,
    load=log_keys,
)
