"""The picture of the README and the home page: time of a lookup by number of keys, as SVG.

Drawn by a template of ours, so that equal records give equal bytes. Text stays text. There is one
picture for a light page and one for a dark one: neither has a background.
"""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.report import readme
from benchmarks.report.auto import Place
from benchmarks.report.charts import Scale
from benchmarks.report.render import render


class Colours(NamedTuple):
    """Colours that are read well on one kind of page, by the colour-blind too."""

    text: str
    grid: str
    numpy: str
    auto: str


LIGHT = Colours("#1f2328", "#d0d7de", "#b34700", "#0067a5")
DARK = Colours("#e6edf3", "#3d444d", "#f0a030", "#56b4e9")
SIZES = (100_000, 300_000, 10**6, 3 * 10**6, 10**7)
TICKS = {100_000: ("100 k", "start"), 10**6: ("1 M", "middle"), 10**7: ("10 M", "end")}
SETS = ("uniform", "osm")
DASHED = ("osm",)  # the hard keys
PANELS = tuple(readme.PROCESSORS)[:2]  # those that have all sizes
TOP, BOTTOM, LEFTS, WIDTH = 96, 344, (46, 308), 236  # of the panels, in pixels of the template
STEP = 100  # nanoseconds between two lines of the grid

Points = Sequence[tuple[int, float]]


def svg(colours: Colours) -> str:
    """Draw the picture."""
    lines = _lines()
    highest = max(time for points in lines.values() for _, time in points)
    top = -(-highest // STEP) * STEP

    def height(time: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * time / top

    panels = []
    for left, processor in zip(LEFTS, PANELS, strict=True):
        x = Scale(SIZES[0], SIZES[-1], left + 8, left + WIDTH - 8)
        drawn = [
            (who, name in DASHED, [(x(n), height(time)) for n, time in points])
            for (at, name, who), points in lines.items()
            if at == processor
        ]
        ticks = [(x(size), *how) for size, how in TICKS.items()]
        title = readme.PROCESSORS[processor]
        panels.append(
            {"title": title, "left": left, "right": left + WIDTH, "ticks": ticks, "lines": drawn}
        )
    grid = [(value, height(value)) for value in range(0, int(highest) + STEP, STEP)]
    said = _said(lines)
    return (
        render("lookups.svg", colours=colours._asdict(), said=said, panels=panels, grid=grid) + "\n"
    )


def _lines() -> dict[tuple[str, str, str], Points]:
    """Give the medians by processor, key set and who answers: NumPy, or what auto chose."""
    cells, choices = readme.found(), readme.chosen()
    lines: dict[tuple[str, str, str], Points] = {}
    for processor in PANELS:
        for name in SETS:
            places = [Place(name, n) for n in SIZES]
            timed = [(at, cells[at, readme.BATCH][processor]) for at in places]
            for who in ("numpy", "auto"):
                lines[processor, name, who] = [
                    (at.n, one.median(choices[at] if who == "auto" else who) or 0.0)
                    for at, one in timed
                ]
    return lines


def _said(lines: dict[tuple[str, str, str], Points]) -> str:
    """Say in words what was measured, for readers of screens and of the source."""
    cells = readme.found()
    said = ["Batches of 100,000 shuffled queries, half of them present, one thread."]
    for processor in PANELS:
        cards = [cells[Place(n, s), readme.BATCH][processor].machine for n in SETS for s in SIZES]
        runs = sorted({f"{card['date']}, commit {card['commit']}" for card in cards})
        said.append(f"{processor}, NumPy {cards[0]['numpy']}, {'; '.join(runs)}:")
        for name in SETS:
            for who in ("numpy", "auto"):
                each = ", ".join(f"{n:,}: {t:.1f} ns" for n, t in lines[processor, name, who])
                said.append(f"{who} over {name} keys, {each}.")
    return " ".join(said)
