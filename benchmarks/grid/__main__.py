"""Measure every structure over every key set: ``python -m benchmarks.grid``.

Cells that the file has already, for this machine and these versions, are not measured again. A run
ends early by Ctrl-C or ``--seconds``; with ``--write``, what was finished stays.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.contenders.library import library_missing
from benchmarks.grid import cells, records, report, timing
from benchmarks.grid.cells import BATCHES, SETS, SIZES, Place
from benchmarks.progress import Progress

QUICK_SETS, QUICK_SIZES, QUICK_BATCHES = ("uniform", "osm"), (0, 8, 1000), (1, 64, 1000)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid", description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="SET")
    parser.add_argument("--sizes", nargs="+", type=_count, default=SIZES, help="numbers of keys")
    parser.add_argument("--batches", nargs="+", type=_count, default=BATCHES)
    parser.add_argument("--seconds", type=float, help="start no cell after so many seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="add finished cells to the file")
    parser.add_argument("--again", action="store_true", help="also cells that the file has")
    parser.add_argument("--choices", action="store_true", help="ask auto anew, measure nothing")
    parser.add_argument("--quick", action="store_true", help="few cells: only to see that it runs")
    parser.add_argument("--file", type=Path, default=records.FILE, help="where cells are kept")
    parser.add_argument("--show", action="store_true", help="print what the file has, run nothing")
    parser.add_argument("--markdown", action="store_true", help="write the file's page beside it")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.sets, chosen.sizes, chosen.batches = QUICK_SETS, QUICK_SIZES, QUICK_BATCHES
    return chosen


def _count(text: str) -> int:
    """Read a number such as 1000 or 1e6."""
    number = float(text)
    if number < 0 or number != int(number):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(number)


def wanted(chosen: argparse.Namespace, card: dict[str, str]) -> list[tuple[Place, list[int]]]:
    """List the places that are asked for, each with the batches that the file does not have."""
    kept = set() if chosen.again else records.done(records.read(chosen.file), card)
    found = []
    for place in cells.places(chosen.sets, chosen.sizes):
        batches = [batch for batch in chosen.batches if (place, batch) not in kept]
        if batches:
            found.append((place, batches))
    return found


def run(chosen: argparse.Namespace, keep: Callable[[records.Record], object]) -> None:
    """Measure place by place; of a place that a stop ends, what was finished is kept too."""
    card = machine.card()
    todo = wanted(chosen, card)
    ends = time.monotonic() + (chosen.seconds or float("inf"))
    with Progress(sum(len(batches) for _, batches in todo)) as progress:
        for place, batches in todo:
            finished: records.Record | None = None
            try:
                for record in measured(place, batches, chosen.seed, card, progress):
                    finished = record
                    if time.monotonic() > ends:
                        return
            finally:
                if finished is not None:
                    keep(finished)
            gc.collect()


def measured(
    place: Place, batches: list[int], seed: int, card: dict[str, str], progress: Progress
) -> Iterator[records.Record]:
    """Give the record of a place, anew whenever one more cell of it is finished."""
    progress.step(f"{place.label}: building")
    try:
        keyset = cells.load(place, seed)
    except FileNotFoundError as error:
        print(f"{place.label}: left out: {error}", file=sys.stderr)
        return
    built = timing.build(keyset.keys)
    timing.check(built, timing.queries_for(keyset, timing.CHECKED, seed))
    taken: dict[int, dict[str, list[float]]] = {}
    for number, batch in enumerate(batches):
        if number > 0:
            progress.step(f"{place.label}: batches of {batch:,}")
        taken[batch] = timing.time_cell(built, keyset, batch, seed)
        yield records.record(place, str(keyset.keys.dtype), built, taken, card)


def ask_again(chosen: argparse.Namespace) -> None:
    """Ask auto what it chooses now at places that the file has, and add that to it."""
    card = machine.card()
    known = records.read(chosen.file).places
    asked = [place for place in cells.places(chosen.sets, chosen.sizes) if place in known]
    with Progress(len(asked)) as progress:
        for place in asked:
            progress.step(f"{place.label}: asking auto")
            keyset = cells.load(place, chosen.seed)
            built = timing.choice(keyset.keys)
            found = records.record(place, str(keyset.keys.dtype), built, {}, card)
            records.append(found, chosen.file)


def measure(chosen: argparse.Namespace) -> int:
    """Run and print; what was finished is kept and printed also when the run ends early."""
    if reason := library_missing():
        print(f"error: {reason}", file=sys.stderr)
        return 2
    found: list[records.Record] = []

    def keep(finished: records.Record) -> None:
        found.append(finished)
        if chosen.write and not chosen.quick:
            records.append(finished, chosen.file)

    code = 0
    try:
        if chosen.choices:
            ask_again(chosen)
        else:
            run(chosen, keep)
    except KeyboardInterrupt:
        print("stopped: what follows was finished", file=sys.stderr)
        code = 130
    except (AssertionError, ValueError) as error:  # wrong answers of ours are an AssertionError
        print(f"error: {error}", file=sys.stderr)
        code = 2
    print(report.text(records.merged(found)), end="")
    if chosen.quick:
        print("a quick run: its ratios mean nothing")
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and keep what the command line asks for."""
    chosen = parse(arguments)
    code = 0 if chosen.show or chosen.markdown else measure(chosen)
    if chosen.show:
        print(report.text(records.read(chosen.file)), end="")
    if chosen.markdown:
        page = chosen.file.with_suffix(".md")
        page.write_text(report.markdown(records.read(chosen.file)), encoding="utf-8")
        print(f"written: {page.name}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
