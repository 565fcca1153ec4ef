"""The page: one file of HTML with its style, its script and its drawings inside."""

import re
from pathlib import Path

from benchmarks.machine import one_line
from benchmarks.report.boards import Board
from benchmarks.report.details import all_cells, counted, how_to_read, machine_card, missing
from benchmarks.report.heat import who_wins
from benchmarks.report.markup import esc, section
from benchmarks.report.others import auto_grid, robustness
from benchmarks.report.pictures import charts, fronts
from benchmarks.report.summary import summary, where_we_lose

HERE = Path(__file__).resolve().parent
TITLE = "learnedidx leaderboard"
LINKS = (
    ("summary", "Summary"),
    ("losses", "Where we lose"),
    ("who-wins", "Who wins"),
    ("charts", "Time"),
    ("pareto", "Bytes"),
    ("auto", "auto"),
    ("robustness", "Attacks"),
    ("counts", "Instructions"),
    ("cells", "All cells"),
    ("missing", "Missing"),
    ("machine", "Machine"),
    ("others", "Other machines"),
)

OF_OTHERS = (summary, where_we_lose, who_wins, all_cells, missing, machine_card)


def page(boards: list[Board], here: str | None = None) -> str:
    """Write the whole page; the first board in full, each other one with its own card."""
    if not boards:
        return _frame("<p>Nothing was measured yet: <code>make bench</code>.</p>", "")
    main, *others = boards
    caption = one_line(main.machines[-1]) if main.machines else main.card
    whose = "Measured here" if main.card == here else "Another machine, or other versions"
    sections = [
        summary(main),
        where_we_lose(main),
        who_wins(main),
        charts(main),
        fronts(main),
        auto_grid(),
        robustness(),
        counted(main),
        all_cells(main),
        missing(main),
        machine_card(main),
        how_to_read(),
        _other_boards(others),
    ]
    body = "\n".join(part for part in sections if part)
    links = "".join(
        f'<a href="#{name}">{esc(text)}</a>'
        for name, text in LINKS
        if f'<section id="{name}"' in body
    )
    head = f'<p class="caption">{whose}: {esc(caption)}</p><nav aria-label="Sections">{links}</nav>'
    return _frame(body, head)


def _other_boards(boards: list[Board]) -> str:
    if not boards:
        return ""
    parts = []
    for board in boards:
        caption = one_line(board.machines[-1]) if board.machines else board.card
        inner = "".join(part(board) for part in OF_OTHERS)
        title = f"{caption} · card {board.card} · {len(board.cells)} cells"
        parts.append(
            f'<details class="board"><summary>{esc(title)}</summary>'
            f"{_renamed(inner, board.card)}</details>"
        )
    return section("others", "Other machines and versions", *parts)


def _renamed(text: str, card: str) -> str:
    """Give the sections of another board names of their own, and a lower heading."""
    names = "|".join(name for name, _ in LINKS)
    text = re.sub(rf'((?:id|href|aria-labelledby|data-for)="#?(?:{names}))', rf"\1-{card}", text)
    return text.replace("<h2", "<h3").replace("</h2>", "</h3>")


def _frame(body: str, head: str) -> str:
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{TITLE}</title><style>\n{style}</style></head>\n"
        f"<body><header><h1>{TITLE}</h1>{head}</header>\n<main>{body}</main>\n"
        f"<script>\n{script}</script></body></html>\n"
    )
