"""Records as tables: on the screen, and as a page of Markdown."""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from benchmarks import machine
from benchmarks.limits.blocks import SIZES, Block
from benchmarks.limits.measured import Figure
from benchmarks.limits.records import Record, figures_of, newest, place
from benchmarks.limits.required import REQUIRED, Bound, Required
from benchmarks.tables import Row, Table

# The last column: what was compared and its times, medians in nanoseconds a query, key or call.
COLUMNS = ("keys", "measured", "(low-high)", "floor", "aim", "verdict", "times, ns")
NO_BOUND = "-"
MISSING = "missing"


class Line(NamedTuple):
    """One figure over one key set, and what is required of it."""

    suite: str
    required: Required
    keys: str
    figure: Figure
    bound: Bound | None

    @property
    def verdict(self) -> str:
        """Say whether the median meets the aim or at least the floor."""
        if self.figure.ratio is None:
            return MISSING
        if self.bound is None:
            return NO_BOUND
        if not self._within(self.bound.floor):
            return "NOT MET"
        return "aim" if self.bound.aim is not None and self._within(self.bound.aim) else "met"

    def _within(self, limit: float) -> bool:
        assert self.figure.ratio is not None
        median = self.figure.ratio.median
        return median >= limit if self.required.at_least else median <= limit

    def cells(self) -> tuple[str, ...]:
        """Put the line into the columns of the tables."""
        limits = [self._limit(limit) for limit in self.bound or (None, None)]
        if self.figure.ratio is None:
            return (self.label, MISSING, "-", *limits, MISSING, self.figure.missing)
        median, low, high = (self._text(value) for value in self.figure.ratio)
        spread = "" if self.required.percent else f"({low}-{high})"
        return (self.label, median, spread, *limits, self.verdict, self.figure.of)

    @property
    def label(self) -> str:
        """Name the keys, after what tells this figure from others of its table."""
        return f"{self.required.row}, {self.keys}" if self.required.row else self.keys

    def _limit(self, limit: float | None) -> str:
        if limit is None:
            return NO_BOUND
        return ("≥ " if self.required.at_least else "≤ ") + self._text(limit, exact=True)

    def _text(self, value: float, *, exact: bool = False) -> str:
        if self.required.percent:
            return f"{value * 100:.3g} %"
        return f"{value:g}" if exact else f"{value:.3g}"


def lines(records: Iterable[Record]) -> list[Line]:
    """Give every figure that was measured, in the order of what is required and of the blocks."""
    found = []
    for entry in newest(list(records)):
        suite, keys, n = place(entry)
        for name, figure in figures_of(entry).items():
            if name in REQUIRED.get(suite, {}):
                required = REQUIRED[suite][name]
                label = Block(suite, keys, n).label
                order = (*_order_of_figure(suite, name), *_order_of_keys(suite, keys, n))
                line = Line(suite, required, label, figure, required.bound(keys, n))
                if line.bound is not None or figure.ratio is not None:
                    found.append((order, line))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def _order_of_figure(suite: str, name: str) -> tuple[int, int]:
    return list(REQUIRED).index(suite), list(REQUIRED[suite]).index(name)


def _order_of_keys(suite: str, keys: str, n: int | None) -> tuple[int, int]:
    known = list(SIZES[suite])
    return known.index(keys) if keys in known else len(known), n or 0


def tables(records: Iterable[Record]) -> Iterator[Table]:
    """Make a table for each figure, its key sets in rows."""
    for text, group in itertools.groupby(lines(records), lambda line: line.required.text):
        table = Table(text, COLUMNS)
        for line in group:
            kept = line.verdict in ("met", "aim")
            table.rows.append(Row(list(line.cells()), ours=kept, missing=line.verdict == MISSING))
        yield table


def summary(found: list[Line]) -> str:
    """Count what is met."""
    verdicts = [line.verdict for line in found if line.bound is not None]
    kept = sum(verdict in ("met", "aim") for verdict in verdicts)
    with_aim = [line for line in found if line.bound is not None and line.bound.aim is not None]
    aims = sum(line.verdict == "aim" for line in with_aim)
    missing = sum(verdict == MISSING for verdict in verdicts)
    absent = f", {missing} missing" if missing else ""
    return f"{kept} of {len(verdicts)} floors met, {aims} of {len(with_aim)} aims{absent}"


def cards(records: Iterable[Record]) -> list[str]:
    """Name each machine and commit that the newest records come from."""
    known = (
        f"{machine.one_line(found['machine'])} · commit {found['machine'].get('commit', '?')} · "
        f"{found['queries']:,} queries · {found['rounds']} rounds"
        for found in newest(list(records))
    )
    return list(dict.fromkeys(known))


def markdown(records: list[Record]) -> str:
    """Write the whole page."""
    found = lines(records)
    text = [
        "# At the memory limit",
        "",
        "Written by `python -m benchmarks.limits --markdown` from `limits.jsonl`; do not edit.",
        "Medians of interleaved rounds in one process, with the lowest and highest round; one",
        "thread and shuffled queries, half of them hits, unless a row says else.",
        "",
        f"**{summary(found)}.**",
        "",
        *(f"- {card}" for card in cards(records)),
    ]
    for _, group in itertools.groupby(found, lambda line: line.required.text):
        rows = list(group)
        text += ["", f"## {rows[0].required.text[0].upper()}{rows[0].required.text[1:]}", ""]
        text += ["| " + " | ".join(COLUMNS) + " |", "| --- " + "| ---: " * 5 + "| --- |"]
        text += ["| " + " | ".join(_marked(line)) + " |" for line in rows]
    return "\n".join(text) + "\n"


def _marked(line: Line) -> tuple[str, ...]:
    cells = list(line.cells())
    if line.verdict == "NOT MET":
        cells[5] = "**not met**"
    return tuple(cells)
