"""The tables of filters, with floors: what must be kept is data here."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.plan import MILLION, Cell
from benchmarks.record import Record
from benchmarks.rounds import ratio
from benchmarks.tables import Table, at_most, nanoseconds_text

RANGES, POINTS, POSITIONS, LOOKS = (
    Cell("filters", name) for name in ("ranges", "points", "positions", "looks")
)
LEAST = 400_000  # keys that floors are of: fewer ones lie in the nearest caches
ABOVE = 2.35  # bits a key of a robust filter beside those that its promise says
OVER = 1.1  # times the promise, and three sampling errors
FILTER_BITS = {"split 1 %": 10.6}
HASH_BITS = {"uniform": 3.4, "": 7.0}  # elsewhere
OF_FIND = {RANGES: 3.0, POSITIONS: 4.0}
POINT_OF_FIND = ((2 * MILLION, 0.40), (math.inf, 0.50))  # up to so many keys
BUILDS = {"robust": 80.0, "split 1 %": 20.0, "step 256": 250.0}
JUDGED = tuple(BUILDS)  # the filters that floors are of
CLUSTERED_BITS, OF_BUCKETING = 12.0, 0.9
RIBBON_BITS = 1.08 * math.log2(100)  # a key, for an error of 1 %
OF_RIBBON, OF_TARGET, LOOKED_AT = 0.75, 1.2 * 0.01, 60.0  # of a learned filter; nanoseconds


def tables(lines: Sequence[Record]) -> list[Table]:
    return [_table(one) for one in lines if one["times"]]


def _table(one: Record) -> Table:
    cell = Cell(one["verb"], one["workload"], one["batch"])
    title = f"filters · {one['set']} · {one['length']:,} {one['dtype']} · {one['workload']}"
    columns = ["filter", "bits a key", "build, ns a key", "ns a query", "of find"]
    kinds = list(next(iter(one["shares"].values())))
    table = Table(title, [*columns, *(f"wrong, {kind}" for kind in kinds)])
    finds = [name for name in one["times"] if name.startswith("find ")]
    best = min(finds, key=lambda name: statistics.median(one["times"][name]))
    table.add(best, "-", "-", nanoseconds_text(statistics.median(one["times"][best])), "1.00x",
              *("0" for _ in kinds))  # fmt: skip
    for name in one["bytes"]:
        shares = one["shares"].get(name, {})
        table.add(name, *_numbers(one, cell, name, best), *(_row(shares.get(k)) for k in kinds))
    if cell == RANGES:
        table.notes += ["wrong: shares of ranges of 1, 16, 1,024 and 65,536 values without a key"]
        table.notes += _of_ranges(one)
    if cell == LOOKS:
        table.notes += _of_looks(one)
    return table


def _numbers(one: Record, cell: Cell, name: str, best: str) -> Iterable[str]:
    """Give bits, the times of a build and a query, and what the query takes of the best find."""
    times, judged = one["times"], name in JUDGED and one["length"] >= LEAST
    built, asked = (statistics.median(times[each]) for each in (f"{name} build", name))
    most = OF_FIND.get(cell) or next(most for n, most in POINT_OF_FIND if one["length"] <= n)
    yield at_most(_bits(one, name), _most_bits(one, cell, name), ".2f")
    yield at_most(built, BUILDS[name] if judged else None, ".0f")
    yield nanoseconds_text(asked)
    of_find = ratio(times[name], times[best]).median
    yield at_most(of_find, most if judged else None, ".2f", "x")


def _bits(one: Record, name: str) -> float:
    return float(8 * one["bytes"][name] / one["length"])


def _most_bits(one: Record, cell: Cell, name: str) -> float | None:
    if one["length"] < LEAST:
        return None
    if cell == RANGES and name == "robust":
        return round(ABOVE - math.log2(one["promise"][name][0]), 2)
    if cell == RANGES and name == "auto" and one["set"] == "clusters":
        return CLUSTERED_BITS
    if cell == POSITIONS and name == "step 256":
        return HASH_BITS.get(one["set"], HASH_BITS[""])
    return FILTER_BITS.get(name)


def _of_ranges(one: Record) -> Iterable[str]:
    """Say how near to its promise the robust filter comes, and what bucketing would take."""
    worst = max(
        share / allowed(promise, count)
        for kind, shares in one["shares"]["robust"].items()
        for share, promise, count in zip(
            shares, one["promise"]["robust"], one["counted"][kind], strict=True
        )
        if share is not None and promise < 1
    )
    yield f"robust: wrong answers, of what is allowed: {at_most(worst, 1.0, '.2f')}"
    chosen = one["strategy"]["auto"]
    yield f"auto is {chosen} here"
    if one.get("bucketing_bits"):
        of = _bits(one, "learned") / one["bucketing_bits"]
        most = OF_BUCKETING if one["set"] == "gshhg_coast" else None
        yield f"learned: bits, of bucketing's for as many wrong gaps: {at_most(of, most, '.2f')}"


def _of_looks(one: Record) -> Iterable[str]:
    """Say what a learned filter saves beside a ribbon filter, and how often it errs."""
    asked, wrong = statistics.median(one["times"]["learned"]), one["shares"]["learned"]["held out"]
    of = _bits(one, "learned") / RIBBON_BITS
    yield "half of the queries are keys, half are words that it was not taught"
    yield f"learned: bits, of a ribbon filter's for 1 %: {at_most(of, OF_RIBBON, '.2f')}"
    yield f"learned: wrong of words that are held out: {at_most(wrong[0], OF_TARGET, '.4f')}"
    yield f"learned: ns a query: {at_most(asked, LOOKED_AT, '.0f')}"


def allowed(promise: float, count: int) -> float:
    """Give the share of wrong answers in so many that a promise allows."""
    share = min(1.0, OVER * promise)
    return share + 3 * math.sqrt(share * (1 - share) / count)


def _row(shares: Any) -> str:
    if shares is None:
        return "-"
    return " ".join("-" if each is None else f"{each:.2g}" for each in shares)
