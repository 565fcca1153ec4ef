"""The tables of benchmarks.robustness, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import machine

Row = Mapping[str, Any]
MISSING = "missing"


def page(found: Row) -> str:
    """Lay out all tables of a run, with what their numbers mean and the machine they are from."""
    rows = found["rows"]
    ours = [name for name in _contenders(rows) if any("lines" in row for row in _of(rows, name))]
    parts = [
        "# Slow-down by attacks",
        f"{found['n']:,} keys, seed {found['seed']}. `python -m benchmarks.robustness --write` "
        "makes this page anew; with `--rounds 0` nothing is timed, only counted.",
        *(_times(found) if found["rounds"] else []),
        "## Bytes on the attack / bytes on uniform keys",
        _table(rows, ours, _grown_bytes),
        "## Largest certified window, in keys",
        _table(rows, ours, lambda row: f"{row['window']:,.0f}", found["control"], "window"),
        "## Most cache lines that a lookup of a key touches",
        _table(rows, ours, lambda row: f"{row['lines']:.0f}", found["control"], "lines"),
        "## Appended tails: an index that was extended 24 times / one built anew",
        _grown(found["grown"]),
        *_missing(rows),
        machine.one_line(found["machine"]) + f" · commit {found['machine']['commit']}",
    ]
    return "\n\n".join(parts) + "\n"


def _times(found: Row) -> list[str]:
    """Lay out what was timed."""
    rows = found["rows"]
    return [
        "## Time on the attack / time on uniform keys",
        f"{found['queries']:,} queries, half of them hits, in batches; {found['rounds']} "
        "interleaved rounds in one process. Processor time of the thread that looks up; medians "
        "of the rounds; 1.00 is no slow-down.",
        _table(rows, _contenders(rows), lambda row: f"{row['slow_down']:.2f}"),
        "## Nanoseconds a query on the attack",
        _table(rows, _contenders(rows), lambda row: _digits(row["ns"])),
    ]


def _contenders(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["contender"] for row in rows))


def _of(rows: Sequence[Row], contender: str) -> list[Row]:
    return [row for row in rows if row["contender"] == contender]


def _table(
    rows: Sequence[Row],
    contenders: Sequence[str],
    cell: Callable[[Row], str],
    control: Mapping[str, Row] | None = None,
    count: str = "",
) -> str:
    """Lay out one number of every attack and contender; first that of the control, if counted."""
    lines = ["| keys | " + " | ".join(contenders) + " |", "| --- |" + " ---: |" * len(contenders)]
    if control is not None:
        cells = [f"{control[name][count]:,.0f}" for name in contenders]
        lines.append("| uniform | " + " | ".join(cells) + " |")
    for attack in dict.fromkeys(row["attack"] for row in rows):
        there = {row["contender"]: row for row in rows if row["attack"] == attack}
        cells = [
            MISSING if MISSING in there[name] else cell(there[name])
            for name in contenders
            if name in there
        ]
        lines.append(f"| {attack} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _grown(rows: Sequence[Row]) -> str:
    lines = ["| model | time | (low–high) | bytes | most lines |", "| --- |" + " ---: |" * 4]
    for row in rows:
        timed = "slow_down" in row
        spread = f"{row['low']:.2f}–{row['high']:.2f}" if timed else "–"
        cells = [row["contender"], f"{row['slow_down']:.2f}" if timed else "–", spread]
        cells += [_grown_bytes(row), f"{row['lines']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _grown_bytes(row: Row) -> str:
    return f"{row['bytes'] / row['bytes_control']:.2f}" if row["bytes_control"] else "–"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _missing(rows: Sequence[Row]) -> list[str]:
    """Say why what is missing is missing: once for each reason, and where."""
    where: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if MISSING in row:
            where.setdefault((row["contender"], row[MISSING]), []).append(row["attack"])
    return [f"{name} on {', '.join(attacks)}: {why}" for (name, why), attacks in where.items()]
