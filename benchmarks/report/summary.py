"""The top of the page: what was found in a few lines, and where the library loses."""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.plan import CONTENDERS, OURS, RIVALS
from benchmarks.report.boards import Board, Measured
from benchmarks.report.markup import (
    cell,
    count,
    esc,
    name,
    ratio_text,
    row,
    section,
    table,
    three_digits,
)
from benchmarks.report.names import NAMES
from benchmarks.rounds import Ratio

CLEAR = 1.05  # below this many times slower two are called equal: rounds differ by as much
SHOWN = 15  # losses in the first table; the others are one click away
LARGE_BATCH = 1_000
LOSS_COLUMNS = (
    "keys",
    "n",
    "work",
    "auto chose",
    "ns",
    "fastest rival",
    "ns",
    "auto ÷ rival",
    "best of ours ÷ rival",
)


class Kind(NamedTuple):
    """A group of cells that people ask about."""

    title: str
    belongs: Callable[[Measured], bool]


KINDS = (
    Kind(
        "shuffled batches of 1,000 and more",
        lambda one: one.cell.workload == "mixed" and one.cell.batch >= LARGE_BATCH,
    ),
    Kind("batches of fewer than 1,000", lambda one: 0 < one.cell.batch < LARGE_BATCH),
    Kind("sorted batches", lambda one: one.cell.workload == "sorted"),
    Kind("Zipf batches", lambda one: one.cell.workload == "zipf"),
    Kind("hits alone", lambda one: one.cell.workload == "hits"),
    Kind("misses alone", lambda one: one.cell.workload == "misses"),
    Kind("single calls from Python", lambda one: one.cell.verb == "single"),
    Kind("building", lambda one: one.cell.verb == "build"),
)


def summary(board: Board) -> str:
    """Say what was found in one table and three sentences."""
    rows = [line for kind in KINDS if (line := _kind_row(kind, board.cells))]
    columns = (
        "what",
        "cells",
        "ours fastest",
        "auto fastest",
        "ours, times NumPy's speed",
        "auto, times the best rival's speed",
        "auto at its worst",
    )
    return section(
        "summary",
        "Summary",
        _sentences(board),
        _busy(board),
        table("By kind of work: medians over cells", columns, rows),
        standings(board.cells),
        '<p class="note">“Fastest” means ahead of every rival by any margin, in medians of '
        "interleaved rounds. Speeds above 1 are faster. In “building”, what borrows the "
        "array or copies it into a list takes no part.</p>",
    )


def _sentences(board: Board) -> str:
    lost = losses(board)
    keys = len({one.keys for one in board.cells})
    lengths = [one.length for one in board.cells]
    with_auto = [one for one in board.cells if one.auto_to_rival() is not None]
    return (
        f'<p class="lead">{len(board.cells):,} cells over {keys} key sets of {count(min(lengths))} '
        f"to {count(max(lengths))} keys. What <code>auto</code> chose is slower than the fastest "
        f"rival in <strong>{len(lost)} of {len(with_auto)}</strong> cells (by more than "
        f'{CLEAR - 1:.0%}): <a href="#losses">where we lose</a>.</p>'
    )


def standings(cells: Sequence[Measured]) -> str:
    """Rank all contenders over all lookups: how many times the fastest one's time they take."""
    found: dict[str, list[float]] = {}
    for one in cells:
        fastest = one.best(CONTENDERS[1:])
        for who in CONTENDERS if fastest and one.cell.verb != "build" else ():
            if one.times.get(who):
                found.setdefault(who, []).append(one.against(who, fastest or who).median)
    order = sorted(found, key=lambda who: statistics.median(found[who]))
    rows = [
        row(
            [
                cell(esc(NAMES[who]), kind="th"),
                cell("ours" if who in OURS else "rival", css="word"),
                cell(str(len(found[who]))),
                cell(str(sum(value <= 1 for value in found[who]))),
                cell(f"{ratio_text(statistics.median(found[who]))} ×"),
                cell(f"{ratio_text(max(found[who]))} ×"),
            ]
        )
        for who in order
    ]
    columns = ("who", "whose", "cells", "fastest in", "median, of the fastest", "at its worst")
    return table("Standings over all lookups: time divided by the fastest's", columns, rows)


def _busy(board: Board) -> str:
    cores = board.machines[-1].get("cores", "") if board.machines else ""
    if board.load is None or not cores.isdigit() or board.load <= int(cores):
        return ""
    return (
        f'<p class="busy">The machine was busy: {board.load:g} programs shared {cores} cores. '
        "Rounds are interleaved, so ratios hold better than single figures.</p>"
    )


def _kind_row(kind: Kind, cells: Sequence[Measured]) -> str:
    chosen = [one for one in cells if kind.belongs(one) and one.auto_to_rival()]
    if not chosen:
        return ""
    best = [found.median for one in chosen if (found := one.ours_to_rival())]
    auto = [found.median for one in chosen if (found := one.auto_to_rival())]
    numpy = [_speed_of_numpy(one) for one in chosen if kind.title != "building"]
    speed = [value for value in numpy if value is not None]
    return row(
        [
            cell(esc(kind.title), kind="th"),
            cell(str(len(chosen)), value=len(chosen)),
            _share(best),
            _share(auto),
            cell(f"{ratio_text(statistics.median(speed))} ×" if speed else "–"),
            cell(f"{ratio_text(1 / statistics.median(auto))} ×"),
            cell(f"{ratio_text(1 / max(auto))} ×"),
        ]
    )


def _share(ratios: Sequence[float]) -> str:
    won = sum(value < 1 for value in ratios) / len(ratios)
    return cell(f"{won:.0%}", value=won)


def _speed_of_numpy(one: Measured) -> float | None:
    ours = one.ours()
    return 1 / one.against(ours, "numpy").median if ours and one.times.get("numpy") else None


def losses(board: Board) -> list[Measured]:
    """List the cells in which what the library chooses is clearly slower than a rival."""
    found = [(one.auto_to_rival(), one) for one in board.cells]
    lost = [(ratio.median, one) for ratio, one in found if ratio and ratio.median > CLEAR]
    return [one for _, one in sorted(lost, key=lambda pair: -pair[0])]


def where_we_lose(board: Board) -> str:
    """Show every cell that is lost, the worst first."""
    lost = losses(board)
    if not lost:
        return section("losses", "Where we lose", "<p>In no cell that was measured.</p>")
    lookups = [_loss_row(one) for one in lost if one.cell.verb != "build"]
    builds = [_loss_row(one) for one in lost if one.cell.verb == "build"]
    return section(
        "losses",
        "Where we lose",
        _by_kind(lost, board),
        _loss_table("Lookups in which auto is slower than a rival, the worst first", lookups),
        _loss_table("Building: auto slower than a rival's structure, the worst first", builds),
        '<p class="note">pandas answers only whether a key is there, and where; absl and BTrees '
        "find a key but no position. Nanoseconds are a query, in builds a key. In the last column, "
        "below 1 another structure of ours would have won: the choice lost, not the library.</p>",
    )


def _loss_table(title: str, rows: Sequence[str]) -> str:
    if not rows:
        return ""
    first = table(title, LOSS_COLUMNS, rows[:SHOWN])
    if len(rows) <= SHOWN:
        return first
    rest = table(f"{title}: the others", LOSS_COLUMNS, rows[SHOWN:])
    return f"{first}<details><summary>{len(rows) - SHOWN} more</summary>{rest}</details>"


def _by_kind(lost: Sequence[Measured], board: Board) -> str:
    parts = []
    for kind in KINDS:
        of = [one for one in board.cells if kind.belongs(one) and one.auto_to_rival()]
        number = sum(kind.belongs(one) for one in lost)
        if number:
            to = _winners([one for one in lost if kind.belongs(one)])
            parts.append(f"<li>{esc(kind.title)}: {number} of {len(of)}, to {esc(to)}</li>")
    return f"<ul>{''.join(parts)}</ul>"


def _spread(ratio: Ratio) -> str:
    """Write a ratio with its lowest and highest round: a wide bracket is a busy machine."""
    low, high = ratio_text(ratio.low), ratio_text(ratio.high)
    return f'{ratio_text(ratio.median)} <span class="small">({low} to {high})</span>'


def _winners(lost: Sequence[Measured]) -> str:
    names = [found for one in lost if (found := one.best(RIVALS))]
    order = sorted(set(names), key=lambda rival: -names.count(rival))
    return ", ".join(f"{NAMES[rival]} ({names.count(rival)})" for rival in order)


def _loss_row(one: Measured) -> str:
    auto, ours, rival = one.auto_to_rival(), one.ours_to_rival(), one.best(RIVALS)
    assert auto is not None and rival is not None
    mine, theirs = one.median("auto"), one.median(rival)
    assert mine is not None and theirs is not None
    return row(
        [
            cell(name(one.keys), kind="th"),
            cell(count(one.length), value=one.length),
            cell(esc(one.cell.label), css="word"),
            cell(esc(one.chose or "–"), css="word"),
            cell(three_digits(mine)),
            cell(esc(NAMES[rival]), css="word"),
            cell(three_digits(theirs)),
            cell(_spread(auto), value=auto.median),
            cell(ratio_text(ours.median) if ours else "–"),
        ]
    )
