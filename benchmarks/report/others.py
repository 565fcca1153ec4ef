"""Sections from other results, where they were measured: the grid of `auto`, and attacks."""

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.machine import one_line
from benchmarks.report.markup import cell, count, esc, ratio_text, row, section, table, three_digits

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
            cell(esc(auto)),
            cell(ratio_text(to_ours)),
            cell(ratio_text(to_numpy)),
        ]
    )


def robustness(file: Path = RESULTS / "robustness.jsonl") -> str:
    """Show the slow-down under attack, from whatever columns the results have."""
    lines = [_flat(one) for one in read(file)]
    columns = list(dict.fromkeys(name for one in lines for name in one))
    if not columns:
        return ""
    rows = [row(_any_cell(one.get(name)) for name in columns) for one in lines]
    return section("robustness", "Under attack", table("Slow-down of each", columns, rows))


def _flat(one: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Take numbers and words out of nested objects; lists of rounds become their median."""
    found: dict[str, Any] = {}
    for name, value in one.items():
        if name in ("machine", "card"):
            continue
        if isinstance(value, dict):
            found.update(_flat(value, f"{prefix}{name} "))
        elif isinstance(value, list) and value and all(isinstance(v, int | float) for v in value):
            found[prefix + name] = statistics.median(value)
        elif isinstance(value, str | int | float):
            found[prefix + name] = value
    return found


def _any_cell(value: Any) -> str:
    if value is None:
        return cell("–")
    if isinstance(value, float):
        return cell(three_digits(value), value=value)
    return cell(f"{value:,}" if isinstance(value, int) else esc(value), value=value)
