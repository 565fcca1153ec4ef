"""Sections from other results, where they were measured: what `auto` chose, and attacks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import record
from benchmarks.machine import one_line
from benchmarks.report import auto
from benchmarks.report.auto import MOST_OF_BEST, MOST_OF_NUMPY, Cell, share
from benchmarks.report.heat import shade
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table
from benchmarks.report.markup import name as key_name
from benchmarks.report.names import NAMES

RESULTS = Path(__file__).resolve().parent.parent / "results"
SHOWN = 60
T = TypeVar("T")
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")


def read(file: Path) -> list[dict[str, Any]]:
    """Read lines that are JSON objects; a file that is not there has none."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            one = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(one, dict):
            found.append(one)
    return found


def auto_grid(file: Path = record.AUTO) -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    judged = auto.judged(auto.read(file))
    found = _most([(_same({"machine": one.machine}), one) for one in judged])
    if not found:
        return ""
    failed = [one for one in found if not one.holds]
    failed.sort(key=lambda one: -max(one.of_best / one.limit, one.of_numpy / MOST_OF_NUMPY))
    columns = ("keys", "n", "batch", "auto chose", "÷ best of ours", "÷ NumPy")
    left_out = f"; the worst {SHOWN} are shown" if len(failed) > SHOWN else ""
    machine = one_line(dict(found[0].machine))
    return section(
        "auto",
        "What auto chooses",
        f"<p>{share(found)} cells are within {MOST_OF_BEST[True]} of "
        f"the best of our structures (batches under 1,000: {MOST_OF_BEST[False]}) and within "
        f"{MOST_OF_NUMPY} of <code>np.searchsorted</code>, of keys that the rule was not fitted to "
        f"{share([one for one in found if one.held_out])}. The others{left_out}:</p>",
        f'<p class="note">{esc(machine)}</p>',
        table("Cells in which auto is too far from the best", columns, map(_cell, failed[:SHOWN])),
    )


def _most(found: Sequence[tuple[str, T]]) -> list[T]:
    """Keep what belongs to the machine that most belongs to: two are never mixed."""
    machines = [machine for machine, _ in found]
    most = max(machines, key=machines.count, default="")
    return [one for machine, one in found if machine == most]


def _cell(one: Cell) -> str:
    return row(
        [
            cell(key_name(one.place.keys), kind="th"),
            cell(count(one.place.n), value=one.place.n),
            cell(count(one.batch), value=one.batch),
            cell(esc(NAMES.get(one.auto, one.auto)), css="word"),
            cell(ratio_text(one.of_best)),
            cell(ratio_text(one.of_numpy)),
        ]
    )


def robustness(file: Path = RESULTS / "robustness.jsonl") -> str:
    """Show how much slower each contender gets on keys that were made against it."""
    lines = _most([(_same(one), one) for one in read(file) if "slowdown" in one])
    if not lines:
        return ""
    machine = one_line(lines[-1].get("machine", {}))
    newest = {one["attack"]: one for one in lines}
    names = list(dict.fromkeys(name for one in lines for name in one["slowdown"]))
    rows = [
        row([cell(key_name(attack), kind="th"), *(_slower(one, name) for name in names)])
        for attack, one in newest.items()
    ]
    keys = count(next(iter(newest.values())).get("n", 0))
    return section(
        "robustness",
        "Under attack",
        table(
            f"Time on keys made to hurt, divided by time on {keys} uniform ones",
            ["attack", *(NAMES.get(name, name) for name in names)],
            rows,
        ),
        f'<p class="note">1.00 is no slow-down. {esc(machine)}</p>',
    )


def _slower(one: dict[str, Any], name: str) -> str:
    value = one["slowdown"].get(name)
    if value is not None:
        return cell(ratio_text(value), css=f"heat {shade(value)}" if value > 1 else "")
    rows = [each for each in one.get("contenders", ()) if each.get("contender") == name]
    return cell("–", title=str(rows[0].get("missing", "")) if rows else "")


def _same(one: dict[str, Any]) -> str:
    return " ".join(str(one.get("machine", {}).get(name)) for name in SAME)
