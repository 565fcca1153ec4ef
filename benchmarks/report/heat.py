"""Heat maps of who wins where: set by number of keys, and set by batch size."""

import math
from collections.abc import Mapping, Sequence

from benchmarks.plan import RIVALS
from benchmarks.report.boards import Board, Measured
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table
from benchmarks.report.markup import name as key_name
from benchmarks.report.names import NAMES

STEPS = (1.25, 2.0, 5.0)  # how many times faster makes a darker field


def who_wins(board: Board) -> str:
    """Draw all heat maps, with a legend that does without colour."""
    return section(
        "who-wins",
        "Who wins where",
        _legend(),
        f'<div class="maps">{_by_n(board)}{_by_batch(board)}</div>',
    )


def shade(ratio: float) -> str:
    """Give the class of a field: o for ours, r for a rival, darker for a larger lead."""
    lead = max(ratio, 1 / ratio)
    level = sum(lead >= step for step in STEPS)
    return "even" if level == 0 else f"{'o' if ratio < 1 else 'r'}{level}"


def _legend() -> str:
    fields = [
        ("o3", "ours, 5 × and more"),
        ("o2", "2 ×"),
        ("o1", "1.25 ×"),
        ("even", "even"),
        ("r1", "rival, 1.25 ×"),
        ("r2", "2 ×"),
        ("r3", "5 × and more"),
    ]
    items = "".join(f'<li class="heat {css}">{esc(text)}</li>' for css, text in fields)
    return (
        f'<ul class="legend" aria-label="Legend">{items}</ul><p class="note">A field names the '
        "fastest of all, and how many times faster it is than the fastest of the other side: "
        "ours against rivals.</p>"
    )


def _by_n(board: Board) -> str:
    main = main_batch(board)
    chosen = [one for one in board.cells if one.cell[1:] == ("mixed", main)]
    decades = sorted({_decade(one.length) for one in chosen})
    fields: dict[str, dict[int, Measured]] = {}
    for one in chosen:  # of two sizes in one decade the larger is shown
        kept = fields.setdefault(one.keys, {}).get(_decade(one.length))
        if kept is None or kept.length < one.length:
            fields[one.keys][_decade(one.length)] = one
    heads = [f"{count(10**decade)} …" for decade in decades]
    title = f"Keys by number of keys: shuffled batches of {count(main)}"
    return _map(title, "keys", decades, heads, fields)


def _by_batch(board: Board) -> str:
    mixed = [one for one in board.cells if one.cell.workload == "mixed"]
    batches = sorted({one.cell.batch for one in mixed})  # 0 is a single call
    fields: dict[str, dict[int, Measured]] = {}
    for one in mixed:
        kept = fields.setdefault(one.keys, {}).get(one.cell.batch)
        if kept is None or kept.length < one.length:
            fields[one.keys][one.cell.batch] = one
    heads = [count(size) if size else "one call" for size in batches]
    return _map(
        "Keys by batch size, at their largest number of keys", "keys", batches, heads, fields
    )


def _map(
    title: str,
    corner: str,
    columns: Sequence[int],
    heads: Sequence[str],
    fields: Mapping[str, Mapping[int, Measured]],
) -> str:
    rows = []
    for keys, line in fields.items():
        cells = [cell(key_name(keys), kind="th")]
        cells += [_field(line.get(column)) for column in columns]
        rows.append(row(cells))
    return table(title, [corner, *heads], rows, css="heatmap")


def _field(one: Measured | None) -> str:
    ratio = one.ours_to_rival() if one else None
    if one is None or ratio is None:
        return cell('<span class="small">not measured</span>', css="heat none")
    winner = one.ours() if ratio.median < 1 else one.best(RIVALS)
    lead = max(ratio.median, 1 / ratio.median)
    text = f"{esc(NAMES[winner or ''])}<br><b>{ratio_text(lead)} ×</b>"
    return cell(text, css=f"heat {shade(ratio.median)}")


def main_batch(board: Board) -> int:
    """Find the batch in which every workload was asked."""
    sizes = [one.cell.batch for one in board.cells if one.cell.batch]
    return max(set(sizes), key=sizes.count, default=1)


def _decade(n: int) -> int:
    return math.floor(math.log10(max(n, 1)))
