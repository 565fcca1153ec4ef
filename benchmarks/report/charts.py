"""Log-log charts as inline SVG: one line a contender, its name at the end of it."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.plan import OURS
from benchmarks.report.markup import count, esc, three_digits
from benchmarks.report.names import NAMES

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 114, 12, 38
LABEL_GAP = 12.0  # pixels between the names of two lines

Point = tuple[float, float]


class Scale(NamedTuple):
    """A logarithmic axis: from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the pixel of a value."""
        span = math.log(self.high / self.low) or 1.0
        return self.start + (self.end - self.start) * math.log(value / self.low) / span

    def decades(self) -> list[float]:
        """List the powers of ten on the axis; ones, twos and fives where there are few."""
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        tens = [10.0**e for e in exponents if self.low * 0.999 <= 10.0**e <= self.high * 1.001]
        if len(tens) >= 3:
            return tens
        each = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        return [value for value in each if self.low * 0.999 <= value <= self.high * 1.001]


def scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Lay an axis around values, with a little room at both ends."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low / 2, high * 2
    room = (high / low) ** 0.04
    return Scale(low / room, high * room, start, end)


def line_chart(title: str, x_label: str, y_label: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """Draw one line a contender; both axes are logarithmic."""
    points = [point for line in lines.values() for point in line]
    x = scale([px for px, _ in points], LEFT, WIDTH - RIGHT)
    y = scale([py for _, py in points], HEIGHT - BOTTOM, TOP)
    ends = spread({name: y(line[-1][1]) for name, line in lines.items()})
    parts = [_axes(x, y, x_label, y_label)]
    for name, line in lines.items():
        path = " ".join(f"{x(px):.1f},{y(py):.1f}" for px, py in line)
        dots = "".join(_dot(name, x(px), y(py), f"{count(int(px))}: {py:.3g}") for px, py in line)
        last_x, last_y = x(line[-1][0]), y(line[-1][1])
        leader = f"M{last_x + 4:.1f} {last_y:.1f}L{WIDTH - RIGHT + 8} {ends[name]:.1f}"
        label = f'<text x="{WIDTH - RIGHT + 11}" y="{ends[name] + 4:.1f}">{esc(NAMES[name])}</text>'
        parts.append(
            f'<g class="c-{name}"><polyline points="{path}"/>{dots}'
            f'<path class="leader" d="{leader}"/>{label}</g>'
        )
    return figure(title, parts)


def pareto_chart(
    title: str, x_label: str, y_label: str, points: Mapping[str, Point], front: Sequence[str]
) -> str:
    """Draw bytes against time; who keeps nothing stands at the left edge."""
    some = [px for px, _ in points.values() if px > 0] or [1.0]
    x = scale(some, LEFT + 30, WIDTH - RIGHT)
    y = scale([py for _, py in points.values()], HEIGHT - BOTTOM, TOP)
    at = {n: (x(px) if px > 0 else LEFT + 4.0, y(py)) for n, (px, py) in points.items()}
    ends = spread({name: py for name, (_, py) in at.items()})
    path = " ".join(f"{at[name][0]:.1f},{at[name][1]:.1f}" for name in front)
    zero = _tick(LEFT + 4, HEIGHT - BOTTOM + 14, "middle", "0")
    parts = [_axes(x, y, x_label, y_label), zero, f'<polyline class="front" points="{path}"/>']
    for name, (px, py) in at.items():
        note = f"{points[name][0]:.3g} bytes a key, {three_digits(points[name][1])} ns"
        leader = f"M{px + 5:.1f} {py:.1f}L{WIDTH - RIGHT + 8} {ends[name]:.1f}"
        bold = " best" if name in front else ""
        parts.append(
            f'<g class="c-{name}{bold}">{_dot(name, px, py, note)}'
            f'<path class="leader" d="{leader}"/>'
            f'<text x="{WIDTH - RIGHT + 11}" y="{ends[name] + 4:.1f}">{esc(NAMES[name])}</text></g>'
        )
    return figure(title, parts)


def figure(title: str, parts: Sequence[str]) -> str:
    """Frame a drawing with its caption, which is also what a screen reader says."""
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{esc(title)}">'
        f"{''.join(parts)}</svg><figcaption>{esc(title)}</figcaption></figure>"
    )


def spread(wanted: Mapping[str, float], gap: float = LABEL_GAP) -> dict[str, float]:
    """Move labels apart until none covers another, each as near its line as that allows."""
    order = sorted(wanted, key=lambda name: wanted[name])
    gap = min(gap, (HEIGHT - TOP) / max(len(order), 1))
    placed: dict[str, float] = {}
    floor = float(TOP)
    for name in order:
        placed[name] = max(wanted[name], floor)
        floor = placed[name] + gap
    ceiling = float(HEIGHT - 6)
    for name in reversed(order):
        placed[name] = min(placed[name], ceiling)
        ceiling = placed[name] - gap
    return placed


def _dot(name: str, x: float, y: float, note: str) -> str:
    """Draw a point: round ones are ours, square ones are rivals."""
    says = f"<title>{esc(NAMES[name])} · {esc(note)}</title>"
    if name in OURS:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4">{says}</circle>'
    return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6">{says}</rect>'


def _axes(x: Scale, y: Scale, x_label: str, y_label: str) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
    for value in x.decades():
        parts.append(f'<path class="grid" d="M{x(value):.1f} {TOP}V{bottom}"/>')
        parts.append(_tick(x(value), bottom + 14, "middle", _short(value)))
    for value in y.decades():
        parts.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{right}"/>')
        parts.append(_tick(LEFT - 5, y(value) + 4, "end", _short(value)))
    parts.append(_tick((LEFT + right) / 2, HEIGHT - 6, "middle", x_label))
    turned = f'transform="translate(11 {(TOP + bottom) / 2}) rotate(-90)"'
    parts.append(f'<text class="tick" {turned} text-anchor="middle">{esc(y_label)}</text>')
    return "".join(parts)


def _tick(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{esc(text)}</text>'


def _short(value: float) -> str:
    return f"{value:g}" if value < 1000 else count(int(value))
