"""Write the page of the results: ``python -m benchmarks.report``.

One HTML file that needs no network. ``--readme`` brings the figures and the pictures of the README
and of docs/speed.md up to date instead.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.leaderboard import records
from benchmarks.leaderboard.card import card, identity
from benchmarks.report import boards, readme_pages
from benchmarks.report.page import page

OUT = Path("build/leaderboard.html")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--file", type=Path, nargs="+", default=[records.FILE], help="results")
    parser.add_argument("--out", type=Path, default=OUT, help=f"the page ({OUT})")
    parser.add_argument("--readme", action="store_true", help="write the README's figures instead")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or the figures that other pages quote."""
    chosen = parse(arguments)
    if chosen.readme:
        changed = readme_pages.write()
        print("\n".join(f"written: {path}" for path in changed) or "all figures are current")
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
