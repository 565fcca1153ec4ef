"""Sorted containers beside sortedcontainers and BTrees: python -m benchmarks.containers [n ...].

All hold the same random int keys in one process. A round times every container once, in a shuffled
order; a figure is the median of the rounds, a ratio that of the medians. Floors and aims are ratios
of time at a million keys. --save adds the figures to benchmarks/results/containers.jsonl and writes
containers.md beside it.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.containers_cases import CASES, Case, Keys, contenders
from benchmarks.containers_memory import table
from benchmarks.machine import card, one_line

RESULTS = Path(__file__).parent / "results"
ROUNDS = 7


class Row(NamedTuple):
    """The medians of one case, in ns for each operation."""

    n: int
    case: str
    ours: float
    rivals: dict[str, float]
    floors: dict[str, tuple[float, float | None]]


def timed(call: Callable[[], int]) -> float:
    """Return the processor's time for one operation of a call that says how many it made, in ns."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time_ns()
        operations = call()
        return (time.process_time_ns() - began) / operations
    finally:
        gc.enable()


def measure(case: Case, keys: Keys, rounds: int, seconds: float) -> Row:
    """Time a case in interleaved rounds, for at most some seconds once there are three."""
    held = contenders(case, keys)
    times: dict[str, list[float]] = {name: [] for name in held}
    shuffler = random.Random(case.name)
    end = time.monotonic() + seconds
    while len(times["ours"]) < rounds:
        if len(times["ours"]) >= 3 and time.monotonic() > end:
            break
        order = list(held)
        shuffler.shuffle(order)
        for name in order:
            times[name].append(timed(lambda name=name: case.run(held[name], name, keys)))  # type: ignore[misc]
            case.restore(held[name], name, keys)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ours = medians.pop("ours")
    return Row(keys.n, case.name, ours, medians, case.floors)


def line(row: Row) -> str:
    """Return one row of the table."""
    cells = [row.case, f"{row.ours:,.1f}"]
    for name, nanoseconds in row.rivals.items():
        ratio = nanoseconds / row.ours
        floor, aim = row.floors.get(name, (None, None))
        said = ""
        if floor is not None:
            verdict = "met" if ratio >= floor else "MISSED"
            wanted = f"floor {floor:g}" + ("" if aim is None else f", aim {aim:g}")
            said = f" ({wanted}: {verdict})" if row.n == 1_000_000 else f" ({wanted})"
        cells.append(f"{name} {nanoseconds:,.1f}: {ratio:.2f}x{said}")
    return "| " + " | ".join(cells) + " |"


def read(file: Path) -> tuple[list[Row], dict[int, list[str]], dict[str, str]]:
    """Read what was saved: the last figures of each case, of memory, and the last machine."""
    rows: dict[tuple[int, str], Row] = {}
    memory: dict[int, list[str]] = {}
    described: dict[str, str] = {}
    for text in file.read_text().splitlines():
        record = json.loads(text)
        described = record.pop("machine")
        if "memory" in record:
            memory[record["n"]] = record["memory"]
        else:
            rows[record["n"], record["case"]] = Row(**record)
    return list(rows.values()), memory, described


def report(rows: list[Row], memory: dict[int, list[str]], described: dict[str, str]) -> str:
    """Return the page of results."""
    said = [
        "# Sorted containers",
        "",
        "Written by `python -m benchmarks.containers --save`. Nanoseconds of the processor for an",
        "operation: medians of interleaved rounds in one process; ratios say how many times faster",
        "than the rival.",
        "",
        one_line(described),
    ]
    for n in sorted({row.n for row in rows}):
        said += [
            "",
            f"## {n:,} keys",
            "",
            "| case | ours | rivals | | |",
            "| --- | --- | --- | --- | --- |",
        ]
        said += [line(row) for row in rows if row.n == n]
        if n in memory:
            said += ["", "Bytes a key after random insertions:", ""]
            said += ["| | ours | sortedcontainers | BTrees |", "| --- | --- | --- | --- |"]
            said += memory[n]
    return "\n".join(said) + "\n"


def main() -> None:
    """Measure, print, and perhaps save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)), default=[1_000_000])
    parser.add_argument("--cases", default="", help="only cases whose name contains this")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=8, help="for each case, at most")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    for n in options.sizes:
        keys = Keys.draw(n)
        print(f"{n:,} keys", flush=True)
        for case in CASES:
            if options.cases in case.name:
                row = measure(case, keys, options.rounds, options.seconds)
                print(line(row), flush=True)
                save(row._asdict(), options.save)
        if not options.cases:
            measured = table(n)
            print("\n".join(measured), flush=True)
            save({"n": n, "memory": measured}, options.save)
    if options.save:
        (RESULTS / "containers.md").write_text(report(*read(RESULTS / "containers.jsonl")))


def save(record: dict[str, Any], wanted: bool) -> None:
    """Add a record to the results, if wanted."""
    if wanted:
        with (RESULTS / "containers.jsonl").open("a") as file:
            file.write(json.dumps(record | {"machine": card()}) + "\n")


if __name__ == "__main__":
    main()
