"""Write the page of the results: ``python -m benchmarks report``, one HTML file without network."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks import record
from benchmarks.machine import card, identity
from benchmarks.report import auto, boards, pages, plain, stale
from benchmarks.report.page import page
from benchmarks.required import tables as required
from benchmarks.suites import SUITES

OUT = Path("build/leaderboard.html")
HEAD = """# Measured

Written by `python -m benchmarks report --markdown`. Medians of interleaved rounds in one process,
each suite in its unit; a ratio says how many times the time of the first one a rival takes. A
number behind it is its floor: "of" says that it is met.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what a report takes."""
    parser.add_argument(
        "--file", type=Path, nargs="+", help="results: by default yours and the committed ones"
    )
    parser.add_argument("--out", type=Path, default=OUT, help=f"the page ({OUT})")
    parser.add_argument("--readme", action="store_true", help="write the figures that pages quote")
    parser.add_argument("--stale", action="store_true", help="list figures older than their suite")
    parser.add_argument("--release", action="store_true", help="fail where there are such figures")
    parser.add_argument("--tables", action="store_true", help="print the newest tables instead")
    parser.add_argument("--required", action="store_true", help="floors: met, missed, unmeasured")
    parser.add_argument(
        "--suites", nargs="+", choices=SUITES, metavar="SUITE", help="tables of these"
    )
    parser.add_argument(
        "--auto", action="store_true", help="print what auto chooses and its losses"
    )
    parser.add_argument("--markdown", action="store_true", help="print these in Markdown")


def show(chosen: argparse.Namespace) -> int:
    """Write the page, or print tables."""
    files = chosen.file or [record.FILE, record.KEPT]
    if chosen.readme:
        changed = pages.write()
        print("\n".join(f"written: {path}" for path in changed) or "all figures are current")
    elif chosen.stale or chosen.release:
        found = stale.table(boards.read(chosen.file or [*files, record.AUTO]))
        found.show()
        return int(chosen.release and len(found.rows) > 0)
    elif chosen.required:
        print(required.page(boards.read(files), markdown=chosen.markdown))
    elif chosen.auto:
        grid = auto.merged(boards.read(chosen.file or [record.AUTO]))
        print(auto.page(grid, whole=chosen.markdown), end="")
    elif chosen.tables or chosen.markdown:
        lines = plain.newest(boards.read(files), chosen.suites)
        made = plain.tables(lines)
        if chosen.markdown:
            print(f"{HEAD}\n**{plain.floors(made)}.**\n")
        for table in made:
            print(table.markdown() if chosen.markdown else table.plain())
    else:
        write(files, chosen.out)
    return 0


def write(files: Sequence[Path], out: Path) -> None:
    """Write the page of some files."""
    here = identity(card())
    text = page(boards.boards(boards.read(files), first=here), here)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(f"written: {out} ({len(text.encode()) / 1e6:.2f} MB)")
