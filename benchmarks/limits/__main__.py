"""Measure what is required of the library's speed: ``python -m benchmarks.limits``.

Runs every block that fits (``--large`` for those of 50 and 100 million keys), prints one table a
figure, and with ``--write`` adds each finished block to results/limits.jsonl. A block that the file
has already for this machine, these versions and this commit is not run again.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.contenders.library import library_missing
from benchmarks.keysets import KeySet
from benchmarks.limits import keys as key_sets
from benchmarks.limits import records, report
from benchmarks.limits.blocks import BLOCKS, Block, by_keys
from benchmarks.limits.measured import Plan
from benchmarks.limits.native import NativeMissingError
from benchmarks.limits.suites import SUITES

QUICK = Plan(queries=20_000, rounds=2)
QUICK_PART = 100  # of the keys
QUICK_REAL = 20_000  # of a real set, thinned


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    names = sorted({block.keys for block in BLOCKS})
    parser.add_argument("--suites", nargs="+", choices=tuple(SUITES), default=tuple(SUITES))
    parser.add_argument("--sets", nargs="+", choices=names, default=names, metavar="SET")
    parser.add_argument("--large", action="store_true", help="also 50 and 100 million keys")
    parser.add_argument("--rounds", type=int, default=Plan().rounds)
    parser.add_argument("--quick", action="store_true", help="tiny keys: only to see that it runs")
    parser.add_argument("--write", action="store_true", help="add finished blocks to the file")
    parser.add_argument("--again", action="store_true", help="also blocks that the file has")
    parser.add_argument("--file", type=Path, default=records.FILE, help="where blocks are kept")
    parser.add_argument("--show", action="store_true", help="print what the file has, run nothing")
    parser.add_argument("--markdown", action="store_true", help="write the file's tables beside it")
    return parser.parse_args(arguments)


def wanted(chosen: argparse.Namespace, plan: Plan, card: dict[str, str]) -> list[Block]:
    """List the blocks that the command line asks for and the file does not have."""
    kept = records.read(chosen.file) if chosen.write and not chosen.again else []
    return [
        block
        for block in BLOCKS
        if block.suite in chosen.suites
        and block.keys in chosen.sets
        and (chosen.large or not block.large)
        and not records.is_done(block, plan, card, kept)
    ]


def load(name: str, n: int | None, plan: Plan, *, quick: bool) -> KeySet:
    """Make or read the keys of some blocks; a quick run takes a few of them."""
    if quick:
        n = QUICK_REAL if n is None else n // QUICK_PART
    return key_sets.load(name, n, plan.seed)


def run(chosen: argparse.Namespace, found: list[records.Record]) -> None:
    """Measure block by block; each is written, and added to `found`, as soon as it is finished."""
    plan = QUICK if chosen.quick else Plan(rounds=chosen.rounds)
    plan = plan._replace(say=lambda text: print(f"    {text}", file=sys.stderr))
    card = machine.card()
    blocks = wanted(chosen, plan, card)
    for (name, n), group in by_keys(blocks):
        print(f"{group[0].label}: loading", file=sys.stderr)
        try:
            keyset = load(name, n, plan, quick=chosen.quick)
        except FileNotFoundError as error:
            print(f"{group[0].label}: left out: {error}", file=sys.stderr)
            continue
        for block in group:
            entry = measure(block, keyset, plan, card)
            if entry is None:
                continue
            found.append(entry)
            if chosen.write and not chosen.quick:
                records.append(entry, chosen.file)
        del keyset


def measure(
    block: Block, keyset: KeySet, plan: Plan, card: dict[str, str]
) -> records.Record | None:
    """Measure one block; None if its C++ cannot be compiled here."""
    print(f"{block.suite} · {keyset.label}", file=sys.stderr)
    try:
        measured = SUITES[block.suite](keyset, plan)
    except NativeMissingError as error:
        print(f"{block.suite}: left out: {error}", file=sys.stderr)
        return None
    described = len(keyset.keys), str(keyset.keys.dtype)
    return records.record(block, described, plan, measured, card)


def measure_all(chosen: argparse.Namespace) -> int:
    """Run and print; what was finished is printed also when the run ends early."""
    if reason := library_missing():
        print(f"error: {reason}", file=sys.stderr)
        return 2
    found: list[records.Record] = []
    code = 0
    try:
        run(chosen, found)
    except KeyboardInterrupt:
        print("stopped: what follows was finished", file=sys.stderr)
        code = 130
    except (AssertionError, ValueError) as error:  # wrong answers of ours are an AssertionError
        print(f"error: {error}", file=sys.stderr)
        code = 2
    show(found)
    if chosen.quick:
        print("a quick run: its ratios mean nothing")
    return code


def show(found: list[records.Record]) -> None:
    """Print all tables, and how many of the floors are met."""
    for table in report.tables(found):
        print(table.plain())  # wider than some terminals: whole lines, none cut short
    for card in report.cards(found):
        print(card)
    print(report.summary(report.lines(found)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and keep what the command line asks for."""
    chosen = parse(arguments)
    code = 0 if chosen.show or chosen.markdown else measure_all(chosen)
    if chosen.show:
        show(records.read(chosen.file))
    if chosen.markdown:
        page = chosen.file.with_suffix(".md")
        page.write_text(report.markdown(records.read(chosen.file)), encoding="utf-8")
        print(f"written: {page.name}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
