"""The table of sorted containers in docs/speed.md, from the committed results."""

import textwrap
from collections.abc import Sequence

from benchmarks import record
from benchmarks.suites import containers
from benchmarks.suites.containers_memory import RIVALS
from benchmarks.tables import nanoseconds_text

BEGIN = "<!-- figures of sorted containers: python -m benchmarks report --readme -->"
END = "<!-- end of figures of sorted containers -->"
N = 1_000_000
NAMES = ("sortedcontainers", "BTrees", "pysorteddict")


def text() -> str:
    """Write all that stands between the two marks, with the marks: a table for each processor."""
    lines = record.measured(record.read(record.KEPT))
    mine = [one for one in lines if one.get("suite") == "containers" and one["n"] == N]
    newest = {one[record.MACHINE]["cpu"]: one for one in mine}
    said = textwrap.fill(
        "Nanoseconds an operation or a key, and how many times faster than the others: medians of "
        "interleaved rounds in one process (`python -m benchmarks run containers`). The others are "
        "given Python ints, which they are fastest from.",
        110,
    )
    parts = [
        _table(list(record.newest_cells(mine, one["card"]).values()))
        for one in reversed(newest.values())
    ]
    return f"{BEGIN}\n{said}\n\n{chr(10).join(parts)}{END}\n"


def _table(found: Sequence[record.Record]) -> str:
    machines = [one[record.MACHINE] for one in found]
    machine = machines[-1]
    commits = ", ".join(sorted({one["commit"] for one in machines}))
    where = (
        f"{machine['cpu']}, {machine['python']}, NumPy {machine['numpy']}, {machine['date']}, "
        f"commit {commits}. {containers.caveat(machine['date'])}".rstrip()
    )
    names = [name for name in NAMES if any(name in one["times"] for one in found)]
    head = f"| a million random ints | ns | {' | '.join(names)} |"
    rule = f"| --- |{' ---: |' * (len(names) + 1)}"
    rows = [row for one in found for row in (_line(one, names) if one["times"] else _bytes(one))]
    return "\n".join([textwrap.fill(where, 110), "", head, rule, *rows, "", ""])


def _line(one: record.Record, names: Sequence[str]) -> list[str]:
    medians = record.medians(one)
    ratios = [
        f"{medians[name] / medians['ours']:.1f}x" if name in medians else "" for name in names
    ]
    cells = [f"`{one['verb']}`", nanoseconds_text(medians["ours"]), *ratios]
    return [f"| {' | '.join(cells)} |"]


def _bytes(one: record.Record) -> list[str]:
    found = one["bytes_a_key"]
    return [
        f"| {name}, bytes a key | {found[name]} | there {found[theirs]} | there {found[trees]} |"
        for name, (theirs, trees) in RIVALS.items()
    ]
