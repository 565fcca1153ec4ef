"""The picture of the README and the home page: time of a lookup by number of keys, as SVG.

Drawn by hand, so that equal records give equal bytes. Text stays text. There is one picture for a
light page and one for a dark one: neither has a background.
"""

from collections.abc import Sequence
from html import escape as esc
from typing import NamedTuple

from benchmarks.report import readme
from benchmarks.report.auto import Place
from benchmarks.report.charts import Scale


class Colours(NamedTuple):
    """Colours that are read well on one kind of page, by the colour-blind too."""

    text: str
    grid: str
    numpy: str
    auto: str


LIGHT = Colours("#1f2328", "#d0d7de", "#b34700", "#0067a5")
DARK = Colours("#e6edf3", "#3d444d", "#f0a030", "#56b4e9")
SIZES = (100_000, 300_000, 10**6, 3 * 10**6, 10**7)
TICKS = {100_000: "100 k", 10**6: "1 M", 10**7: "10 M"}
SETS = {"uniform": "", "osm": ' stroke-dasharray="7 5"'}  # the hard keys are dashed
PANELS = tuple(readme.PROCESSORS)[:2]  # those that have all sizes
WIDTH, HEIGHT = 560, 400
TOP, BOTTOM, LEFT, PANEL, GAP = 96, 344, 46, 236, 26
STEP = 100  # nanoseconds between two lines of the grid

Points = Sequence[tuple[int, float]]


def svg(colours: Colours) -> str:
    """Draw the picture."""
    lines = _lines()
    highest = max(time for points in lines.values() for _, time in points)
    parts = [_legend(colours)]
    for number, processor in enumerate(PANELS):
        left = LEFT + number * (PANEL + GAP)
        mine = {key[1:]: points for key, points in lines.items() if key[0] == processor}
        parts.append(_panel(readme.PROCESSORS[processor], left, highest, mine, colours))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="16" fill="{colours.text}">\n'
        f"<title>Nanoseconds a lookup by number of keys</title>\n<desc>{esc(_said(lines))}</desc>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
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


def _panel(
    title: str,
    left: int,
    highest: float,
    lines: dict[tuple[str, str], Points],
    colours: Colours,
) -> str:
    x = Scale(SIZES[0], SIZES[-1], left + 8, left + PANEL - 8)
    parts = [f'<text x="{left}" y="{TOP - 16}" font-weight="600">{esc(title)}</text>']
    for value in range(0, int(highest) + STEP, STEP):
        y = _height(value, highest)
        line = f'<path d="M{left} {y:.1f}H{left + PANEL}" stroke="{colours.grid}"/>'
        number = f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{value}</text>'
        parts.append(line + (number if left == LEFT else ""))
    anchors = {SIZES[0]: "start", SIZES[-1]: "end"}
    for size, label in TICKS.items():
        anchor = anchors.get(size, "middle")
        parts.append(
            f'<text x="{x(size):.1f}" y="{BOTTOM + 22}" text-anchor="{anchor}">{label}</text>'
        )
    parts.append(f'<text x="{left + PANEL / 2}" y="{BOTTOM + 46}" text-anchor="middle">keys</text>')
    for (name, who), points in lines.items():
        at = " ".join(f"{x(n):.1f},{_height(time, highest):.1f}" for n, time in points)
        colour = colours.numpy if who == "numpy" else colours.auto
        parts.append(
            f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="3"'
            f'{SETS[name]} stroke-linejoin="round"/>'
        )
    return "\n".join(parts)


def _height(time: float, highest: float) -> float:
    top = -(-highest // STEP) * STEP
    return BOTTOM - (BOTTOM - TOP) * time / top


def _legend(colours: Colours) -> str:
    return (
        f'<text x="0" y="20" font-weight="600">Nanoseconds a lookup: '
        f'<tspan fill="{colours.numpy}">np.searchsorted</tspan> and '
        f'<tspan fill="{colours.auto}">learnedidx</tspan></text>\n'
        f'<text x="0" y="46">solid: uniform keys; dashed: keys in clusters, like map cells</text>'
    )
