"""What is met, missed and was never measured, as tables."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from benchmarks import machine, record
from benchmarks.plan import JUDGED, TRAPS, Cell, Place
from benchmarks.record import Record
from benchmarks.report.measured import Measured
from benchmarks.required.figures import NOT_MEASURED, Figure
from benchmarks.required.floors import FIGURES, Required
from benchmarks.tables import Table, count
from datasets.text import names as text_names

# The last columns: what was compared and its times, medians in nanoseconds a query, key or call;
# and the card of the machine.
ORDER = (*JUDGED, *TRAPS, *text_names())
COLUMNS = ("keys", "measured", "(low-high)", "floor", "aim", "verdict", "times, ns", "card")
HEAD = """# What is required

Written by `python -m benchmarks report --readme` from `measured.jsonl`; do not edit. Medians of
interleaved rounds in one process, with the lowest and highest round; one thread and shuffled
queries, half of them hits, unless a row says else. What no machine has measured yet is missing.

Rows over text beside `absl::flat_hash_map`, a dict and pandas, and those of `in`, compare
`text_large`: `LearnedIndex(keys, size="large")`, which has a hash table of positions. They compare
`text`, which has no hash table, where a record has no `text_large`. The times name which it was.
"""


class Line(NamedTuple):
    """One figure over one key set on one card, and what is required of it."""

    required: Required
    place: Place
    figure: Figure | str
    card: str = "-"

    @property
    def verdict(self) -> str:
        """Say whether the median meets the aim or at least the floor."""
        bound = self.required.bounds.get(self.place)
        if isinstance(self.figure, str) or bound is None:
            return "missing" if isinstance(self.figure, str) else "-"
        sign, median = 1 if self.required.faster else -1, self.figure.ratio.median
        if sign * median < sign * bound.floor:
            return "NOT MET"
        is_aim = bound.aim is not None and sign * median >= sign * bound.aim
        return "aim" if is_aim else "met"

    def cells(self) -> list[str]:
        keys, n = self.place
        label = f"{keys} {count(n)}" if n else keys
        label = f"{self.required.row}, {label}" if self.required.row else label
        sign = "≥" if self.required.faster else "≤"
        bound = self.required.bounds.get(self.place, (None, None))
        limits = ["-" if limit is None else f"{sign} {self._text(limit, 'g')}" for limit in bound]
        if isinstance(self.figure, str):
            return [label, "missing", "-", *limits, self.verdict, self.figure, self.card]
        median, low, high = (self._text(value) for value in self.figure.ratio)
        spread = "" if self.required.percent else f"({low}-{high})"
        return [label, median, spread, *limits, self.verdict, self.figure.of, self.card]

    def _text(self, value: float, form: str = ".3g") -> str:
        return f"{value * 100:.3g} %" if self.required.percent else f"{value:{form}}"


def lines(records: Iterable[Record]) -> list[Line]:
    """Give every figure of the newest card of each processor, and what is on none as missing."""
    found = list(records)
    cards = record.cards(found)
    cells: dict[str, dict[Place, dict[Cell, Measured]]] = {card: {} for card in cards}
    for card, places in cells.items():
        for (keys, n, cell), one in record.newest_cells(found, card).items():
            places.setdefault(Place(keys, n), {})[cell] = Measured(one)
    made = []
    for required in FIGURES:
        for place in sorted({*required.bounds, *required.shown}, key=_order):
            newest: dict[str, Line] = {}
            why = NOT_MEASURED
            for card, described in cards.items():
                figure = required.figure(cells[card].get(place, {}))
                if isinstance(figure, Figure):
                    newest[described["cpu"]] = Line(required, place, figure, card)
                elif figure != NOT_MEASURED:
                    why = figure
            missing = [Line(required, place, why)] if place in required.bounds else []
            made += [*newest.values()] or missing
    return made


def _order(place: Place) -> tuple[int, int]:
    return ORDER.index(place.keys), place.n or 0


def tables(found: Sequence[Line]) -> Iterator[Table]:
    for text, group in itertools.groupby(found, lambda line: line.required.text):
        table = Table(text[0].upper() + text[1:], COLUMNS)
        table.rows += [line.cells() for line in group]
        yield table


def summary(found: Sequence[Line]) -> str:
    bounds = [(line.required.bounds.get(line.place), line.verdict) for line in found]
    verdicts = [verdict for bound, verdict in bounds if bound is not None]
    aims = [verdict for bound, verdict in bounds if bound is not None and bound.aim is not None]
    missing, missed = verdicts.count("missing"), verdicts.count("NOT MET")
    return (
        f"{len(verdicts) - missing - missed} of {len(verdicts)} floors met, {missed} missed, "
        f"{missing} never measured; {aims.count('aim')} of {len(aims)} aims met"
    )


def page(records: Sequence[Record], *, markdown: bool = True) -> str:
    found = lines(records)
    used = {line.card for line in found}
    cards = [
        f"card {card}: {machine.one_line(described)} · commit {described.get('commit', '?')}"
        for card, described in record.cards(records).items()
        if card in used
    ]
    if not markdown:  # wider than some terminals: whole lines, none cut short
        return "\n".join([*(table.plain() for table in tables(found)), *cards, summary(found)])
    listed = "\n".join(f"- {card}" for card in cards)
    head = f"{HEAD}\n**{summary(found)}.**\n\n{listed}\n"
    return "\n".join([head, *(table.markdown() for table in tables(found))])
