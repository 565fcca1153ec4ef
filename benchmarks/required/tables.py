"""What is met, missed and was never measured, as tables."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from benchmarks import machine, record
from benchmarks.plan import JUDGED, TRAPS, Cell, Place
from benchmarks.record import Record
from benchmarks.required.figures import NOT_MEASURED, Cells, Figure
from benchmarks.required.floors import FIGURES, Required
from benchmarks.suite import Bound
from benchmarks.tables import Row, Table, size_text
from datasets.text import names as text_names

# The last columns: what was compared and its times, medians in nanoseconds a query, key or call;
# and the card of the machine.
ORDER = (*JUDGED, *TRAPS, *text_names())
COLUMNS = ("keys", "measured", "(low-high)", "floor", "aim", "verdict", "times, ns", "card")
HEAD = """# What is required

Written by `python -m benchmarks report --readme` from `measured.jsonl`; do not edit. Medians of
interleaved rounds in one process, with the lowest and highest round; one thread and shuffled
queries, half of them hits, unless a row says else. What no machine has measured yet is missing.
"""


class Line(NamedTuple):
    """One figure over one key set on one card, and what is required of it."""

    required: Required
    place: Place
    figure: Figure | str
    card: str = "-"

    @property
    def bound(self) -> Bound | None:
        return self.required.bounds.get(self.place)

    @property
    def verdict(self) -> str:
        """Say whether the median meets the aim or at least the floor."""
        if isinstance(self.figure, str):
            return "missing"
        if self.bound is None:
            return "-"
        if not self._within(self.bound.floor):
            return "NOT MET"
        return "aim" if self.bound.aim is not None and self._within(self.bound.aim) else "met"

    def _within(self, limit: float) -> bool:
        assert isinstance(self.figure, Figure)
        median = self.figure.ratio.median
        return median >= limit if self.required.faster else median <= limit

    def cells(self) -> list[str]:
        limits = [self._limit(limit) for limit in self.bound or (None, None)]
        keys, n = self.place
        label = f"{keys} {size_text(n)}" if n else keys
        label = f"{self.required.row}, {label}" if self.required.row else label
        if isinstance(self.figure, str):
            return [label, "missing", "-", *limits, self.verdict, self.figure, self.card]
        median, low, high = (self._text(value) for value in self.figure.ratio)
        spread = "" if self.required.percent else f"({low}-{high})"
        return [label, median, spread, *limits, self.verdict, self.figure.of, self.card]

    def _limit(self, limit: float | None) -> str:
        if limit is None:
            return "-"
        sign = "≥" if self.required.faster else "≤"
        return f"{sign} {limit * 100:.3g} %" if self.required.percent else f"{sign} {limit:g}"

    def _text(self, value: float) -> str:
        return f"{value * 100:.3g} %" if self.required.percent else f"{value:.3g}"


def lines(records: Iterable[Record]) -> list[Line]:
    """Give every figure of the newest card of each processor, and what is on none as missing."""
    found = list(records)
    cards = record.cards(found)
    by_card = {card: _places(record.newest_cells(found, card).values()) for card in cards}
    made: list[Line] = []
    for required in FIGURES:
        for place in sorted(
            {*required.bounds, *required.shown}, key=lambda p: (ORDER.index(p.keys), p.n or 0)
        ):
            newest: dict[str, Line] = {}
            why = NOT_MEASURED
            for card, described in cards.items():
                figure = required.figure(by_card[card].get(place, {}))
                if isinstance(figure, Figure):
                    newest[described["cpu"]] = Line(required, place, figure, card)
                elif figure != NOT_MEASURED:
                    why = figure
            missing = Line(required, place, why)
            made += newest.values() or ([missing] if missing.bound else [])
    return made


def _places(cells: Iterable[Record]) -> dict[Place, Cells]:
    found: dict[Place, dict[Cell, Record]] = {}
    for one in cells:
        keys, n, cell = record.key(one)
        found.setdefault(Place(keys, n), {})[cell] = one
    return dict(found)


def tables(found: Sequence[Line]) -> Iterator[Table]:
    """Make a table for each figure, its key sets in rows."""
    for text, group in itertools.groupby(found, lambda line: line.required.text):
        table = Table(text[0].upper() + text[1:], COLUMNS)
        for line in group:
            kept = line.verdict in ("met", "aim")
            table.rows.append(Row(line.cells(), ours=kept, missing=line.verdict == "missing"))
        yield table


def summary(found: Sequence[Line]) -> str:
    """Count what is met, missed and was never measured."""
    verdicts = [line.verdict for line in found if line.bound is not None]
    aims = [line.verdict for line in found if line.bound is not None and line.bound.aim is not None]
    missing, missed = verdicts.count("missing"), verdicts.count("NOT MET")
    return (
        f"{len(verdicts) - missing - missed} of {len(verdicts)} floors met, {missed} missed, "
        f"{missing} never measured; {aims.count('aim')} of {len(aims)} aims met"
    )


def cards(records: Iterable[Record], found: Sequence[Line]) -> list[str]:
    used = {line.card for line in found}
    return [
        f"card {card}: {machine.one_line(described)} · commit {described.get('commit', '?')}"
        for card, described in record.cards(records).items()
        if card in used
    ]


def page(records: Sequence[Record], *, markdown: bool = True) -> str:
    """Write all tables, with their cards and how much is met."""
    found = lines(records)
    if not markdown:  # wider than some terminals: whole lines, none cut short
        plain = (table.plain() for table in tables(found))
        return "\n".join([*plain, *cards(records, found), summary(found)])
    listed = "\n".join(f"- {card}" for card in cards(records, found))
    head = f"{HEAD}\n**{summary(found)}.**\n\n{listed}\n"
    return "\n".join([head, *(table.markdown() for table in tables(found))])
