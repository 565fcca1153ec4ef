"""The table of sorted containers in docs/speed.md, from the committed results."""

import statistics
import textwrap

from benchmarks import record
from benchmarks.suites.containers_memory import RIVALS
from benchmarks.tables import nanoseconds_text

BEGIN = "<!-- figures of sorted containers: python -m benchmarks report --readme -->"
END = "<!-- end of figures of sorted containers -->"
N = 1_000_000
ARRAYS_UNTIL = "2026-11-25"  # in records so old
GIVEN_ARRAYS = (
    ", but sortedcontainers the NumPy array in `constructor` and `update`: it compares NumPy "
    "scalars, which is slower, so its factors there are too high."
)
HEAD = "| a million random ints | ns | sortedcontainers | BTrees |\n| --- | ---: | ---: | ---: |\n"


def text() -> str:
    """Write all that stands between the two marks, with the marks."""
    lines = record.read(record.KEPT)
    mine = [one for one in lines if one.get("suite") == "containers" and one["n"] == N]
    machine = record.machine_of(lines, mine[-1])
    newest = record.newest_cells(mine, mine[-1]["card"]).values()
    given = "." if machine["date"] > ARRAYS_UNTIL else GIVEN_ARRAYS
    said = (
        "Nanoseconds an operation or a key, and how many times faster than the others: medians of "
        "interleaved rounds in one process (`python -m benchmarks run containers`): "
        f"{machine['cpu']}, {machine['python']}, NumPy {machine['numpy']}, {machine['date']}, "
        f"commit {machine['commit']}. The others were given Python ints{given}"
    )
    rows = [row for one in newest for row in (_line(one) if one["times"] else _bytes(one))]
    table = HEAD + "\n".join(rows)
    return f"{BEGIN}\n{textwrap.fill(said, 110)}\n\n{table}\n{END}\n"


def _line(one: record.Record) -> list[str]:
    medians = {name: statistics.median(rounds) for name, rounds in one["times"].items()}
    ratios = [
        f"{medians[name] / medians['ours']:.1f}x" if name in medians else ""
        for name in ("sortedcontainers", "BTrees")
    ]
    ours = nanoseconds_text(medians["ours"])
    return [f"| `{one['verb']}` | {ours} | {ratios[0]} | {ratios[1]} |"]


def _bytes(one: record.Record) -> list[str]:
    found = one["bytes_a_key"]
    return [
        f"| {name}, bytes a key | {found[name]} | there {found[theirs]} | there {found[trees]} |"
        for name, (theirs, trees) in RIVALS.items()
    ]
