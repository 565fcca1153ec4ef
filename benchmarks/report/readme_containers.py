"""The table of sorted containers in docs/speed.md, from the committed results."""

import json
import textwrap

from benchmarks.containers import RESULTS, Row, read
from benchmarks.tables import nanoseconds_text

BEGIN = "<!-- figures of sorted containers: python -m benchmarks.report --readme -->"
END = "<!-- end of figures of sorted containers -->"
N = 1_000_000
HEAD = "| a million random ints | ns | sortedcontainers | BTrees |\n| --- | ---: | ---: | ---: |\n"


def text() -> str:
    """Write all that stands between the two marks, with the marks."""
    file = RESULTS / "containers.jsonl"
    rows, memory, machine = read(file)
    lines_of_file = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    commits = sorted({one["machine"]["commit"] for one in lines_of_file})
    said = (
        "Nanoseconds an operation or a key, and how many times faster than the others: medians of "
        "interleaved rounds in one process (`python -m benchmarks.containers`): "
        f"{machine['cpu']}, {machine['python']}, NumPy {machine['numpy']}, {machine['date']}, "
        f"commit {', '.join(commits)}. The others were given Python ints, but for two kinds of "
        "rows: in `constructor` and `update` sortedcontainers was given the NumPy array. It then "
        "compares NumPy scalars, which is slower, so its factors there are too high for Python "
        "ints."
    )
    lines = [_line(row) for row in rows if row.n == N]
    table = HEAD + "\n".join([*lines, *map(_bytes, memory.get(N, []))])
    return f"{BEGIN}\n{textwrap.fill(said, 110)}\n\n{table}\n{END}\n"


def _line(row: Row) -> str:
    ratios = [
        f"{row.rivals[name] / row.ours:.1f}x" if name in row.rivals else ""
        for name in ("sortedcontainers", "BTrees")
    ]
    ours = nanoseconds_text(row.ours)
    return f"| `{row.case}` | {ours} | {ratios[0]} | {ratios[1]} |"


def _bytes(line: str) -> str:
    name, ours, theirs, trees = (cell.strip() for cell in line.strip("| ").split("|"))
    figures = [cell.split()[-1] for cell in (theirs, trees)]
    return f"| {name}, bytes a key | {ours.split()[0]} | there {figures[0]} | there {figures[1]} |"
