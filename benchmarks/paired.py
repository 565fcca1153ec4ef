"""Time contenders against each other in interleaved rounds of one process.

``python -m benchmarks.paired --dataset uniform --n 10000000 --contenders rmi btree16 numpy absl``
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import keysets, machine
from benchmarks.contenders import defaults, make, names
from benchmarks.contenders.named import add_contender_option, add_named, add_rival_option
from benchmarks.keysets import KeySet
from benchmarks.progress import Progress
from benchmarks.rounds import ratio
from benchmarks.session import (
    SORTEDNESS_CHECK,
    Entry,
    enter,
    time_batches,
    time_builds,
    time_scalars,
)
from benchmarks.tables import Table, bytes_text, seconds_text, three_digits
from benchmarks.workloads import WORKLOADS

RESULTS = Path(__file__).resolve().parent / "results"
QUERIES = {"batch": 2_000_000, "scalar": 160_000, "build": 0}
UNITS = {"batch": "ns/query", "scalar": "ns/call", "build": "ns/key"}


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paired", description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--dataset", default="uniform", help="a name of datasets.names()")
    source.add_argument("--keys", metavar="FILE.npy", help="your own keys")
    parser.add_argument("--n", type=int, help="number of keys (10 million if made)")
    parser.add_argument("--verb", choices=tuple(UNITS), default="batch")
    parser.add_argument("--workload", choices=tuple(WORKLOADS), default="mixed")
    parser.add_argument("--queries", type=int, help=f"number of queries {QUERIES}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--contenders", nargs="+", default=defaults(), metavar="NAME", help=", ".join(names())
    )
    add_rival_option(parser)
    add_contender_option(parser)
    parser.add_argument("--baseline", help="what the ratios divide by (the first contender)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-memory", action="store_true", help="measure no process growth")
    parser.add_argument("--write", metavar="NAME", help="add a line to results/NAME.jsonl")
    return parser.parse_args(arguments)


def load_keys(chosen: argparse.Namespace) -> KeySet:
    """Load the keys that the command line asks for."""
    if chosen.keys is not None:
        return keysets.from_file(chosen.keys)
    return keysets.from_name(chosen.dataset, chosen.n, seed=chosen.seed)


def measure(chosen: argparse.Namespace, keyset: KeySet) -> tuple[list[Entry], list[float]]:
    """Build, check and time; gives the entries and the times that ratios divide by."""
    entries: list[Entry] = []
    with Progress(2 * len(chosen.contenders) + 2) as progress:
        for name in chosen.contenders:
            progress.step(f"building {name}")
            entries.append(enter(make(name), keyset, measure_memory=not chosen.no_memory))
        if chosen.verb == "build":
            return entries, time_builds(entries, keyset, chosen.rounds, progress.step)[
                chosen.baseline or SORTEDNESS_CHECK
            ]
        progress.step("drawing queries")
        count = chosen.queries or QUERIES[chosen.verb]
        queries = WORKLOADS[chosen.workload](keyset.keys, count, chosen.seed)
        time_verb = time_batches if chosen.verb == "batch" else time_scalars
        time_verb(entries, keyset, queries, chosen.rounds, progress.step)
    return entries, baseline_times(entries, chosen.baseline)


def baseline_times(entries: Sequence[Entry], name: str | None) -> list[float]:
    """Give the times of the named contender, or of the first that ran."""
    for entry in entries:
        if entry.nanoseconds and name in (None, entry.name):
            return entry.nanoseconds
    raise ValueError(f"baseline: {name or 'no contender'} did not run")


def make_table(title: str, unit: str, entries: Sequence[Entry], baseline: list[float]) -> Table:
    """Put all entries into one table; those that did not run say why."""
    table = Table(title, ["contender", unit, "ratio", "(low-high)", "bytes", "build"])
    for entry in entries:
        if entry.why_not is not None:
            table.add_missing(entry.contender.label, entry.why_not)
            continue
        spread = ratio(entry.nanoseconds, baseline)
        table.add(
            entry.contender.shown,
            three_digits(statistics.median(entry.nanoseconds)),
            three_digits(spread.median),
            f"({three_digits(spread.low)}-{three_digits(spread.high)})",
            ("~" if entry.bytes_measured else "") + bytes_text(entry.nbytes),
            seconds_text(entry.build_seconds or 0.0),
            ours=entry.contender.ours,
        )
        if note := entry.contender.note():
            table.notes.append(f"* {entry.contender.label}: {note}")
    return table


def as_record(chosen: argparse.Namespace, keyset: KeySet, entries: Sequence[Entry]) -> str:
    """Write a run as one line of JSON: every round, the machine, and what was asked."""
    record: dict[str, Any] = {
        "machine": machine.card(),
        "keys": {"name": keyset.name, "n": len(keyset.keys), "dtype": str(keyset.keys.dtype)},
        "verb": chosen.verb,
        "workload": chosen.workload,
        "queries": chosen.queries or QUERIES[chosen.verb],
        "seed": chosen.seed,
        "unit": UNITS[chosen.verb],
        "contenders": [
            {
                "name": entry.name,
                "rounds": [round(value, 3) for value in entry.nanoseconds],
                "bytes": entry.nbytes,
                "build_seconds": entry.build_seconds,
                "missing": entry.why_not,
                "note": entry.contender.note(),
            }
            for entry in entries
        ],
    }
    return json.dumps(record)


def describe_run(chosen: argparse.Namespace, keyset: KeySet) -> str:
    """Say in one line what was timed."""
    if chosen.verb == "build":
        return f"build · {keyset.label} · {chosen.rounds} rounds"
    count = chosen.queries or QUERIES[chosen.verb]
    return (
        f"{chosen.verb} lookups · {keyset.label} · {count:,} {chosen.workload} queries · "
        f"{chosen.rounds} rounds"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and print the table."""
    chosen = parse(arguments)
    try:
        add_named(chosen)
        keyset = load_keys(chosen)
        entries, baseline = measure(chosen, keyset)
    except KeyboardInterrupt:
        print("stopped: nothing was written", file=sys.stderr)
        return 130
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    table = make_table(describe_run(chosen, keyset), UNITS[chosen.verb], entries, baseline)
    table.notes += legend(chosen, entries)
    table.show()
    if chosen.write:
        RESULTS.mkdir(exist_ok=True)
        with (RESULTS / f"{chosen.write}.jsonl").open("a", encoding="utf-8") as file:
            file.write(as_record(chosen, keyset, entries) + "\n")
    return 0


def legend(chosen: argparse.Namespace, entries: Sequence[Entry]) -> list[str]:
    """Say what the columns mean and on which machine this was."""
    if chosen.verb == "build":
        base = chosen.baseline or "(keys[1:] >= keys[:-1]).all()"
    else:
        base = chosen.baseline or next(entry.name for entry in entries if entry.nanoseconds)
    return [
        f"ratio: time / time of {base} in the same round; median of the rounds, low and high",
        "bytes: beside the caller's keys; ~ is the growth of a fresh process",
        machine.one_line(machine.card()),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
