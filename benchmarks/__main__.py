"""Measure and show: ``python -m benchmarks run SUITE...``, ``report``, ``compare``, ``demo``.

Every cell is written as soon as it is measured, into build/measured.jsonl unless `--file` says
otherwise. A run that was stopped goes on where it was; `--minutes` stops by itself.
"""

import argparse
import dataclasses
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import demo, keysets, record, refit
from benchmarks.contenders import names
from benchmarks.contenders.library import library_missing
from benchmarks.contenders.named import add_named
from benchmarks.plan import PLANS, TRAPS, Plan
from benchmarks.report import command as report
from benchmarks.report import plain
from benchmarks.report.render import missing as page_missing
from benchmarks.runner import Run
from benchmarks.suite import Suite
from benchmarks.suites import GROUPS, SUITES, advised
from benchmarks.suites.auto import SETS

SHOWN = 60  # cells that a run prints at its end: more are on the page


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    suites = "\n".join(["suites:", *(f"  {one.name:<16}{one.about}" for one in SUITES.values())])
    raw = argparse.RawDescriptionHelpFormatter
    verb = verbs.add_parser("run", help="measure suites", epilog=suites, formatter_class=raw)
    verb.set_defaults(act=run)
    _add_run(verb.add_argument)
    where = verb.add_mutually_exclusive_group()
    where.add_argument("--file", type=Path, help="where lines are kept (build/measured.jsonl)")
    where.add_argument("--keep", action="store_true", help="in the results that are committed")
    verb = verbs.add_parser("report", help="the page and the tables of what was measured")
    verb.set_defaults(act=report.show)
    report.add_options(verb.add_argument)
    verb = verbs.add_parser("refit", help="fit the constants of auto to records")
    verb.set_defaults(act=refit.show)
    verb.add_argument("--file", type=Path, default=record.AUTO, help="where cells are kept")
    verb = verbs.add_parser("costs", help="fit what lx.tune takes a lookup to cost to records")
    verb.set_defaults(act=advised.show_costs)
    verb = verbs.add_parser("compare", help="two files of results, cell by cell")
    verb.set_defaults(act=report.compare)
    verb.add_argument("old", type=Path)
    verb.add_argument("new", type=Path)
    verb = verbs.add_parser("demo", help="train an RMI, check, time and draw it beside its rivals")
    verb.set_defaults(act=demo.show)
    verb.add_argument("--out", default="demo.png", help="where the picture goes")
    verb.add_argument("--keys", metavar="FILE", help="your own keys instead of Gaia's")
    verb.add_argument("--quick", action="store_true", help="small sizes: a smoke test, no result")
    return parser.parse_args(arguments)


def _add_run(add: report.Add) -> None:
    some, more = {"nargs": "+"}, {"action": "append", "default": []}
    add("suites", **some, choices=(*SUITES, *GROUPS), metavar="SUITE", help="see below")
    add("--plan", choices=tuple(PLANS), help="how much (full)")
    add("--keys", metavar="FILE", help="your own keys, and no other ones")
    add("--sets", **some, metavar="SET", help="only these key sets")
    add("--sizes", **some, type=_count, metavar="N", help="only these sizes")
    add("--contenders", **some, metavar="NAME", help=", ".join(names()))
    add("--batches", nargs="*", type=_positive, metavar="N", help="queries in a call")
    rival = "an index in C++: its adapter file, folders to include from, -OPTIONS; repeatable"
    add("--rival", **more, metavar=f"NAME=ADAPTER.cpp[{os.pathsep}FOLDER...]", help=rival)
    own = "a benchmarks.contenders.Contender of yours; repeatable"
    add("--contender", **more, metavar="MODULE:CLASS", help=own)
    add("--rounds", type=_positive, help="interleaved rounds, at most")
    add("--minutes", type=float, help="start nothing new after so many minutes")
    add("--again", action="store_true", help="also what the file has")
    add("--page", action="store_true", help="write the page when it ends")
    add("--out", type=Path, help="where the page is written")


def _count(text: str) -> int:
    """Read a number of keys or queries, also as 1e6."""
    number = float(text)
    if not (number >= 0 and number.is_integer()):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(number)


def _positive(text: str) -> int:
    if (number := _count(text)) == 0:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text!r}")
    return number


def asked(chosen: argparse.Namespace) -> list[Suite]:
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
    suites, plan = asked(chosen), make_plan(chosen)
    if chosen.keys is not None:
        own = keysets.from_file(chosen.keys)
        if others := [suite.name for suite in suites if not suite.takes_keys]:
            raise ValueError(f"--keys: {', '.join(others)} makes its own keys")
        name = f"own-{re.sub(r'[^A-Za-z0-9_-]+', '-', own.name)}.jsonl"
        file = chosen.file or record.FILE.with_name(name)
        return Run(suites, plan, file, chosen.contenders, own)
    _can_be_measured(chosen, suites, plan)
    if chosen.keep and len({suite.keep for suite in suites}) > 1:
        raise ValueError("--keep: auto keeps its lines in a file of its own: run it alone")
    file = suites[0].keep if chosen.keep else chosen.file or record.FILE
    return Run(suites, plan, file, chosen.contenders)


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
    """Measure; what was measured stays, and is shown, also when the run ends early."""
    if reason := library_missing() or (chosen.page and page_missing()):
        raise ValueError(reason)
    if chosen.contenders or chosen.rival or chosen.contender:
        plan = make_plan(chosen)
        usual = (name for suite in asked(chosen) for name in suite.contenders or plan.contenders)
        chosen.contenders = chosen.contenders or list(dict.fromkeys(usual))
        add_named(chosen)
    going = make_run(chosen)
    try:
        return go(going, chosen)
    finally:
        if 0 < len(going.measured) <= SHOWN:
            for table in plain.tables(going.measured):
                print(table.plain(), end="")
        if chosen.page:
            own = report.OUT.with_name(f"{going.file.stem}.html")
            report.write([going.file], chosen.out or (report.OUT if going.own is None else own))


def go(going: Run, chosen: argparse.Namespace) -> int:
    try:
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


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parse(arguments)
    try:
        return int(chosen.act(chosen))
    except (AssertionError, ValueError, OSError, MemoryError) as error:  # wrong answers of ours too
        print(f"error: {str(error) or repr(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
