"""One table for every run, in colour where rich is installed and in plain text where not."""

import dataclasses
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from benchmarks.contenders.contender import load, not_installed

PLAIN_WIDTH = 110  # columns when the output is no terminal: wide enough for every table here


@dataclasses.dataclass
class Row:
    """The cells of one row, and how it stands out."""

    cells: list[str]
    ours: bool = False
    missing: bool = False


@dataclasses.dataclass
class Table:
    """A title, columns, rows of text, and notes beneath; fits into 80 columns."""

    title: str
    columns: Sequence[str]
    rows: list[Row] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def add(self, *cells: str, ours: bool = False) -> None:
        """Append a row of text."""
        self.rows.append(Row(list(cells), ours))

    def add_missing(self, name: str, why: str) -> None:
        """Append a row that says it is missing, and a note that says why."""
        rest = ["missing", *["-"] * (len(self.columns) - 2)]
        self.rows.append(Row([name, *rest], missing=True))
        self.notes.append(f"{name}: {why}")

    def show(self, file: TextIO | None = None) -> None:
        """Print the table."""
        stream = sys.stdout if file is None else file
        if not_installed("rich", "rich"):
            stream.write(self.plain())
        else:
            self._show_rich(stream)

    def plain(self) -> str:
        """Lay the table out in plain text: names to the left, numbers to the right."""
        lines = [list(self.columns), *(row.cells for row in self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        text = []
        for first, *others in lines:
            numbers = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            text.append("  ".join([first.ljust(widths[0]), *numbers]))
        rule = "-" * len(text[0])
        return "\n".join([self.title, "", text[0], rule, *text[1:], rule, *self.notes]) + "\n"

    def markdown(self) -> str:
        """Lay the table out in Markdown, with its notes beneath."""
        lines = [list(self.columns), ["---", *["---:"] * (len(self.columns) - 1)]]
        rows = [[cell.replace("|", "\\|") for cell in row.cells] for row in self.rows]
        text = [f"| {' | '.join(cells)} |" for cells in lines + rows]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *text, "", *notes]) + "\n"

    def _show_rich(self, stream: TextIO) -> None:
        table = load("rich.table").Table(
            box=load("rich.box").SIMPLE, pad_edge=False, padding=(0, 1, 0, 0)
        )
        for i, column in enumerate(self.columns):
            table.add_column(column, justify="right" if i else "left", no_wrap=True)
        for row in self.rows:
            style = "bold green" if row.ours else "dim" if row.missing else ""
            table.add_row(*(load("rich.text").Text(cell) for cell in row.cells), style=style)
        console = _console(stream, len(self.plain().splitlines()[2]) + 2 * len(self.columns))
        console.print(load("rich.text").Text(self.title, style="bold"))
        console.print(table)
        for note in self.notes:
            console.print(load("rich.text").Text("  " + note, style="dim"))


def _console(stream: TextIO, needed: int) -> Any:
    """Write to a stream; one that is no terminal has room for what is needed."""
    width = None if stream.isatty() else max(PLAIN_WIDTH, needed)
    return load("rich.console").Console(file=stream, width=width)


def bytes_text(count: int | None) -> str:
    """Write a number of bytes, as in ``1.6 MB`` (of 10^6 bytes)."""
    if count is None:
        return "?"
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{three_digits(count / size)} {unit}"
    return f"{count} B"


def size_text(n: int) -> str:
    """Write a number of keys, as in ``100 k`` or ``10 M``."""
    for unit, size in (("M", 10**6), ("k", 10**3)):
        if n >= size:
            return f"{n / size:g} {unit}"
    return str(n)


def seconds_text(value: float) -> str:
    """Write a duration, as in ``12.3 ms``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{three_digits(value / size)} {unit}"
    return f"{three_digits(value / 1e-9)} ns"


def nanoseconds_text(value: float) -> str:
    """Write nanoseconds without their unit, as in ``7.6``, ``103`` or ``1,240``."""
    return f"{value:.1f}" if value < 100 else three_digits(value)


def three_digits(value: float) -> str:
    """Write a number with three digits that mean something, as in ``1,240`` or ``9.87``."""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"
