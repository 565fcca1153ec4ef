"""Sections from other results, where they were measured: the grid of `auto`, and attacks."""

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.machine import one_line
from benchmarks.report.boards import NAMES
from benchmarks.report.heat import shade
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table
from benchmarks.report.markup import name as key_name

RESULTS = Path(__file__).resolve().parent.parent / "results"
# What `auto` may take: of the best of our structures in large and in small batches, of NumPy.
LARGE_BATCH, WITHIN_LARGE, WITHIN_SMALL, WITHIN_NUMPY = 1_000, 1.15, 1.4, 1.15
SHOWN = 60
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


def auto_grid(file: Path = RESULTS / "grid.jsonl") -> str:
    """Show where `auto` did not choose well enough: every cell that fails is named."""
    newest: dict[tuple[str, int, str], tuple[dict[str, Any], dict[str, list[float]]]] = {}
    lines, machine = _of_one_machine(read(file))
    for one in lines:
        for batch, times in one.get("cells", {}).items():
            newest[one["keys"]["name"], one["keys"]["n"], batch] = one, times
    judged = [
        (keys, n, int(batch), one["auto"], *_verdict(one["auto"], int(batch), times))
        for (keys, n, batch), (one, times) in newest.items()
        if one.get("auto") in times
    ]
    if not judged:
        return ""
    failed = sorted((one for one in judged if not one[-1]), key=lambda one: -max(one[4], one[5]))
    rows = [_grid_row(*one[:6]) for one in failed[:SHOWN]]
    columns = ("keys", "n", "batch", "auto chose", "÷ best of ours", "÷ NumPy")
    left_out = f"; the worst {SHOWN} are shown" if len(failed) > SHOWN else ""
    return section(
        "auto",
        "What auto chooses",
        f"<p>{len(judged) - len(failed)} of {len(judged)} cells are within {WITHIN_LARGE} of the "
        f"best of our structures (batches under 1,000: {WITHIN_SMALL}) and within {WITHIN_NUMPY} "
        f"of <code>np.searchsorted</code>. The others{left_out}:</p>",
        f'<p class="note">{esc(machine)}</p>',
        table("Cells in which auto is too far from the best", columns, rows),
    )


def _of_one_machine(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """Keep the lines of the machine and versions that have most of them: two are never mixed."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in lines:
        card = one.get("machine", {})
        found.setdefault(" ".join(str(card.get(name)) for name in SAME), []).append(one)
    most = max(found.values(), key=len, default=[])
    return most, one_line(most[-1].get("machine", {})) if most else ""


def _verdict(auto: str, batch: int, times: dict[str, list[float]]) -> tuple[float, float, bool]:
    ours = {name: statistics.median(each) for name, each in times.items() if name != "numpy"}
    to_ours = ours[auto] / min(ours.values())
    to_numpy = ours[auto] / statistics.median(times["numpy"]) if "numpy" in times else 0.0
    within = WITHIN_LARGE if batch >= LARGE_BATCH else WITHIN_SMALL
    return to_ours, to_numpy, to_ours <= within and to_numpy <= WITHIN_NUMPY


def _grid_row(keys: str, n: int, batch: int, auto: str, to_ours: float, to_numpy: float) -> str:
    return row(
        [
            cell(esc(keys), kind="th"),
            cell(count(n), value=n),
            cell(count(batch), value=batch),
            cell(esc(NAMES.get(auto, auto))),
            cell(ratio_text(to_ours)),
            cell(ratio_text(to_numpy)),
        ]
    )


def robustness(file: Path = RESULTS / "robustness.jsonl") -> str:
    """Show how much slower each contender gets on keys that were made against it."""
    lines, machine = _of_one_machine([one for one in read(file) if "slowdown" in one])
    if not lines:
        return ""
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
