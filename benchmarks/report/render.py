"""From data to HTML: the templates beside this file, and how they write numbers and names."""

import functools
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders.contender import load, not_installed
from benchmarks.plan import CONTENDERS, OURS, RIVALS
from benchmarks.report.measured import NAMES
from benchmarks.tables import count, nanoseconds_text, three_digits

STEPS = (1.25, 2.0, 5.0)  # how many times faster makes a darker field


def missing() -> str | None:
    """Say how to install what fills templates in, if it is not there."""
    why = not_installed("jinja2", "jinja2")
    return why and f"the page is made with Jinja2, which is {why}"


def render(template: str, **data: Any) -> str:
    """Fill a template in: what is put into it is escaped, the result is HTML."""
    if why := missing():
        raise ValueError(why)
    return str(_environment().get_template(template).render(data))


def ratio_text(value: float) -> str:
    """Write how many times, as in ``0.12`` or ``3.4``."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def span(values: Sequence[float], unit: str = "") -> str:
    """Write the least and the largest, as in ``2.9 to 4.5``."""
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def fill(text: str, width: int, indent: str = "") -> str:
    """Break a paragraph into lines."""
    return textwrap.fill(text.strip(), width, subsequent_indent=indent) + "\n"


def shade(ratio: float) -> str:
    """Give the class of a field: o for ours, r for a rival, darker for a larger lead."""
    level = sum(max(ratio, 1 / ratio) >= step for step in STEPS)
    return "even" if level == 0 else f"{'o' if ratio < 1 else 'r'}{level}"


@functools.cache
def _environment() -> Any:
    jinja2, markup = load("jinja2"), load("markupsafe")
    may_break = markup.Markup("_<wbr>")
    loader = jinja2.FileSystemLoader(Path(__file__).resolve().parent / "templates")
    strict = jinja2.StrictUndefined
    made = jinja2.Environment(
        loader=loader,
        autoescape=lambda name: not str(name).endswith(".md.j2"),
        undefined=strict,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "short": count,
        "times": ratio_text,
        "digits": three_digits,
        "tenths": "{:.1f}".format,
        "whole": "{:,}".format,
        "ns": nanoseconds_text,
        "span": span,
        "fill": fill,
        "zip": zip,
        "shade": shade,
        "known": lambda who: NAMES.get(who, who),
        "breaks": lambda text: markup.escape(text).replace("_", may_break),
    }
    made.globals |= {"CONTENDERS": CONTENDERS, "OURS": OURS, "RIVALS": RIVALS}
    return made
