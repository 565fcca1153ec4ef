"""Finished blocks as lines of JSON: written one by one, so that a stopped run goes on later."""

import json
from pathlib import Path
from typing import Any

from benchmarks.limits.blocks import Block
from benchmarks.limits.measured import Figure, Measured, Plan
from benchmarks.rounds import Ratio

RESULTS = Path(__file__).resolve().parent.parent / "results"
FILE = RESULTS / "limits.jsonl"
# A block need not run again while these are the same.
SAME = ("cpu", "kernels", "python", "numpy", "learnedidx", "commit")

Record = dict[str, Any]


def record(
    block: Block, keys: tuple[int, str], plan: Plan, measured: Measured, card: dict[str, str]
) -> Record:
    """Describe a finished block; `keys` are their number and their dtype."""
    return {
        "machine": card,
        "suite": block.suite,
        "keys": {"name": block.keys, "n": block.n, "length": keys[0], "dtype": keys[1]},
        "queries": plan.queries,
        "rounds": plan.rounds,
        "seed": plan.seed,
        "figures": {name: _as_json(figure) for name, figure in measured.figures.items()},
        "nanoseconds": {
            name: [float(f"{value:.5g}") for value in times]
            for name, times in measured.nanoseconds.items()
        },
        "bytes": measured.nbytes,
    }


def _as_json(figure: Figure) -> Record:
    if figure.ratio is None:
        return {"missing": figure.missing}
    return {"ratio": [float(f"{value:.4g}") for value in figure.ratio], "of": figure.of}


def figures_of(found: Record) -> dict[str, Figure]:
    """Read the figures of a record."""
    return {name: _from_json(value) for name, value in found["figures"].items()}


def _from_json(value: Record) -> Figure:
    if "missing" in value:
        return Figure(missing=value["missing"])
    return Figure(Ratio(*value["ratio"]), value["of"])


def place(found: Record) -> tuple[str, str, int | None]:
    """Say which block a record is of."""
    return found["suite"], found["keys"]["name"], found["keys"]["n"]


def append(found: Record, file: Path) -> None:
    """Add a line."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(found, ensure_ascii=False) + "\n")


def read(file: Path) -> list[Record]:
    """Read all lines, the oldest first; the last one may have been cut short by a stop."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def newest(records: list[Record]) -> list[Record]:
    """Keep the newest record of each block."""
    return list({place(found): found for found in records}.values())


def is_done(block: Block, plan: Plan, card: dict[str, str], records: list[Record]) -> bool:
    """Tell whether a block was measured here, with these versions, at least as thoroughly."""
    return any(
        place(found) == (block.suite, block.keys, block.n)
        and found["rounds"] >= plan.rounds
        and found["queries"] >= plan.queries
        and all(_same(found["machine"].get(field), card.get(field)) for field in SAME)
        for found in records
    )


def _same(one: str | None, other: str | None) -> bool:
    # The file itself makes the tree dirty as soon as the first block is in it.
    return (one or "").removesuffix("-dirty") == (other or "").removesuffix("-dirty")
