"""Figures of the comparison with `absl::btree_map`, their floors, and tables of them."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.machine import one_line
from benchmarks.rounds import Ratio, ratio

Times = dict[str, list[float]]
HARD = "dense-plus-outliers"
HOT = ("hot-gap", "hot-gaps-in-turn")


class Figure(NamedTuple):
    """What is divided by what, and the least (or most) that it should be."""

    name: str
    above: str
    below: str
    floor: Callable[[str], float]
    at_least: bool = True


def usual(
    value: float, hard: float | None = None, hot: float | None = None
) -> Callable[[str], float]:
    """Give a floor that is lower for hard or for hot keys."""

    def floor(keys: str) -> float:
        if keys == HARD and hard is not None:
            return hard
        return hot if keys in HOT and hot is not None else value

    return floor


FIGURES = (
    Figure("find", "absl/find", "tree/find", usual(2.0, hard=1.6)),
    Figure("lower_bound", "absl/lower_bound", "tree/lower_bound", usual(2.5, hard=2.2)),
    Figure("insert", "absl/insert", "tree/insert", usual(1.3, hard=1.2, hot=0.8)),
    Figure("erase", "absl/erase", "tree/erase", usual(1.2, hard=1.1)),
    Figure("scan of 100", "absl/scan", "tree/scan", usual(3.0)),
    Figure("bulk load", "absl/load", "tree/load", usual(5.0)),
    Figure("sorted batch, to absl's inserts", "absl/insert", "tree/batch", usual(15.0, hot=0.8)),
    Figure("rank, to find", "tree/rank", "tree/find", usual(1.05), at_least=False),
    Figure("select, to find", "tree/select", "tree/find", usual(0.7), at_least=False),
    Figure("bytes a pair, loaded", "tree/bytes", "absl/bytes", usual(1.1), at_least=False),
    Figure(
        "bytes, after inserts", "tree/bytes_after", "absl/bytes_after", usual(1.3), at_least=False
    ),
    Figure("insert, 99.9th percentile", "tree/p99.9", "absl/p99.9", usual(1.0), at_least=False),
    Figure("insert, 99.99th percentile", "tree/p99.99", "absl/p99.99", usual(2.0), at_least=False),
)

# What the machine allows: how fast memory is filled by memcpy, on which no floor is set.
LIMITS = (
    ("memcpy into new pages, to absl's bulk load", "absl/load", "copy/fresh"),
    ("memcpy into used pages, to absl's bulk load", "absl/load", "copy/again"),
    ("bulk load, share of memcpy's speed into new pages", "copy/fresh", "tree/load"),
)


def median(times: list[float]) -> float:
    """Give the middle one."""
    return sorted(times)[len(times) // 2]


def judged(record: dict[str, Any]) -> Iterator[tuple[Figure, Ratio, float, bool]]:
    """Give each figure with its ratio, its floor, and whether it is met."""
    times: Times = record["times"]
    for figure in FIGURES:
        found = ratio(times[figure.above], times[figure.below])
        floor = figure.floor(record["keys"]["name"])
        met = found.median >= floor if figure.at_least else found.median <= floor
        yield figure, found, floor, met


def rows(record: dict[str, Any]) -> Iterator[str]:
    """Give the rows of a table in Markdown."""
    yield "| figure | measured | (low-high) | floor | verdict | tree, absl |"
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    times: Times = record["times"]
    for figure, found, floor, met in judged(record):
        sign, verdict = "≥" if figure.at_least else "≤", "met" if met else "**not met**"
        pair = sorted((figure.above, figure.below), key=lambda name: name.startswith("absl"))
        shown = ", ".join(f"{median(times[name]):.4g}" for name in pair)
        spread = f"({found.low:.3g}-{found.high:.3g})"
        limit = f"{sign} {floor:g} | {verdict}"
        yield f"| {figure.name} | {found.median:.3g} | {spread} | {limit} | {shown} |"
    for name, above, below in LIMITS if "copy/fresh" in times else ():
        found = ratio(times[above], times[below])
        shown = ", ".join(f"{median(times[part]):.4g}" for part in (below, above))
        spread = f"({found.low:.3g}-{found.high:.3g})"
        yield f"| {name} | {found.median:.3g} | {spread} | | limit | {shown} |"


def title(record: dict[str, Any]) -> str:
    """Name the keys."""
    keys = record["keys"]
    return f"{keys['name']}, {keys['loaded']:,} loaded, {keys['inserted']:,} inserted"


def table(record: dict[str, Any]) -> str:
    """Give the table of one key set."""
    return "\n".join((f"## {title(record)}", "", *rows(record), ""))


def markdown(records: list[dict[str, Any]]) -> str:
    """Give the page of all key sets; of each, the newest record."""
    newest = {title(record): record for record in records}
    verdicts = [met for record in newest.values() for *_, met in judged(record)]
    head = (
        "# The counted B+-tree against absl::btree_map",
        "",
        "Written by `python -m benchmarks.absl_map --write` from `sorted_tree.jsonl`; do not edit.",
        "Maps of uint64 to uint64; medians of interleaved rounds in one process, with the lowest",
        "and highest round. Nanoseconds of processor time an operation; percentiles are by the",
        "clock and hold what other processes took. absl loads with a hint at its end. Where a row",
        "does not say else, it says how many times faster than absl the tree is. Limits say how",
        "fast memory is filled, beside the two times that they compare.",
        "",
        f"**{sum(verdicts)} of {len(verdicts)} floors met.**",
        "",
    )
    pages = [
        f"{table(r)}\n{one_line(r['machine'])} · {r['rounds']} rounds\n" for r in newest.values()
    ]
    return "\n".join((*head, *pages))
