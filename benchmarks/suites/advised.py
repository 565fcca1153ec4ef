"""Is the advice right? Verdicts of ``lx.advise``, and models of ``lx.tune``, against the clock.

Both suites time everything that could have been chosen for longer than the library does, on other
queries. A verdict is right if what it names takes at most 1.15 of the time of the fastest. A tuned
model stands beside the fastest of all that fit into its budget, no model among them.

The suite ``costs`` measures what ``lx.tune`` rests on: models of all sizes over some key sets, of
each its bytes, how often its first window misses, how far its predictions are off. ``python -m
benchmarks costs`` prints coefficients, as learnedidx/advice/_costs.py holds them, and how far they
are off, from the lines of the suite in results/measured.jsonl.
"""

import argparse
import functools
import statistics
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from benchmarks.contenders import Array
from benchmarks.contenders.contender import load
from benchmarks.contenders.library import library
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.record import Record
from benchmarks.rounds import ratio
from benchmarks.suite import Subject, Suite, Timed, next_of, time_each
from benchmarks.tables import Table, bytes_text, nanoseconds_text
from benchmarks.workloads import near

TUNED = ("uniform", "lognormal", "osm")
REAL = ("gshhg_coast", "gaia_source_id", "ip4_asn", "geonames_morton")
ADVISED: Mapping[str, int | None] = {
    **dict.fromkeys(TUNED, 10 * MILLION),
    **dict.fromkeys(("fb", "wiki", "books", "equal"), MILLION),
    "seq": 100_000,
    **dict.fromkeys(REAL),
}
LIMITS = {"full": 10 * MILLION, "small": 100_000, "tiny": 20_000}
BUDGETS = {"4 KiB": 2**12, "64 KiB": 2**16, "1 MiB": 2**20, "16 MiB": 2**24}
BATCH = 2**17
RIGHT = 1.15
NUMPY = "np.searchsorted"
COST_SETS = ("uniform", "lognormal", "osm", "fb", "wiki", "gshhg_coast")
COST_SIZES = {"full": (10**4, 10**5, 10**6, 10**7), "small": (10**4, 10**5), "tiny": (10**4,)}
COST_BATCH = 2**15
NEAR = 16  # epsilons up to two lines of 8-byte keys, where a PGM fetches all that it may need

Search = Callable[[Array], object]
Times = dict[str, list[float]]


def timed(searches: Mapping[str, Search], keys: Array, batch: int, plan: Plan) -> Times:
    """Time searches in interleaved rounds; give nanoseconds a query.

    In a round no search has the queries of the one before it, whose keys would be in the cache.
    """
    count = plan.rounds + 1
    asked = list(near(keys, count * batch, plan.seed).reshape(count, batch))
    actions = {
        name: next_of(search, asked[i % count :] + asked[: i % count])
        for i, (name, search) in enumerate(searches.items())
    }
    return time_each(actions, plan.rounds, shuffle=plan.seed, per=batch).times


def fastest(times: Times, names: Iterable[str] = ()) -> str:
    return min(names or times, key=lambda name: statistics.median(times[name]))


def search_of(name: str, keys: Array) -> Search | None:
    """Build a candidate by its name; None for those that only tell keys from others."""
    lx = library()
    if name == NUMPY:
        return functools.partial(np.searchsorted, keys)
    if name != "no model" and "(" not in name:
        return None
    model = "none" if name == "no model" else eval(name, dict(vars(lx.models)))
    search: Search = lx.LearnedIndex(keys, model).searchsorted
    return search


def advise(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Ask for advice and time all that it names."""
    keys = subject.keyset.keys
    advice = library().advise(keys)
    names = dict.fromkeys([*(one.name for one in advice.candidates), advice.chosen, NUMPY])
    made = {name: search_of(name, keys) for name in names}
    searches = {name: search for name, search in made.items() if search is not None}
    times = timed(searches, keys, cell.batch, plan)
    facts = {
        "seconds": round(advice.seconds, 2),
        "verdict": advice.verdict,
        "chosen": advice.chosen,
        "ratio": round(ratio(times[advice.chosen], times[fastest(times)]).median, 3),
        "not_built": [one.name for one in advice.candidates if one.nanoseconds is None],
    }
    return Timed(times, facts=facts)


def ladder(n: int) -> Iterable[Any]:
    lx = library()
    yield from ("none", lx.BTree(), lx.BTree(8))
    yield from (lx.RMI(n_leaves=max(n // 2**i, 1)) for i in (2, 3, 4, 5, 6, 8, 10, 12, 14))
    yield from (lx.PGM(epsilon) for epsilon in (8, 12, 16, 32, 64, 256, 2048, 2**14))
    yield from (lx.RadixSpline(epsilon) for epsilon in (16, 32, 64, 128, 256, 512))


def tune(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Tune models to the budgets; time them, and what else could have been taken."""
    keys = subject.keyset.keys
    tuned: dict[str, dict[str, Any]] = {}
    models = {str(model): model for model in ladder(keys.size)}
    for text, memory in BUDGETS.items():
        began = time.perf_counter()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            model = library().tune(keys, memory=memory)
        seconds, warned = round(time.perf_counter() - began, 2), [str(one.message) for one in said]
        tuned[text] = {"model": str(model), "seconds": seconds, "warnings": warned}
        models[str(model)] = model
    indexes = {name: library().LearnedIndex(keys, model) for name, model in models.items()}
    searches: dict[str, Search] = {name: one.searchsorted for name, one in indexes.items()}
    searches[NUMPY] = functools.partial(np.searchsorted, keys)
    times = timed(searches, keys, cell.batch, plan)
    nbytes = {name: int(index.nbytes) for name, index in indexes.items()}
    for text, one in tuned.items():
        best = fastest(times, [name for name in indexes if nbytes[name] <= BUDGETS[text]])
        one |= {"best": best, "ratio": round(ratio(times[one["model"]], times[best]).median, 3)}
    return Timed(times, facts={"bytes": nbytes, "tuned": tuned})


def count_costs(subject: Subject, cell: Cell, plan: Plan) -> Timed:
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


def advice_tables(lines: Sequence[Record]) -> list[Table]:
    right = sum(one["ratio"] <= RIGHT for one in lines)
    title = f"advice · {right} of {len(lines)} verdicts of lx.advise within {RIGHT} of the fastest"
    columns = ("keys", "n", "advised in", "verdict", "ns", "winner", "ns", "ratio")
    table = Table(title, columns)
    for one in lines:
        times, chosen, winner = record.medians(one), one["chosen"], fastest(one["times"])
        cells = [one["set"], f"{one['length']:,}", f"{one['seconds']:.2f} s"]
        for name in (chosen, winner):
            cells += [name, nanoseconds_text(times[name])]
        table.add(*cells, f"{one['ratio']:.2f}")
    return [table]


def tuned_tables(lines: Sequence[Record]) -> list[Table]:
    columns = ("keys", "budget", "took", "model", "bytes", "ns", "best timed", "ratio")
    made: dict[str, Table] = {}
    for one in lines:
        title = f"tuned · {one['length']:,} keys · the model of lx.tune, and the best that fits"
        table = made.setdefault(title, Table(title, (*columns, "none", "NumPy")))
        times = {name: nanoseconds_text(time) for name, time in record.medians(one).items()}
        for budget, tuned in one["tuned"].items():
            model = tuned["model"]
            cells = [one["set"], budget, f"{tuned['seconds']:.2f} s", model]
            cells += [bytes_text(one["bytes"][model]), times[model], tuned["best"]]
            table.add(*cells, f"{tuned['ratio']:.2f}", times["none"], times[NUMPY])
    return list(made.values())


def _advised_places(plan: Plan) -> Iterable[Place]:
    for name, n in ADVISED.items():
        if n is not None or plan.name == "full":
            yield from plan.usual([name], [n and min(n, plan.pick(LIMITS))])


ADVICE = Suite(
    "advice",
    "verdicts of lx.advise against the clock",
    "ns/query",
    _advised_places,
    lambda plan: [Cell("advise", "near", min(BATCH, plan.queries))],
    advise,
    tables=advice_tables,
)
TUNING = Suite(
    "tuned",
    "models of lx.tune against all others",
    "ns/query",
    lambda plan: plan.usual(TUNED, [plan.pick(LIMITS)]),
    lambda plan: [Cell("tune", "near", min(BATCH, plan.queries))],
    tune,
    tables=tuned_tables,
)
COSTS = Suite(
    "costs",
    "what lx.tune takes a lookup to cost",
    "ns/query",
    lambda plan: plan.usual(TUNED if plan.name == "tiny" else COST_SETS, plan.pick(COST_SIZES)),
    lambda plan: [Cell("cost", "near", COST_BATCH)],
    count_costs,
)


def read_costs(file: Path = record.KEPT) -> dict[str, list[tuple[Any, float]]]:
    """Give the facts and the time of each model, by kind, of the newest line of a place and card.

    Of a busy machine the quieter rounds count.
    """
    lines = [one for one in record.read(file) if one.get("suite") == "costs"]
    found: dict[str, list[tuple[Any, float]]] = {kind: [] for kind in costs().COSTS}
    for one in {(one["card"], record.key(one)): one for one in lines}.values():
        key_bytes = one["length"] * np.dtype(one["dtype"]).itemsize
        for model, times in one["times"].items():
            counted = (one[name][model] for name in ("bytes", "misses", "log_error"))
            facts = costs().Facts(kind_of(model), key_bytes, *counted)
            found[facts.kind].append((facts, float(np.quantile(times, 0.25))))
    return found


def costs() -> Any:
    return library() and load("learnedidx.advice._costs")


def kind_of(model: str) -> str:
    """Return which coefficients a model has: small nodes and small epsilons have their own."""
    kind, _, rest = model.partition("(")
    if kind == "PGM" and 0 < int(rest.strip("epsilon=)") or 64) <= NEAR:
        return "PGM near"
    return "BTree8" if rest == "node=8)" else kind


def fit(rows: Sequence[tuple[Any, float]]) -> tuple[float, ...]:
    """Return the coefficients of a kind, none below 0, of least squares of relative errors."""
    table = np.array([facts.terms() for facts, _ in rows]) / [[time] for _, time in rows]
    used = np.any(table != 0, axis=0)
    while True:
        solved = np.zeros(table.shape[1])
        solved[used] = np.linalg.lstsq(table[:, used], np.ones(len(rows)))[0]
        if (solved >= 0).all():
            return tuple(round(float(each), 3) for each in solved)
        used &= solved >= 0


def show_costs(_: argparse.Namespace) -> int:
    rows = read_costs()
    found = {kind: fit(own) for kind, own in rows.items()}
    print(*(f"    {kind!r}: {each}," for kind, each in found.items()), sep="\n")
    for kind, own in rows.items():
        off = [abs(np.dot(found[kind], facts.terms()) / time - 1) for facts, time in own]
        print(f"{kind}: median {np.median(off):.0%}, 90 % within {np.quantile(off, 0.9):.0%}")
    return 0
