"""The one record: a line of JSON for each measured cell, and one for each card that cells name.

A card is a machine with the versions on it. Cells of two cards are never mixed: each card is a
board of its own. Every line is written as soon as it is known, so a stopped run loses nothing.

A cell has ``card`` and ``suite``; ``set``, ``n`` (what was asked for, null is a real set whole),
``length`` and ``dtype`` of its keys; ``verb``, ``workload`` and ``batch``, which name it; ``unit``
and ``times``, a list for each contender with a number for each round; ``missing``, reasons by
contender; ``load``, the programs that wanted the processor. A suite may add facts that need no
clock, such as ``bytes``. Cells over someone's own keys have a digest of them in ``keys``.
"""

import json
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.plan import Cell

RESULTS = Path(__file__).resolve().parent / "results"
KEPT = RESULTS / "measured.jsonl"  # committed; every other run goes to `build`
AUTO = RESULTS / "auto.jsonl"  # those of the suite `auto`, which are more than all others
FILE = RESULTS.parent.parent / "build" / "measured.jsonl"

CARD = frozenset({"card"})
MACHINE, PLAN = "measured on", "by the plan"  # what `measured` adds to a cell
FIELDS = CARD | {"set", "n", "verb"}  # of every cell

Record = dict[str, Any]
Key = tuple[str, int | None, Cell]


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
    ValueError
        A line is JSON but no record: it was edited, or belongs to another file.
    """
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:  # no JSON, or cut within a letter
            continue
        if not isinstance(record, dict) or not (FIELDS if is_cell(record) else CARD) <= {*record}:
            raise ValueError(f"{file.name}: line {number} is no record: delete it")
        found.append(record)
    return found


def key(record: Record) -> Key:
    """Say which cell a record is of, whatever its card."""
    cell = Cell(record["verb"], record.get("workload", ""), record.get("batch", 0))
    return record["set"], record["n"], cell


def is_cell(record: Record) -> bool:
    """Tell lines of cells from lines of cards, plans and sets that are absent."""
    return "times" in record


def cards(records: Iterable[Record]) -> dict[str, dict[str, str]]:
    return {one["card"]: one["machine"] for one in records if "machine" in one}


def measured(records: Iterable[Record]) -> Iterator[Record]:
    """Give the cells, the oldest first, each with its card as it was last described before it."""
    described = dict[str, Record]()
    for one in records:
        if "machine" in one:
            described[one["card"]] = one
        if is_cell(one):
            card = described.get(one["card"], {})
            yield one | {MACHINE: card.get("machine", {}), PLAN: card.get("plan", "")}


def medians(one: Record) -> dict[str, float]:
    """Give the median of the rounds of each contender."""
    return {name: statistics.median(times) for name, times in one["times"].items() if times}


def newest_cells(records: Iterable[Record], card: str) -> dict[Key, Record]:
    """Give the newest record of each cell of a card."""
    return {key(one): one for one in records if is_cell(one) and one["card"] == card}
