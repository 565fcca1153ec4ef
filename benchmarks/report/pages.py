"""The files that quote figures, as the committed records would have them; see `write`.

The picture of the README and the home page is time of a lookup by number of keys, as SVG. It is
drawn by a template, so that equal records give equal bytes. Text stays text. There is one for a
light page and one for a dark one: neither has a background.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import record
from benchmarks.native import ROOT
from benchmarks.report import figures
from benchmarks.report.auto import Place
from benchmarks.report.charts import Scale
from benchmarks.report.figures import BATCH, PROCESSORS, chosen, lookups
from benchmarks.report.measured import Measured
from benchmarks.report.render import render
from benchmarks.required import tables as required

# Colours that are read well on one kind of page, by the colour-blind too.
LIGHT = {"text": "#1f2328", "grid": "#d0d7de", "numpy": "#b34700", "auto": "#0067a5"}
DARK = {"text": "#e6edf3", "grid": "#3d444d", "numpy": "#f0a030", "auto": "#56b4e9"}
SIZES = (100_000, 300_000, 10**6, 3 * 10**6, 10**7)
TICKS = {100_000: ("100 k", "start"), 10**6: ("1 M", "middle"), 10**7: ("10 M", "end")}
SETS = {"uniform": False, "osm": True}  # the hard keys are dashed
PANELS = tuple(PROCESSORS)[:2]  # those that have all sizes
TOP, BOTTOM, LEFTS, WIDTH = 96, 344, (46, 308), 236  # of the panels, in pixels of the template
STEP = 100  # nanoseconds between two lines of the grid


class Part(NamedTuple):
    """What stands between two marks of a page: their name, a template, and what it shows."""

    name: str
    template: str
    data: Callable[[], dict[str, Any]]

    @property
    def marks(self) -> tuple[str, str]:
        """Give the lines before and behind it."""
        name = f"figures{self.name}"
        return (
            f"<!-- {name}: python -m benchmarks report --readme -->\n",
            f"<!-- end of {name} -->\n",
        )

    def text(self) -> str:
        begin, end = self.marks
        return begin + render(self.template, **self.data()).rstrip() + "\n" + end


README = Part("", "readme.md.j2", figures.readme)
MODELS = Part(" of models", "models.md.j2", figures.models)
CONTAINERS = Part(" of sorted containers", "containers.md.j2", figures.sorted_containers)
PAGES: Mapping[str, Sequence[Part]] = {
    "README.md": (README,),
    "docs/speed.md": (README, MODELS, CONTAINERS),
}
WHOLE: Mapping[str, Callable[[], str]] = {
    "benchmarks/results/required.md": lambda: required.page(record.read(record.KEPT)),
    "docs/pictures/lookups-light.svg": lambda: svg(LIGHT),
    "docs/pictures/lookups-dark.svg": lambda: svg(DARK),
}


def wanted() -> dict[Path, str]:
    """Give the text that each page and each picture should have.

    Raises
    ------
    ValueError
        A page lacks the two marks between which its figures stand.
    """
    pages = {ROOT / name: page(ROOT / name, parts) for name, parts in PAGES.items()}
    return pages | {ROOT / name: draw() for name, draw in WHOLE.items()}


def write() -> list[Path]:
    """Bring every page and picture up to date; name those that were not."""
    changed = []
    for path, text in wanted().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def page(path: Path, parts: Sequence[Part]) -> str:
    """Give the text of a page with these parts as they should be."""
    text = path.read_text(encoding="utf-8")
    for part in parts:
        before, begin, rest = text.partition(part.marks[0])
        _, end, after = rest.partition(part.marks[1])
        if not (begin and end):
            raise ValueError(f"{path.name}: the marks {part.marks} are not there")
        text = before + part.text() + after
    return text


def svg(colours: Mapping[str, str]) -> str:
    lines = {
        (processor, name, who): _line(processor, name, who)
        for processor in PANELS
        for name in SETS
        for who in ("numpy", "auto")
    }
    highest = max(time for points in lines.values() for _, time in points)
    y = (BOTTOM - TOP) / (-(-highest // STEP) * STEP)
    panels = []
    for left, processor in zip(LEFTS, PANELS, strict=True):
        x = Scale(SIZES[0], SIZES[-1], left + 8, left + WIDTH - 8)
        drawn = [
            (who, SETS[name], [(x(n), BOTTOM - y * time) for n, time in points])
            for (at, name, who), points in lines.items()
            if at == processor
        ]
        ticks = [(x(size), *how) for size, how in TICKS.items()]
        shown = {"title": PROCESSORS[processor], "left": left, "right": left + WIDTH}
        panels.append(shown | {"ticks": ticks, "lines": drawn})
    grid = [(value, BOTTOM - y * value) for value in range(0, int(highest) + STEP, STEP)]
    cards = {
        processor: [_at(processor, s, n).machine for n in SIZES for s in SETS]
        for processor in PANELS
    }
    data = {"colours": colours, "panels": panels, "grid": grid, "lines": lines, "cards": cards}
    return render("lookups.svg", **data) + "\n"


def _at(processor: str, name: str, n: int) -> Measured:
    return lookups()[Place(name, n), BATCH][processor]


def _line(processor: str, name: str, who: str) -> list[tuple[int, float]]:
    """Give the medians of NumPy, or of what auto chose."""
    return [
        (n, _at(processor, name, n).middle(chosen()[Place(name, n)] if who == "auto" else who))
        for n in SIZES
    ]
