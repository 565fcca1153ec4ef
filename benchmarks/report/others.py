"""Sections from other results, where they were measured: the grid of `auto`, and attacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import record
from benchmarks.grid import records as grid_records
from benchmarks.grid.report import MOST_OF_BEST, MOST_OF_NUMPY, Verdict, verdicts
from benchmarks.machine import one_line
from benchmarks.report.heat import shade
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table
from benchmarks.report.markup import name as key_name
from benchmarks.report.names import NAMES

SHOWN = 60
T = TypeVar("T")
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx")


def auto_grid(file: Path = grid_records.FILE) -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    grid = grid_records.read(file)
    found = _most([(_same(one), one) for one in verdicts(grid)])
    if not found:
        return ""
    failed = [one for one in found if not one.holds]
    failed.sort(key=lambda one: -max(one.of_best / one.limit, one.of_numpy / MOST_OF_NUMPY))
    columns = ("keys", "n", "batch", "auto chose", "÷ best of ours", "÷ NumPy")
    left_out = f"; the worst {SHOWN} are shown" if len(failed) > SHOWN else ""
    machine = one_line(dict(found[0].cell.machine))
    return section(
        "auto",
        "What auto chooses",
        f"<p>{len(found) - len(failed)} of {len(found)} cells are within {MOST_OF_BEST[True]} of "
        f"the best of our structures (batches under 1,000: {MOST_OF_BEST[False]}) and within "
        f"{MOST_OF_NUMPY} of <code>np.searchsorted</code>. The others{left_out}:</p>",
        f'<p class="note">{esc("; ".join([machine, *grid.spoiled]))}</p>',
        table("Cells in which auto is too far from the best", columns, map(_cell, failed[:SHOWN])),
    )


def _most(found: Sequence[tuple[str, T]]) -> list[T]:
    """Keep what belongs to the machine that most belongs to: two are never mixed."""
    machines = [machine for machine, _ in found]
    most = max(machines, key=machines.count, default="")
    return [one for machine, one in found if machine == most]


def _cell(one: Verdict) -> str:
    return row(
        [
            cell(key_name(one.cell.place.keys), kind="th"),
            cell(count(one.cell.place.n), value=one.cell.place.n),
            cell(count(one.cell.batch), value=one.cell.batch),
            cell(esc(NAMES.get(one.auto, one.auto)), css="word"),
            cell(ratio_text(one.of_best)),
            cell(ratio_text(one.of_numpy)),
        ]
    )


def robustness(file: Path = record.KEPT) -> str:
    """Show how much slower each contender gets on keys that were made against it."""
    read = record.read(file)
    lines = _most([(one["card"], one) for one in read if "slow_down" in one])
    if not lines:
        return ""
    machine = one_line(record.machine_of(read, lines[-1]))
    newest = {one["set"]: one for one in lines}
    names = list(dict.fromkeys(name for one in lines for name in one["slow_down"]))
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
    if name not in one["slow_down"]:
        return cell("–", title=one["missing"].get(name, ""))
    value = one["slow_down"][name][0]
    return cell(ratio_text(value), css=f"heat {shade(value)}" if value > 1 else "")


def _same(one: Verdict) -> str:
    return " ".join(str(one.cell.machine.get(name)) for name in SAME)
