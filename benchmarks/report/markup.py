"""Pieces of HTML: escaped text, numbers as people read them, tables."""

import html
from collections.abc import Iterable, Sequence

from benchmarks.tables import three_digits

__all__ = ["cell", "count", "esc", "name", "ratio_text", "row", "section", "table", "three_digits"]

WORDS = (
    "work",
    "who",
    "whose",
    "auto chose",
    "fastest rival",
    "reason",
    "where",
)  # columns of text
LEFT = ' class="word"'


def esc(text: object) -> str:
    """Escape text for an element or a quoted attribute."""
    return html.escape(str(text), quote=True)


def name(text: str) -> str:
    """Escape a name of keys or machines; long ones may break behind an underscore."""
    return esc(text).replace("_", "_<wbr>")


def count(n: int) -> str:
    """Write a number of keys shortly where it is round, as in ``100 k`` or ``10,995,687``."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if n >= size and n % size == 0:
            return f"{n // size} {unit}"
    return f"{n:,}"


def ratio_text(value: float) -> str:
    """Write how many times, as in ``0.12`` or ``3.4``."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def cell(
    content: str, *, kind: str = "td", value: object = None, css: str = "", title: str = ""
) -> str:
    """Make a table cell; `value` is what sorting compares, `content` is already escaped."""
    data = "" if value is None else f' data-v="{esc(value)}"'
    look = f' class="{css}"' if css else ""
    look += f' title="{esc(title)}"' if title else ""
    scope = ' scope="row"' if kind == "th" else ""
    return f"<{kind}{scope}{look}{data}>{content}</{kind}>"


def row(cells: Iterable[str], **data: object) -> str:
    """Make a table row with data attributes for the filters."""
    attributes = "".join(f' data-{field}="{esc(value)}"' for field, value in data.items())
    return f"<tr{attributes}>{''.join(cells)}</tr>"


def table(
    caption: str, columns: Sequence[str], rows: Iterable[str], *, css: str = "sortable"
) -> str:
    """Make a table that scrolls sideways on its own; the script makes its heads sort."""
    heads = "".join(
        f'<th scope="col"{LEFT if column in WORDS else ""}>{esc(column)}</th>' for column in columns
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f'<table class="{css}"><caption>{esc(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def section(key: str, title: str, *content: str) -> str:
    """Make a section with a heading that links can reach."""
    body = "\n".join(content)
    head = f'<h2 id="{key}-h">{esc(title)}</h2>'
    return f'<section id="{key}" aria-labelledby="{key}-h">{head}\n{body}</section>'
