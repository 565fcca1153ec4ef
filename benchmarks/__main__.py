"""Measure and show: ``python -m benchmarks run SUITE...``, ``report``, ``compare``, ``refit``.

Every cell is written as soon as it is measured, into build/measured.jsonl unless `--file` says
otherwise. A run that was stopped goes on where it was; `--minutes` stops by itself.
"""

import argparse
import dataclasses
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import keysets, record, refit
from benchmarks.contenders import names
from benchmarks.contenders.library import library_missing
from benchmarks.contenders.named import add_named
from benchmarks.plan import PLANS, TRAPS, Plan
from benchmarks.report import command as report
from benchmarks.report import compared, plain
from benchmarks.report.render import missing as page_missing
from benchmarks.runner import Run
from benchmarks.suite import Suite
from benchmarks.suites import GROUPS, SUITES
from benchmarks.suites.auto import SETS

RIVAL = "an index in C++: its adapter file, folders to include from, -OPTIONS; repeatable"
SHOWN = 60  # cells that a run prints at its end: more are on the page


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    _add_run(verbs.add_parser("run", help="measure suites", epilog=_suites(), formatter_class=raw))
    show = verbs.add_parser("report", help="the page and the tables of what was measured")
    report.add_options(show)
    refit.add_options(verbs.add_parser("refit", help="fit the constants of auto to records"))
    old_new = verbs.add_parser("compare", help="two files of results, cell by cell")
    old_new.add_argument("old", type=Path)
    old_new.add_argument("new", type=Path)
    return parser.parse_args(arguments)


def _suites() -> str:
    return "\n".join(["suites:", *(f"  {one.name:<16}{one.about}" for one in SUITES.values())])


def _add_run(parser: argparse.ArgumentParser) -> None:
    known = (*SUITES, *GROUPS)
    parser.add_argument("suites", nargs="+", choices=known, metavar="SUITE", help="see below")
    parser.add_argument("--plan", choices=tuple(PLANS), help="how much (full)")
    parser.add_argument("--keys", metavar="FILE", help="your own keys, and no other ones")
    parser.add_argument("--sets", nargs="+", metavar="SET", help="only these key sets")
    parser.add_argument("--sizes", nargs="+", type=_count, metavar="N", help="only these sizes")
    parser.add_argument("--contenders", nargs="+", metavar="NAME", help=", ".join(names()))
    parser.add_argument(
        "--batches", nargs="*", type=_positive, metavar="N", help="queries in a call"
    )
    for option, metavar, text in (
        ("--rival", f"NAME=ADAPTER.cpp[{os.pathsep}FOLDER...]", RIVAL),
        ("--contender", "MODULE:CLASS", "a benchmarks.contenders.Contender of yours; repeatable"),
    ):
        parser.add_argument(option, action="append", default=[], metavar=metavar, help=text)
    parser.add_argument("--rounds", type=_positive, help="interleaved rounds, at most")
    parser.add_argument("--minutes", type=float, help="start nothing new after so many minutes")
    parser.add_argument("--again", action="store_true", help="also what the file has")
    parser.add_argument("--counts", action="store_true", help="instructions a lookup, no times")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--file", type=Path, help="where lines are kept (build/measured.jsonl)")
    where.add_argument("--keep", action="store_true", help="in the results that are committed")
    parser.add_argument("--page", action="store_true", help="write the page when it ends")
    parser.add_argument("--out", type=Path, help="where the page is written")


def _count(text: str) -> int:
    """Read a number of keys or queries, also as 1e6."""
    number = float(text)
    if not (number >= 0 and number.is_integer()):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(number)


def _positive(text: str) -> int:
    """Read a number of queries or rounds."""
    if (number := _count(text)) == 0:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text!r}")
    return number


def asked(chosen: argparse.Namespace) -> list[Suite]:
    """List the suites that the command line names, alone or as a group."""
    names = dict.fromkeys(name for one in chosen.suites for name in GROUPS.get(one, (one,)))
    return [SUITES[name] for name in names]


def make_plan(chosen: argparse.Namespace) -> Plan:
    """Cut the plan down to what the command line asks for."""
    plan = PLANS[chosen.plan or ("required" if "required" in chosen.suites else "full")]
    own = [place.keys for suite in asked(chosen) for place in suite.places(plan)]
    known = dict.fromkeys([*SETS, *TRAPS, *own])
    if unknown := set(chosen.sets or ()) - known.keys():
        listed = ", ".join(known)
        raise ValueError(f"--sets: no set {', '.join(sorted(unknown))}; there are {listed}")
    return dataclasses.replace(
        plan,
        sets=tuple(chosen.sets or plan.sets),
        sizes=tuple(chosen.sizes or plan.sizes),
        batches=plan.batches if chosen.batches is None else tuple(chosen.batches),
        rounds=chosen.rounds or plan.rounds,
    )


def make_run(chosen: argparse.Namespace) -> Run:
    """Prepare what the command line asks for; your own keys get a file of their own."""
    file, own = record.FILE, None
    if chosen.keys is not None:
        own = keysets.from_file(chosen.keys)
        file = record.FILE.with_name(f"own-{re.sub(r'[^A-Za-z0-9_-]+', '-', own.name)}.jsonl")
    suites = asked(chosen)
    if own is not None and (others := [s.name for s in suites if not s.takes_keys]):
        raise ValueError(f"--keys: {', '.join(others)} makes its own keys")
    plan = make_plan(chosen)
    if own is None:
        _can_be_measured(chosen, suites, plan)
    if chosen.keep and own is None:
        if len({suite.keep for suite in suites}) > 1:
            raise ValueError("--keep: auto keeps its lines in a file of its own: run it alone")
        file = suites[0].keep
    return Run(suites, plan, chosen.file or file, chosen.contenders, own)


def _can_be_measured(chosen: argparse.Namespace, suites: Sequence[Suite], plan: Plan) -> None:
    """Refuse what would silently measure nothing, or something else than what is asked for."""
    listed = ", ".join(suite.name for suite in suites)
    named = chosen.contenders or chosen.contender or chosen.rival
    if named and not any(suite.takes_contenders for suite in suites):
        raise ValueError(f"--contenders: {listed} has contenders of its own")
    if 0 in plan.sizes and any(suite is not SUITES["auto"] for suite in suites):
        raise ValueError("--sizes: 0 keys are measured by the suite auto alone")
    if not any(place for suite in suites for place in suite.places(plan)):
        raise ValueError(f"--sets, --sizes: {listed} has no place of these")


def run(chosen: argparse.Namespace) -> int:
    """Measure; what was measured stays, also when the run ends early."""
    if reason := library_missing() or (chosen.page and page_missing()):
        print(f"error: {reason}", file=sys.stderr)
        return 2
    if chosen.contenders or chosen.rival or chosen.contender:
        usual = dict.fromkeys(
            name
            for suite in asked(chosen)
            for name in suite.contenders or make_plan(chosen).contenders
        )
        chosen.contenders = chosen.contenders or [*usual]
        add_named(chosen)
    going = make_run(chosen)
    try:
        code = go(going, chosen)
    finally:
        if 0 < len(going.measured) <= SHOWN:
            for table in plain.tables(going.measured):
                table.show()
        if chosen.page:
            write_page(going, chosen)
    return code


def write_page(going: Run, chosen: argparse.Namespace) -> None:
    """Write the page of all that the file has: also when the run was stopped."""
    out = chosen.out or report.OUT
    if going.own is not None and chosen.out is None:
        out = out.with_name(f"{going.file.stem}.html")
    report.write([going.file], out)


def go(going: Run, chosen: argparse.Namespace) -> int:
    """Measure what is left of the plan."""
    try:
        if chosen.counts:
            going.count()
            return 0
        tasks = going.tasks(again=chosen.again)
        cells = sum(len(task.cells) for task in tasks)
        print(f"card {going.id}: {cells} cells to measure, into {going.file.name}", file=sys.stderr)
        if cells == 0:
            print("the file has all of them; --again measures anew", file=sys.stderr)
        going.go(tasks, going.plan.minutes if chosen.minutes is None else chosen.minutes)
    except KeyboardInterrupt:
        print("stopped: what was measured is kept, and the next run goes on", file=sys.stderr)
        return 130
    left = sum(len(task.cells) for task in going.tasks())
    print(f"{left} cells of this plan are left", file=sys.stderr)
    return 0


def compare(chosen: argparse.Namespace) -> int:
    """Print a table for each suite that both files have."""
    for file in (chosen.old, chosen.new):
        if not file.exists():
            raise FileNotFoundError(f"{file}: no such file")
    for table in compared.tables(record.read(chosen.old), record.read(chosen.new)):
        table.show()
    return 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": run,
    "report": report.show,
    "refit": refit.show,
    "compare": compare,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    chosen = parse(arguments)
    try:
        return VERBS[chosen.verb](chosen)
    except (AssertionError, ValueError, OSError, MemoryError) as error:  # wrong answers of ours too
        print(f"error: {str(error) or repr(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
