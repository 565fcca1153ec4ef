"""Write the page of the results: ``python -m benchmarks.report``.

One HTML file that needs no network. ``--readme`` prints the figures that the README quotes.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.leaderboard import records
from benchmarks.leaderboard.card import card, identity
from benchmarks.report import boards, readme, readme_containers
from benchmarks.report.page import page

OUT = Path("build/leaderboard.html")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--file", type=Path, nargs="+", default=[records.FILE], help="results")
    parser.add_argument("--out", type=Path, default=OUT, help=f"the page ({OUT})")
    parser.add_argument("--readme", action="store_true", help="print the README's figures instead")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or print the table."""
    chosen = parse(arguments)
    if chosen.readme:
        print(readme.text(), readme_containers.text(), sep="\n", end="")
        return 0
    here = identity(card())
    try:
        text = page(boards.boards(boards.read(chosen.file), first=here), here)
    except records.SpoiledError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text, encoding="utf-8")
    print(f"written: {chosen.out} ({len(text.encode()) / 1e6:.2f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
