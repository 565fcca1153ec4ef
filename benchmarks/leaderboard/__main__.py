"""Measure the leaderboard and write its page: ``python -m benchmarks.leaderboard``.

Every cell is written to results/leaderboard.jsonl as soon as it is measured. A run that was stopped
goes on where it was; ``--minutes`` stops by itself. ``--keys FILE.npy`` measures your keys.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import keysets
from benchmarks.contenders.library import library_missing
from benchmarks.leaderboard import records
from benchmarks.leaderboard.plan import CONTENDERS, PLANS
from benchmarks.leaderboard.run import Run
from benchmarks.report import __main__ as report


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaderboard", description=__doc__)
    parser.add_argument("--plan", choices=tuple(PLANS), default="full", help="how much")
    parser.add_argument("--keys", metavar="FILE.npy", help="your own keys, and no other ones")
    parser.add_argument("--minutes", type=float, help="start nothing new after so many minutes")
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    parser.add_argument("--sets", nargs="+", metavar="SET", help="only these key sets")
    parser.add_argument("--sizes", nargs="+", type=int, metavar="N", help="only these sizes")
    parser.add_argument("--counts", action="store_true", help="instructions a lookup, no times")
    parser.add_argument("--file", type=Path, help="where lines are kept")
    parser.add_argument("--page", action="store_true", help="write the page when it ends")
    parser.add_argument("--out", type=Path, help="where the page is written")
    return parser.parse_args(arguments)


def make_run(chosen: argparse.Namespace) -> Run:
    """Prepare what the command line asks for; your own keys get a file of their own."""
    plan, file, own = PLANS[chosen.plan], records.FILE, None
    if chosen.keys is not None:
        own = keysets.from_file(chosen.keys)
        file = records.RESULTS / f"own-{re.sub(r'[^A-Za-z0-9_-]+', '-', own.name)}.jsonl"
    return Run(plan, chosen.file or file, chosen.contenders, own)


def measure(chosen: argparse.Namespace) -> int:
    """Measure; what was measured stays, also when the run ends early."""
    run = make_run(chosen)
    try:
        code = go(run, chosen)
    finally:
        if chosen.page:
            write_page(run, chosen)
    return code


def write_page(run: Run, chosen: argparse.Namespace) -> None:
    """Write the page of all that the file has: also when the run was stopped."""
    out = chosen.out or report.OUT
    if run.own is not None and chosen.out is None:
        out = out.with_name(f"{run.file.stem}.html")
    report.main(["--file", str(run.file), "--out", str(out)])


def go(run: Run, chosen: argparse.Namespace) -> int:
    """Measure what is left of the plan."""
    try:
        if chosen.counts:
            run.count()
            return 0
        tasks = [
            task
            for task in run.tasks()
            if (not chosen.sets or task.block.keys in chosen.sets)
            and (not chosen.sizes or task.block.n in chosen.sizes)
        ]
        cells = sum(len(task.cells) for task in tasks)
        print(f"card {run.id}: {cells} cells to measure, into {run.file.name}", file=sys.stderr)
        run.go(tasks, run.plan.minutes if chosen.minutes is None else chosen.minutes)
    except KeyboardInterrupt:
        print("stopped: what was measured is kept, and the next run goes on", file=sys.stderr)
        return 130
    left = sum(len(task.cells) for task in run.tasks())
    print(f"{left} cells of this plan are left", file=sys.stderr)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    if reason := library_missing():
        print(f"error: {reason}", file=sys.stderr)
        return 2
    try:
        return measure(parse(arguments))
    except (AssertionError, ValueError, FileNotFoundError) as error:  # wrong answers of ours too
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
