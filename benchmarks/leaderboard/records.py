"""Lines of JSON: a line a card, and a line a cell that names its card.

A card is a machine with the versions on it. Cells of two cards are never mixed: each card is a
board of its own. Every line is written as soon as it is known, so a stopped run loses nothing.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.leaderboard.plan import Block, Cell

RESULTS = Path(__file__).resolve().parent.parent / "results"
FILE = RESULTS / "leaderboard.jsonl"

Record = dict[str, Any]


class SpoiledError(ValueError):
    """A line of a results file that is no record; says which one."""


def append(record: Record, file: Path) -> None:
    """Add a line; one that a stop cut short before it is closed first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
    with file.open("ab+") as stream:
        if stream.tell() > 0:
            stream.seek(-1, 2)
            text = text if stream.read(1) == b"\n" else "\n" + text
        stream.write(text.encode())


def read(file: Path) -> list[Record]:
    """Read all lines, the oldest first, and leave out what a stop cut short.

    Raises
    ------
    SpoiledError
        A line is JSON but no record: it was edited, or belongs to another file.
    """
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if not isinstance(record, dict) or "card" not in record:
            raise SpoiledError(
                f"{file.name}: line {number} is no record of a leaderboard: delete it"
            )
        found.append(record)
    return found


def place(record: Record) -> tuple[str, int | None, Cell]:
    """Say where a record belongs on its board."""
    cell = Cell(record["verb"], record.get("workload", ""), record.get("batch", 0))
    return record["set"], record["n"], cell


def is_cell(record: Record) -> bool:
    """Tell lines of cells from lines of cards, plans and sets that are absent."""
    return "times" in record


def newest_cells(
    records: Iterable[Record], card: str
) -> dict[tuple[str, int | None, Cell], Record]:
    """Give the newest record of each cell of a card."""
    return {place(one): one for one in records if is_cell(one) and one["card"] == card}


def is_done(
    found: dict[tuple[str, int | None, Cell], Record], block: Block, cell: Cell, rounds: int
) -> bool:
    """Tell whether a cell was measured on this card at least as thoroughly."""
    one = found.get((block.keys, block.n, cell))
    return one is not None and int(one["rounds"]) >= rounds
