"""The page of the results, one HTML file without network, and their tables; two runs side by side.

Times of two runs differ as the machine does. So a row of ``compare`` has the ratio of every
contender: those that did not change between the runs are the control, and what changed has to stand
out of it.
"""

import argparse
import inspect
import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks import record
from benchmarks.machine import card, git, identity
from benchmarks.native import ROOT
from benchmarks.record import Record
from benchmarks.report import auto, boards, pages, plain
from benchmarks.report.measured import NAMES
from benchmarks.report.page import page
from benchmarks.required import tables as required
from benchmarks.suites import SUITES
from benchmarks.tables import Table

OUT = Path("build/leaderboard.html")
HEAD = """# Measured

Written by `python -m benchmarks report --markdown`. Medians of interleaved rounds in one process,
each suite in its unit; a ratio says how many times the time of the first one a rival takes. A
number behind it is its floor: "of" says that it is met.
"""
COMPARED = ("contender", "cells", "new ÷ old", "lowest", "highest", "least rounds")
SHARED = ("rounds.py", "workloads.py", "contenders")  # what every suite measures with
Add = Callable[..., argparse.Action]


def add_options(add: Add) -> None:
    files = "results: by default yours and the committed ones"
    add("--file", type=Path, nargs="+", help=files)
    add("--out", type=Path, default=OUT, help=f"the page ({OUT})")
    add("--suites", nargs="+", choices=SUITES, metavar="SUITE", help="tables of these")
    for option, text in {
        "--readme": "write the figures that pages quote",
        "--stale": "list figures older than their suite",
        "--release": "fail where there are such figures",
        "--tables": "print the newest tables instead",
        "--required": "floors: met, missed, unmeasured",
        "--auto": "print what auto chooses and its losses",
        "--markdown": "print these in Markdown",
    }.items():
        add(option, action="store_true", help=text)


def show(chosen: argparse.Namespace) -> int:
    files = chosen.file or [record.FILE, record.KEPT]
    if chosen.readme:
        changed = pages.write()
        print("\n".join(f"written: {path}" for path in changed) or "all figures are current")
    elif chosen.stale or chosen.release:
        found = stale(boards.read(chosen.file or [*files, record.AUTO]))
        print(found.plain(), end="")
        return int(chosen.release and len(found.rows) > 0)
    elif chosen.required:
        print(required.page(boards.read(files), markdown=chosen.markdown))
    elif chosen.auto:
        cells = auto.merged(boards.read(chosen.file or [record.AUTO]))
        print(auto.page(cells, whole=chosen.markdown), end="")
    elif chosen.tables or chosen.markdown:
        made = plain.tables(plain.newest(boards.read(files), chosen.suites))
        if chosen.markdown:
            print(f"{HEAD}\n**{plain.floors(made)}.**\n")
        for table in made:
            print(table.markdown() if chosen.markdown else table.plain())
    else:
        write(files, chosen.out)
    return 0


def write(files: Sequence[Path], out: Path) -> None:
    here = identity(card())
    text = page(boards.boards(boards.read(files), first=here), here)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(f"written: {out} ({len(text.encode()) / 1e6:.2f} MB)")


def stale(lines: Iterable[Record]) -> Table:
    """List the suites and processors whose newest figures are older than what measures them."""
    newest = {
        (str(one.get("suite", "lookups")), machine["cpu"]): machine.get("commit", "unknown")
        for one in record.measured(lines)
        if (machine := one[record.MACHINE])
    }
    made = Table("figures whose suite changed after them", ["suite", "processor", "commit", "why"])
    for (suite, cpu), commit in sorted(newest.items()):
        if suite in SUITES and (why := _why_stale(commit, suite)):
            made.add(suite, cpu, commit, why)
    return made


def _why_stale(commit: str, suite: str) -> str:
    """Say what is wrong with a commit, or nothing."""
    name = commit.removesuffix("-dirty")
    if name != commit:
        return "measured in a changed tree"
    try:
        git("merge-base", "--is-ancestor", name, "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return "no commit of this history"
    measure = str(inspect.getsourcefile(inspect.unwrap(SUITES[suite].measure)))
    paths = [measure, *(str(ROOT / "benchmarks" / shared) for shared in SHARED)]
    changed = git("diff", "--name-only", name, "HEAD", "--", *paths).split()
    return f"{len(changed)} files changed since" if changed else ""


def compare(chosen: argparse.Namespace) -> int:
    for file in (chosen.old, chosen.new):
        if not file.exists():
            raise FileNotFoundError(f"{file}: no such file")
    for table in compared(_newest(chosen.old), _newest(chosen.new)):
        print(table.plain(), end="")
    return 0


def compared(before: dict[object, Record], after: dict[object, Record]) -> list[Table]:
    ratios: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for place in (place for place in after if place in before):
        suite = ratios.setdefault(after[place].get("suite", "lookups"), {})
        for who, times in after[place]["times"].items():
            earlier = before[place]["times"].get(who)
            if earlier and times:
                medians = statistics.median(times) / statistics.median(earlier)
                suite.setdefault(who, []).append((medians, min(times) / min(earlier)))
    if not ratios:
        raise ValueError("the files have no cell of one processor in common")
    return [_comparison(suite, found) for suite, found in ratios.items()]


def _newest(file: Path) -> dict[object, Record]:
    """Give the newest of each cell, processor and keys; someone's own may have one name in both."""
    return {
        (
            one[record.MACHINE].get("cpu"),
            record.key(one),
            *(one.get(field, "") for field in ("length", "dtype", "unit")),
        ): one
        for one in record.measured(record.read(file))
    }


def _comparison(suite: str, found: dict[str, list[tuple[float, float]]]) -> Table:
    table = Table(f"{suite}: new ÷ old", COMPARED)
    for who, pairs in found.items():
        medians, least = zip(*pairs, strict=True)
        shown = [statistics.median(medians), min(medians), max(medians), statistics.median(least)]
        table.add(NAMES.get(who, who), str(len(pairs)), *(f"{value:.2f}" for value in shown))
    table.notes.append("median over cells of the ratio of medians; the last of the fastest rounds")
    table.notes.append("what did not change between the runs is the control")
    return table
