"""Keys that were made to spoil a model: right, never far behind the tree, built in linear time."""

import functools
from collections.abc import Iterable

import numpy as np

import datasets
from benchmarks import keysets
from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.plan import MILLION, PLANS, TRAPS, Cell, Place, Plan
from benchmarks.suite import Act, Subject, Timed, checked, time_each
from benchmarks.suites.variants import built, suite
from benchmarks.workloads import mixed

SIZE = 8 * MILLION
MODELS = ("rmi", "btree", "auto")
PARTS = {"build 1/8": 8, "build 1/4": 4, "build 1/2": 2, "build": 1}  # of the keys
NARROW = np.uint64(24)  # bits by which a uniform draw is narrowed beside its outliers
FAR = 100  # one key in so many is an outlier


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time lookups in all keys, and builds over fewer keys of the same kind."""
    keyset = subject.keyset
    queries = mixed(keyset.keys, plan.queries, plan.seed)
    there, missing = built(MODELS, keyset)
    actions = {name: checked(one, keyset.keys, queries) for name, one in there.items()}
    for name, part in PARTS.items():
        fewer = load(keyset.name, len(keyset.keys) // part, plan.seed).keys
        actions[name] = Act(functools.partial(library().LearnedIndex, fewer, "rmi"), len(fewer))
    return time_each(actions, subject.rounds(cell, plan), missing)


def load(name: str, n: int | None, seed: int) -> KeySet:
    """Make a key set: one of `datasets`, or uniform 40-bit keys beside outliers.

    These are the end of the format, or every hundredth key, spread over all magnitudes up to 2^64.
    """
    if "_outlier" not in name or n is None:
        return keysets.from_name(name, n, seed)
    keys = datasets.load("uniform", n=n, seed=seed) >> NARROW
    if name == "one_outlier":
        keys[-1:] = np.iinfo(np.uint64).max
    else:
        exponents = np.random.default_rng(seed).uniform(40.0, 64.0, n // FAR)
        far = np.minimum(np.exp2(exponents), np.nextafter(2.0**64, 0))
        keys[: n // FAR] = far.astype(np.uint64)
    return KeySet(name, np.sort(keys))


def _places(plan: Plan) -> Iterable[Place]:
    (n,) = plan.largest(SIZE)
    all_sets = PLANS[plan.name].sets == plan.sets
    return [Place(name, n) for name in TRAPS if all_sets or name in plan.sets]


TRAPPED = suite("traps", "keys made to spoil a model, and builds", _places, measure, load=load)
