"""What advise returns: a verdict, the figures that it rests on, and ways to look at them."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any

from learnedidx._pictures import checked_axes, pyplot
from learnedidx.hardness import Hardness

# Okabe and Ito's colours, which the colour-blind tell apart.
CHOSEN, OTHER, LEFT_OUT, FRONT = "#D55E00", "#0072B2", "#999999", "#009E73"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to search.

    Attributes
    ----------
    name : str
    nanoseconds : float or None
        Median time of a lookup; None: it was not timed, and `note` says why.
    nbytes : int or None
        Bytes beside the keys.
    build_seconds : float or None
    misses : float or None
        Share of the first windows of a model that do not hold the answer.
    fits : bool
        Whether it keeps to the memory and answers all that ``np.searchsorted`` does.
    note : str
    """

    name: str
    nanoseconds: float | None
    nbytes: int | None
    build_seconds: float | None
    misses: float | None
    fits: bool
    note: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Which structure suits some keys, and the measured figures behind that.

    ``print(advice)`` shows a table, notebooks a nicer one, ``plot()`` the bytes and the times,
    ``to_dict()`` everything as plain Python.

    Attributes
    ----------
    verdict : str
        What to use and why, in a sentence.
    equality : str
        The same for those who only ask which keys are there, and what a filter would save them.
    chosen : str
        The name of the candidate that the verdict is for.
    code : str
        How to build it.
    candidates : tuple of Candidate
        The fastest first.
    hardness : Hardness or None
        None where no key is a number.
    n, batch : int
        Number of keys, and of queries in a batch that was timed.
    memory, seed : int or None, int
        As they were given.
    notes : tuple of str
    seconds : float
        How long all this took.
    """

    verdict: str
    equality: str
    chosen: str
    code: str
    candidates: tuple[Candidate, ...]
    hardness: Hardness | None
    n: int
    dtype: str
    batch: int
    memory: int | None
    seed: int
    notes: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as dicts, lists, numbers and text, as JSON takes them."""
        found = asdict(self)
        found["candidates"] = list(found["candidates"])
        found["notes"] = list(self.notes)
        if self.hardness is not None:
            found["hardness"]["segments"] = {
                str(epsilon): share for epsilon, share in self.hardness.segments.items()
            }
        return found

    def __str__(self) -> str:
        rows = [HEADINGS, *(_cells(one, self.chosen) for one in self.candidates)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
        lines = [self.verdict, "", *(_padded(row, widths) for row in rows)]
        lines[3:3] = ["-" * max(len(line) for line in lines[2:])]
        lines += ["", *(text for text in (self.equality, *self.facts()) if text)]
        return "\n".join(lines)

    __repr__ = __str__

    def facts(self) -> list[str]:
        """Return what was found out of the keys, and how the figures came about."""
        found = []
        if self.hardness is not None:
            hard = self.hardness
            bends = " and ".join(
                f"{share:.3g} with epsilon {epsilon}" for epsilon, share in hard.segments.items()
            )
            found.append(
                f"Hardness: 1000 keys need {bends} segments; {hard.misses:.0%} of an RMI's first "
                f"windows miss; {hard.duplicates:.0%} duplicates; skew {hard.skew:.2f}."
            )
        found += self.notes
        if not self.candidates:
            return [*found, "Nothing was timed."]
        found.append(
            f"Timed on this machine in {self.seconds:.2f} s: medians of interleaved rounds of "
            f"{self.batch:,} lookups in one thread, of its own time; other runs differ by some per "
            "cent."
        )
        return found

    def _repr_html_(self) -> str:
        """Return a table for notebooks: no scripts, no colours but the page's own."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in HEADINGS)
        body = "".join(
            "<tr>" + "".join(_html_cell(cell, one, self.chosen, i) for i, cell in cells) + "</tr>"
            for one in self.candidates
            for cells in [list(enumerate(_cells(one, self.chosen)))]
        )
        notes = "".join(
            f'<p style="opacity:.75;margin:.2em 0">{html.escape(text)}</p>'
            for text in (self.equality, *self.facts())
            if text
        )
        return (
            '<div style="color:inherit;background:transparent;overflow-x:auto">'
            f'<p style="font-weight:bold;margin:.4em 0">{html.escape(self.verdict)}</p>'
            f'<table style="border-collapse:collapse;color:inherit"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{notes}</div>"
        )

    def plot(self, axes: Any = None) -> Any:
        """Draw bytes against time with matplotlib, and the front of what nothing beats; O(1).

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError, TypeError
            Without matplotlib; for axes that are none of it.
        """
        plt = pyplot()
        if axes is None:
            _, axes = plt.subplots(figsize=(8, 5))
        (axes,) = checked_axes(axes, 1)
        timed = [one for one in self.candidates if one.nanoseconds and one.nbytes is not None]
        best = front(timed)
        if best:
            bytes_, times = [one.nbytes for one in best], [one.nanoseconds for one in best]
            axes.step(bytes_, times, where="post", color=FRONT, lw=1.5, label="Pareto front")
        for (colour, marker, size, label), group in self._groups(timed).items():
            points = [(one.nbytes, one.nanoseconds) for one in group]
            axes.scatter(*zip(*points, strict=True), c=colour, marker=marker, s=size, label=label)
        _label(axes, timed)
        axes.set_yscale("log")
        axes.set_xscale("symlog", linthresh=100, linscale=0.7)
        axes.set_xlim(-30, 30 * max([1000, *(one.nbytes or 0 for one in timed)]))
        axes.margins(y=0.15)
        axes.set_xlabel("bytes beside the keys")
        axes.set_ylabel("nanoseconds a lookup")
        axes.set_title(f"{self.n:,} keys of {self.dtype}", loc="left")
        if timed:
            axes.legend(frameon=False)
        axes.figure.tight_layout()
        return axes.figure

    def _groups(self, timed: list[Candidate]) -> dict[tuple[str, str, int, str], list[Candidate]]:
        """Sort the points of the picture by how they are drawn: by colour and by shape."""
        groups: dict[tuple[str, str, int, str], list[Candidate]] = {}
        for one in timed:
            style = (OTHER, "o", 50, "candidates")
            if one.name == self.chosen:
                style = (CHOSEN, "*", 200, "the verdict")
            elif not one.fits:
                style = (LEFT_OUT, "x", 40, "equality alone, or too large")
            groups.setdefault(style, []).append(one)
        return groups


HEADINGS = ("candidate", "ns a lookup", "bytes", "build", "misses", "note")


def front(timed: list[Candidate]) -> list[Candidate]:
    """Return those that fit and that none beats in bytes and in time, the smallest first."""
    best: list[Candidate] = []
    fitting = [one for one in timed if one.fits and one.nanoseconds is not None]
    for one in sorted(fitting, key=lambda each: (each.nbytes or 0, each.nanoseconds or 0.0)):
        if not best or (one.nanoseconds or 0.0) < (best[-1].nanoseconds or 0.0):
            best.append(one)
    return best


def _label(axes: Any, timed: list[Candidate]) -> None:
    """Write the names beside the points; above and below in turn where points are close."""
    for i, one in enumerate(sorted(timed, key=lambda each: each.nanoseconds or 0.0)):
        axes.annotate(
            one.name,
            (one.nbytes, one.nanoseconds),
            xytext=(6, 7 if i % 2 else -12),
            textcoords="offset points",
            fontsize=8,
        )


def _padded(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers, note = row
    cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *cells, note]).rstrip()


def _cells(one: Candidate, chosen: str) -> tuple[str, ...]:
    return (
        f"{'>' if one.name == chosen else ' '} {one.name}",
        "-" if one.nanoseconds is None else digits(one.nanoseconds),
        "-" if one.nbytes is None else bytes_text(one.nbytes),
        "-" if one.build_seconds is None else seconds_text(one.build_seconds),
        "-" if one.misses is None else f"{one.misses:.0%}",
        one.note,
    )


def _html_cell(cell: str, one: Candidate, chosen: str, column: int) -> str:
    side = "right" if 0 < column < len(HEADINGS) - 1 else "left"
    weight = "bold" if one.name == chosen else "normal"
    faint = "" if one.fits else ";opacity:.6"
    wrap = ";white-space:nowrap" if column < len(HEADINGS) - 1 else ""
    style = f"text-align:{side};font-weight:{weight};padding:.15em .6em{faint}{wrap}"
    return f'<td style="{style}">{html.escape(cell)}</td>'


def digits(value: float) -> str:
    """Write a number with two or three digits that mean something."""
    return f"{value:,.{0 if value >= 100 else 1}f}"


def bytes_text(count: int) -> str:
    """Write a number of bytes, as in ``1.6 MB`` (of 10**6 bytes)."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{digits(count / size)} {unit}"
    return f"{count} B"


def seconds_text(seconds: float) -> str:
    """Write a duration, as in ``1.6 ms``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{seconds / 1e-6:.0f} µs"
