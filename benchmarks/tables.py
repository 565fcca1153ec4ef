"""One table for every run: as text or in Markdown; and how numbers are written in it."""

import dataclasses
from collections.abc import Sequence

MISSED = "MISSED"


@dataclasses.dataclass
class Table:
    """A title, columns, rows of text, and notes beneath."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append([*cells])

    def add_missing(self, name: str, why: str) -> None:
        """Append a row that says it is missing, and a note that says why."""
        self.add(name, "missing", *["-"] * (len(self.columns) - 2))
        self.notes.append(f"{name}: {why}")

    def plain(self) -> str:
        """Lay the table out in plain text: names to the left, numbers to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = []
        for first, *others in lines:
            numbers = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            text.append("  ".join([first.ljust(widths[0]), *numbers]))
        rule = "-" * len(text[0])
        return "\n".join([self.title, "", text[0], rule, *text[1:], rule, *self.notes]) + "\n"

    def markdown(self) -> str:
        """Lay the table out in Markdown, with its notes beneath."""
        rows = [[cell.replace("|", "\\|") for cell in row] for row in self.rows]
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *rows]
        text = [f"| {' | '.join(cells)} |" for cells in lines]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *text, "", *notes]) + "\n"


def at_most(value: float, most: float | None, form: str, unit: str = "") -> str:
    """Write a number and, where there is a floor, whether it is kept to."""
    text = f"{value:{form}}{unit}"
    if most is None:
        return text
    return f"{text} (at most {most:g})" if value <= most else f"{text} ({MISSED}: at most {most:g})"


def bytes_text(count: int | None) -> str:
    """Write a number of bytes, as in ``1.6 MB`` (of 10^6 bytes)."""
    if count is None:
        return "?"
    units = {"GB": 10**9, "MB": 10**6, "kB": 10**3}
    return next(
        (f"{three_digits(count / s)} {u}" for u, s in units.items() if count >= s), f"{count} B"
    )


def count(n: float) -> str:
    """Write a count shortly where it is round, as in ``0.2``, ``100 k`` or ``10,995,687``."""
    if n < 1_000:
        return f"{n:.3g}"
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if n >= size and n % size == 0:
            return f"{n // size:.0f} {unit}"
    return f"{n:,.0f}"


def seconds_text(value: float) -> str:
    """Write a duration, as in ``12.3 ms``."""
    units = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 0.0}
    unit, size = next(one for one in units.items() if value >= one[1])
    return f"{three_digits(value / (size or 1e-9))} {unit}"


def nanoseconds_text(value: float) -> str:
    """Write nanoseconds without their unit, as in ``7.6``, ``103`` or ``1,240``."""
    return f"{value:.1f}" if value < 100 else three_digits(value)


def three_digits(value: float) -> str:
    """Write a number with three digits that mean something, as in ``1,240`` or ``9.87``."""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"
