"""Is the advice right? Verdicts of ``lx.advise``, and models of ``lx.tune``, against the clock.

``python -m benchmarks.advised`` asks for advice on twelve key sets, then times every candidate
for longer, in interleaved rounds of other queries: a verdict is right if what it names takes at
most 1.15 of the time of the fastest. Then it tunes models for 10**7 keys to some memory budgets
and times what was chosen beside models of all sizes. ``--write`` keeps lines in
results/advised.jsonl and results/tuned.jsonl, and pages of them.
"""

import argparse
import json
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
from benchmarks import machine
from benchmarks.contenders import Array
from benchmarks.keysets import from_name
from benchmarks.rounds import ratio, time_rounds
from benchmarks.tables import Row, Table, bytes_text

RESULTS = Path(__file__).resolve().parent / "results"
SETS: dict[str, int | None] = {
    "uniform": 10**7,
    "lognormal": 10**7,
    "osm": 10**7,
    "fb": 10**6,
    "wiki": 10**6,
    "books": 10**6,
    "seq": 10**5,
    "equal": 10**6,
    "gshhg_coast": None,
    "gaia_source_id": None,
    "ip4_asn": None,
    "geonames_morton": None,
}
TUNED = ("uniform", "lognormal", "osm")
BUDGETS = {"4 KiB": 2**12, "64 KiB": 2**16, "1 MiB": 2**20, "16 MiB": 2**24}
BATCH, ROUNDS, SEED = 2**17, 11, 7
RIGHT = 1.15

Line = dict[str, Any]


def queries(keys: Array) -> list[Array]:
    """Draw shuffled queries, a batch for each round: half are keys, half lie between them."""
    drawn = np.random.default_rng(SEED)
    at = drawn.integers(0, max(keys.size - 1, 1), (ROUNDS + 1, BATCH))
    low, high = keys[at], keys[np.minimum(at + 1, keys.size - 1)]
    return list(np.where(drawn.random(at.shape) < 0.5, low, low + (high - low) // 2))


def timed(searches: dict[str, Callable[[Array], object]], keys: Array) -> dict[str, list[int]]:
    """Time searches in interleaved rounds, each round on another batch for every one of them."""
    asked = queries(keys)
    turns = {name: i for i, name in enumerate(searches)}

    def action(name: str) -> Callable[[], object]:
        def act() -> object:
            turns[name] += 1
            return searches[name](asked[turns[name] % len(asked)])

        return act

    actions = {name: action(name) for name in searches}
    order = random.Random(SEED)
    return time_rounds(actions, ROUNDS, clock=time.thread_time_ns, shuffle=order)


def search_of(name: str, keys: Array) -> Callable[[Array], object] | None:
    """Build the candidate of that name; None for those that only tell keys from others."""
    if name == "np.searchsorted":
        return lambda batch: np.searchsorted(keys, batch)
    if name == "no model":
        return lx.LearnedIndex(keys, "none").searchsorted
    if "(" not in name:
        return None
    known = {"PGM": lx.PGM, "RMI": lx.RMI, "BTree": lx.BTree, "RadixSpline": lx.RadixSpline}
    kind, _, rest = name.rstrip(")").partition("(")
    chosen = dict(item.split("=") for item in rest.split(", ") if item)
    model = known[kind](**{key: int(value) for key, value in chosen.items()})
    return lx.LearnedIndex(keys, model).searchsorted


def advised(name: str, keys: Array) -> Line:
    """Ask for advice and time all that it names."""
    advice = lx.advise(keys)
    made = {one.name: search_of(one.name, keys) for one in advice.candidates}
    times = timed({each: search for each, search in made.items() if search is not None}, keys)
    medians = {each: statistics.median(rounds) for each, rounds in times.items()}
    winner = min(medians, key=lambda each: medians[each])
    lost = ratio(times[advice.chosen], times[winner]).median
    return {
        "set": name,
        "n": keys.size,
        "dtype": str(keys.dtype),
        "seconds": round(advice.seconds, 2),
        "verdict": advice.verdict,
        "chosen": advice.chosen,
        "winner": winner,
        "ratio": round(lost, 3),
        "right": lost <= RIGHT,
        "nanoseconds": {each: round(taken / BATCH, 2) for each, taken in medians.items()},
        "not_built": [one.name for one in advice.candidates if one.nanoseconds is None],
    }


def others(n: int) -> list[Any]:
    """Return models of all sizes, to compare the chosen ones with."""
    found: list[Any] = [lx.BTree(), lx.BTree(8)]
    found += [lx.RMI(n_leaves=n // keys) for keys in (8, 16, 32, 64, 256, 1024, 4096, 16384)]
    found += [lx.PGM(epsilon) for epsilon in (8, 12, 16, 32, 64, 256, 2048, 2**14)]
    return found + [lx.RadixSpline(epsilon) for epsilon in (16, 32, 64, 128, 256, 512)]


def tuned(name: str, keys: Array) -> list[Line]:
    """Tune models to the budgets; time them, and what else could have been taken."""
    found, indexes = {}, {"none": lx.LearnedIndex(keys, "none")}
    for text, memory in BUDGETS.items():
        began = time.perf_counter()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            model = lx.tune(keys, memory=memory)
        seconds = time.perf_counter() - began
        found[text] = (str(model), seconds, [str(one.message) for one in said])
        indexes[str(model)] = lx.LearnedIndex(keys, model)
    for other in others(keys.size):
        indexes.setdefault(str(other), lx.LearnedIndex(keys, other))
    searches = {each: index.searchsorted for each, index in indexes.items()}
    times = timed({**searches, "np": lambda batch: np.searchsorted(keys, batch)}, keys)
    medians = {each: statistics.median(rounds) / BATCH for each, rounds in times.items()}
    lines = []
    for text, memory in BUDGETS.items():
        model, seconds, said_then = found[text]
        fitting = [each for each, index in indexes.items() if index.nbytes <= memory]
        best = min(fitting, key=medians.__getitem__)
        lines.append(
            {
                "set": name,
                "n": keys.size,
                "budget": memory,
                "budget_text": text,
                "seconds": round(seconds, 2),
                "model": model,
                "bytes": indexes[model].nbytes,
                "nanoseconds": round(medians[model], 2),
                "best_timed": best,
                "ratio": round(ratio(times[model], times[best]).median, 3),
                "none": round(medians["none"], 2),
                "np.searchsorted": round(medians["np"], 2),
                "warnings": said_then,
            }
        )
    return lines


def advice_table(lines: list[Line]) -> Table:
    """Lay out verdicts against winners."""
    right = sum(bool(line["right"]) for line in lines)
    table = Table(
        f"lx.advise against a longer run: {right} of {len(lines)} verdicts within {RIGHT}",
        ("keys", "n", "advised in", "verdict", "ns", "winner", "ns", "ratio"),
    )
    for line in lines:
        times = line["nanoseconds"]
        cells = [line["set"], f"{line['n']:,}", f"{line['seconds']:.2f} s", line["chosen"]]
        cells += [f"{times[line['chosen']]:.1f}", line["winner"], f"{times[line['winner']]:.1f}"]
        table.add(*cells, f"{line['ratio']:.2f}", ours=bool(line["right"]))
    return table


def tuning_table(lines: list[Line]) -> Table:
    """Lay out what was tuned."""
    table = Table(
        "lx.tune: the fastest model within a budget; ratio to the best of all that were timed",
        ("keys", "budget", "took", "model", "bytes", "ns", "best timed", "ratio", "none", "np"),
    )
    for line in lines:
        cells = [line["set"], line["budget_text"], f"{line['seconds']:.2f} s", line["model"]]
        cells += [bytes_text(line["bytes"]), f"{line['nanoseconds']:.1f}", line["best_timed"]]
        cells += [f"{line['ratio']:.2f}", f"{line['none']:.1f}", f"{line['np.searchsorted']:.1f}"]
        table.add(*cells)
    return table


def page(table: Table, card: dict[str, str], command: str) -> str:
    """Write a table as Markdown."""
    rows = [Row(list(table.columns)), Row(["---"] * len(table.columns)), *table.rows]
    text = "\n".join("| " + " | ".join(row.cells) + " |" for row in rows)
    how = f"Nanoseconds a lookup: batches of {BATCH:,} shuffled queries, half of them keys, one "
    how += f"thread, whose own time is counted; medians of {ROUNDS} interleaved rounds. "
    how += f"{machine.one_line(card)}."
    return f"# {table.title}\n\nMade by `{command}`. {how}\n\n{text}\n"


def keep(name: str, lines: list[Line], table: Table, card: dict[str, str]) -> None:
    """Write lines and page; earlier ones of the file are replaced."""
    text = "".join(json.dumps({"machine": card, **line}) + "\n" for line in lines)
    (RESULTS / f"{name}.jsonl").write_text(text, encoding="utf-8")
    written = page(table, card, "python -m benchmarks.advised --write")
    (RESULTS / f"{name}.md").write_text(written, encoding="utf-8")


def main() -> None:
    """Run what was asked for; print, and keep with --write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.advised", description=__doc__)
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--tune", nargs="*", choices=TUNED, default=list(TUNED))
    parser.add_argument("--write", action="store_true", help="keep lines and pages in results/")
    chosen = parser.parse_args()
    if chosen.write and not (
        len(chosen.sets) in (0, len(SETS)) and len(chosen.tune) in (0, len(TUNED))
    ):
        parser.error("--write replaces whole tables: name all sets of a table, or none")
    card = machine.card()
    verdicts, models = [], []
    for name in chosen.sets:
        print(name, file=sys.stderr)
        verdicts.append(advised(name, from_name(name, SETS[name]).keys))
    for name in chosen.tune:
        print(f"tune {name}", file=sys.stderr)
        models += tuned(name, from_name(name, 10**7).keys)
    for kind, lines, lay in (
        ("advised", verdicts, advice_table),
        ("tuned", models, tuning_table),
    ):
        if lines:
            print(lay(lines).plain())
            if chosen.write:
                keep(kind, lines, lay(lines), card)


if __name__ == "__main__":
    main()
