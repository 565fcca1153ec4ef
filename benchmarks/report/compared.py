"""Two runs side by side: how many times the old time the new one is, cell by cell.

Times of two runs differ as the machine does. So a row has the ratio of every contender: those that
did not change between the runs are the control, and what changed has to stand out of it.
"""

import statistics
from collections.abc import Sequence

from benchmarks import record
from benchmarks.record import Key, Record
from benchmarks.report.names import NAMES
from benchmarks.tables import Table

Place = tuple[Key, int, str, str]
COLUMNS = ("contender", "cells", "new ÷ old", "lowest", "highest", "least rounds")


def tables(old: Sequence[Record], new: Sequence[Record]) -> list[Table]:
    """Compare the newest of each cell that both have: a table for each suite, a row a contender."""
    before, after = _newest(old), _newest(new)
    ratios: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for place, one in after.items():
        if place not in before:
            continue
        suite = ratios.setdefault(one.get("suite", "lookups"), {})
        for who, times in one["times"].items():
            earlier = before[place]["times"].get(who)
            if earlier and times:
                medians = statistics.median(times) / statistics.median(earlier)
                suite.setdefault(who, []).append((medians, min(times) / min(earlier)))
    if not ratios:
        raise ValueError("the files have no cell of one processor in common")
    return [_table(suite, found) for suite, found in ratios.items()]


def _newest(lines: Sequence[Record]) -> dict[tuple[str | None, Place], Record]:
    """Give the newest record of each cell of each processor: those of two are never compared."""
    cells = record.measured(lines)
    return {(one[record.MACHINE].get("cpu"), _place(one)): one for one in cells}


def _place(one: Record) -> Place:
    """Say what has to be equal: someone's own keys may have one name in both files."""
    return record.key(one), one["length"], one.get("dtype", ""), one.get("unit", "")


def _table(suite: str, found: dict[str, list[tuple[float, float]]]) -> Table:
    table = Table(f"{suite}: new ÷ old", COLUMNS)
    for who, pairs in found.items():
        medians, least = zip(*pairs, strict=True)
        shown = [statistics.median(medians), min(medians), max(medians), statistics.median(least)]
        cells = [f"{value:.2f}" for value in shown]
        table.add(NAMES.get(who, who), str(len(pairs)), *cells)
    table.notes.append("median over cells of the ratio of medians; the last of the fastest rounds")
    table.notes.append("what did not change between the runs is the control")
    return table
