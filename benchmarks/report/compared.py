"""Two runs side by side: how many times the old time the new one is, cell by cell.

Times of two runs differ as the machine does. So a row has the ratio of every contender: those that
did not change between the runs are the control, and what changed has to stand out of it.
"""

import argparse
import statistics
from pathlib import Path

from benchmarks import record
from benchmarks.record import Record
from benchmarks.report.measured import NAMES
from benchmarks.tables import Table

COLUMNS = ("contender", "cells", "new ÷ old", "lowest", "highest", "least rounds")


def show(chosen: argparse.Namespace) -> int:
    """Print a table for each suite that both files have."""
    for file in (chosen.old, chosen.new):
        if not file.exists():
            raise FileNotFoundError(f"{file}: no such file")
    for table in tables(_newest(chosen.old), _newest(chosen.new)):
        table.show()
    return 0


def tables(before: dict[object, Record], after: dict[object, Record]) -> list[Table]:
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
    return [_table(suite, found) for suite, found in ratios.items()]


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


def _table(suite: str, found: dict[str, list[tuple[float, float]]]) -> Table:
    table = Table(f"{suite}: new ÷ old", COLUMNS)
    for who, pairs in found.items():
        medians, least = zip(*pairs, strict=True)
        shown = [statistics.median(medians), min(medians), max(medians), statistics.median(least)]
        table.add(NAMES.get(who, who), str(len(pairs)), *(f"{value:.2f}" for value in shown))
    table.notes.append("median over cells of the ratio of medians; the last of the fastest rounds")
    table.notes.append("what did not change between the runs is the control")
    return table
