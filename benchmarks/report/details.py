"""Everything in full: the table of all cells, what is missing and why, and the machine."""

from collections import defaultdict
from collections.abc import Iterable

from benchmarks.plan import CONTENDERS, OWN, PLANS
from benchmarks.report.boards import NOT_REACHED, Board, Measured
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table, three_digits
from benchmarks.report.markup import name as key_name
from benchmarks.report.names import NAMES

FIELDS = {
    "cpu": "processor",
    "caches": "caches",
    "cores": "cores",
    "system": "system",
    "python": "Python",
    "numpy": "NumPy",
    "learnedidx": "learnedidx",
    "kernels": "kernels",
    "compiler": "compiler",
    "build": "hash of the library as installed",
    "rivals": "rivals",
    "clock": "what is timed",
    "energy": "energy",
    "counters": "hardware counters",
}


def all_cells(board: Board) -> str:
    """Put every cell into one table that sorts and filters."""
    shown = [name for name in CONTENDERS if any(name in one.times for one in board.cells)]
    columns = ["keys", "n", "work", "batch", *(NAMES[name] for name in shown), "auto ÷ rival"]
    rows = [_row(one, shown) for one in board.cells]
    return section(
        "cells",
        "All cells",
        '<div class="filters" data-for="cells"></div>',
        table("Nanoseconds a query, in builds a key: medians of rounds", columns, rows),
        '<p class="note">Bold: the fastest of the row. “–”: missing, '
        '<a href="#missing">with its reason</a>. Press a column head to sort.</p>',
    )


def _row(one: Measured, names: Iterable[str]) -> str:
    fastest = one.best(CONTENDERS)
    auto = one.auto_to_rival()
    work = f"{one.cell.verb} {one.cell.workload}".strip()
    cells = [
        cell(key_name(one.keys), kind="th"),
        cell(count(one.length), value=one.length),
        cell(esc(work), css="word"),
        cell(count(one.cell.batch) if one.cell.batch else "", value=one.cell.batch),
    ]
    for name in names:
        value = one.median(name)
        css = "best" if name == fastest else ""
        cells.append(cell("–" if value is None else three_digits(value), css=css))
    cells.append(cell(ratio_text(auto.median) if auto else "–"))
    return row(cells, keys=one.keys, work=work, n=count(one.length))


def sizes(board: Board) -> str:
    """Put the bytes beside the caller's keys into a table, divided by the number of keys."""
    shown = [name for name in CONTENDERS if any(name in one.nbytes for one in board.cells)]
    rows = [
        row(
            [
                cell(key_name(one.keys), kind="th"),
                cell(count(one.length), value=one.length),
                *(_bytes(one, name) for name in shown),
            ]
        )
        for one in board.cells
        if one.nbytes
    ]
    return table("Bytes a key", ["keys", "n", *(NAMES[name] for name in shown)], rows)


def _bytes(one: Measured, name: str) -> str:
    """Write bytes a key; ~ marks the growth of a process, not the contender's own count."""
    if name not in one.nbytes:
        return cell("–")
    value = one.nbytes[name] / one.length
    return cell(f"{'~' if name in one.grown else ''}{value:.3g}", value=value)


def missing(board: Board) -> str:
    """Group what is missing by its reason."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in board.cells:
        where = f"{one.keys} {count(one.length)}, {one.cell.label}"
        for name, why in one.missing.items():
            found[NAMES.get(name, name), _general(why)].append(where)
    for (keys, n), why in board.absent.items():
        found[f"{keys} {count(n) if n else 'whole'}", why].append("all of it")
    rows = [_missing_row(who, why, where) for (who, why), where in found.items()]
    rows += [
        _missing_row(f"{keys} {count(n) if n else 'whole'}", NOT_REACHED, [f"{left} cells"])
        for (keys, n), left in board.not_reached().items()
    ]
    rows += _unplanned(board)
    body = table("What is missing, and why", ("what", "reason", "where"), rows) if rows else ""
    return section("missing", "Missing", body or "<p>Nothing.</p>")


def _unplanned(board: Board) -> list[str]:
    """Name what only the full plan measures, if nobody asked for that yet."""
    if "full" in board.plans or OWN in board.plans:
        return []
    have = {one.cell for one in board.cells}
    large = [count(n) for n in PLANS["full"].sizes if n > max(one.length for one in board.cells)]
    batches = [count(one.batch) for one in PLANS["full"].cells() if one not in have and one.batch]
    why = f"{NOT_REACHED}: only the small plan was run here, make bench goes on"
    return [
        _missing_row("sets of " + ", ".join(large) + " keys", why, ["all of it"]),
        _missing_row("batches of " + ", ".join(dict.fromkeys(batches)), why, ["all sets"]),
    ]


def _general(why: str) -> str:
    """Leave out what differs from cell to cell, so that equal reasons stand together."""
    return why.partition(" answers are wrong")[0].rpartition(": ")[0] if "are wrong" in why else why


def _missing_row(what: str, why: str, where: list[str]) -> str:
    first = esc("; ".join(where[:3]))
    rest = esc("; ".join(where[3:]))
    more = f"<details><summary>{len(where) - 3} more</summary>{rest}</details>" if rest else ""
    return row(
        [cell(esc(what), kind="th"), cell(esc(why), css="text"), cell(first + more, css="text")]
    )


def counted(board: Board) -> str:
    """Show instructions, misses and energy a lookup, where the machine gives them."""
    parts = [_instructions(board), _energy(board)]
    return section("counts", "Instructions and energy", *parts) if any(parts) else ""


def _energy(board: Board) -> str:
    rows = [
        row(
            [
                cell(key_name(one.keys), kind="th"),
                cell(count(one.length), value=one.length),
                cell(esc(one.cell.label), css="word"),
                cell(esc(NAMES[name]), css="word"),
                cell(three_digits(value)),
            ]
        )
        for one in board.cells
        for name, value in one.energy.items()
    ]
    columns = ("keys", "n", "work", "who", "microjoules a query")
    return table("Energy of the whole processor, by RAPL", columns, rows) if rows else ""


def _instructions(board: Board) -> str:
    if not board.counts:
        return ""
    events = ("instructions", "branch-misses", "cache-misses")
    rows = []
    for (keys, contender), one in board.counts.items():
        found = one["counts"] if isinstance(one["counts"], dict) else {}
        cells = [cell(three_digits(found[e]) if e in found else "–") for e in events]
        who = cell(esc(NAMES[contender]), css="word")
        rows.append(row([cell(key_name(keys), kind="th"), cell(count(one["n"])), who, *cells]))
    how = ", ".join(sorted({one["by"] for one in board.counts.values()}))
    return (
        table(
            f"A lookup in shuffled batches, counted by {how}", ("keys", "n", "who", *events), rows
        )
        + '<p class="note">Other programs on the machine do not blur these. callgrind knows no '
        "AVX-512: the library took its AVX2 kernels, and NumPy its own next ones.</p>"
    )


def machine_card(board: Board) -> str:
    """Show what has to be known to compare with another run."""
    one = board.machines[-1] if board.machines else {}
    items = [(label, one[field]) for field, label in FIELDS.items() if one.get(field)]
    dates = sorted({machine["date"] for machine in board.machines if machine.get("date")})
    commits = list(dict.fromkeys(m["commit"] for m in board.machines if m.get("commit")))
    items += [("measured on", ", ".join(dates)), ("commit", ", ".join(commits))]
    if board.load is not None:
        items.append(
            ("load while measuring", f"{board.load:g} programs on {one.get('cores')} cores")
        )
    items += [("plans", ", ".join(board.plans)), ("card", board.card)]
    terms = "".join(
        f"<div><dt>{esc(label)}</dt><dd>{esc(text)}</dd></div>" for label, text in items
    )
    return section("machine", "Machine card", f'<dl class="card">{terms}</dl>')


def how_to_read() -> str:
    """Say what the figures are, and what not to conclude from them."""
    return section(
        "reading",
        "How to read this",
        "<ul><li>All contenders of a cell are checked against <code>np.searchsorted</code>, then "
        "timed in interleaved rounds of one process, on one thread. A figure is the median of "
        "the rounds, a ratio the median of the ratios inside each round.</li>"
        "<li>Where the card says processor time, what other programs took meanwhile is not in "
        "the figures; caches and memory were shared with them all the same.</li>"
        "<li>A ratio holds for its card, as a time does: on another processor it is another one. "
        "No cell of one card is ever mixed with one of another.</li>"
        "<li>Rivals are shown at their best: in their own types, queries converted before the "
        "clock starts. Those that need one Python call a query are timed on a sample.</li>"
        "<li>pandas answers only whether a key is there, and where; absl and BTrees find a key but "
        "no position.</li></ul>",
    )
