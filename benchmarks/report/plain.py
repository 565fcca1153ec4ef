"""Records as tables of text: one for each suite and place, with floors where a suite has them."""

import re
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks import machine, record
from benchmarks.plan import Place
from benchmarks.record import Record
from benchmarks.report.measured import NAMES
from benchmarks.rounds import ratio
from benchmarks.suite import Suite, Timed
from benchmarks.suites import SUITES
from benchmarks.tables import MISSED, Table, at_most, bytes_text, seconds_text, three_digits

# Of records that name none.
NO_SUITE = Suite("", "", "ns", lambda _: (), lambda _: (), lambda *_: Timed({}))
WIDE = 8  # contenders that have columns of their own; more of them have rows


def newest(lines: Iterable[Record], suites: Sequence[str] | None = None) -> list[Record]:
    """Give the newest record of each cell and card, of all suites or some, with its machine."""
    found: dict[str, dict[record.Key, Record]] = {}
    for one in record.measured(lines):
        if suites is None or one.get("suite") in suites:
            found.setdefault(one["card"], {})[record.key(one)] = one
    return [one for cells in found.values() for one in cells.values()]


def tables(lines: Iterable[Record]) -> list[Table]:
    """Lay records out: a table for each place, unless a suite lays out all of a card by itself."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for one in filter(record.is_cell, lines):
        place = () if _suite(one).tables else (one["set"], one["length"], one.get("unit"))
        groups.setdefault((one["card"], one.get("suite"), *place), []).append(one)
    made = []
    for group in groups.values():
        suite = _suite(group[0])
        found = suite.tables(group) if suite.tables else _of_place(group, suite)
        found[-1].notes += _machine(group, suite)
        made += found
    return made


def _suite(one: Record) -> Suite:
    return SUITES.get(one.get("suite", ""), NO_SUITE)


def _machine(group: Sequence[Record], suite: Suite) -> list[str]:
    """Name the machine of cells of one card, with their dates and commits; and a caveat."""
    known = [one[record.MACHINE] for one in group if one.get(record.MACHINE)]
    if not known:
        return []
    date, commit = (
        ", ".join(sorted({described.get(field, machine.UNKNOWN) for described in known}))
        for field in ("date", "commit")
    )
    said = [f"{machine.one_line({**known[-1], 'date': date})} · commit {commit}"]
    return [*said, caveat] if (caveat := suite.caveat(date)) else said


def floors(made: Iterable[Table]) -> str:
    """Count the floors that some tables name."""
    texts = [text for table in made for row in table.rows for text in row]
    texts += [text for table in made for text in table.notes]
    missed = sum(MISSED in text for text in texts)
    met = sum(re.search(r"x of [\d.]+$|\(at most", text) is not None for text in texts)
    return f"{met} of {met + missed} floors met, {missed} missed"


def _of_place(group: Sequence[Record], suite: Suite) -> list[Table]:
    """Lay out a place: cells in rows where few contenders took part, else contenders in rows."""
    one = group[0]
    what = one.get("suite", ""), one["set"], f"{one['length']:,} {one['dtype']}"
    title = " · ".join([*what, one.get("unit", "ns")])
    contenders = dict.fromkeys(who for one in group for who in one["times"])
    if 0 < len(contenders) <= WIDE and len(group) > 1:
        return [_by_cell(title, group, suite, list(contenders))]
    return [by_contender(f"{title} · {record.key(one)[2].label}", one, suite) for one in group]


def _by_cell(title: str, group: Sequence[Record], suite: Suite, names: list[str]) -> Table:
    table = Table(title, ["what", *(NAMES.get(name, name) for name in names)])
    for one in group:
        if one["times"]:
            ours = next(iter(one["times"]))
            cells = [
                f"{_median(one['times'].get(name))}{_against(one, name, ours, suite)}"
                for name in names
            ]
            table.add(record.key(one)[2].label, *cells)
        for name, count in one.get("bytes_a_key", {}).items():
            most = one.get("required_bytes", {}).get(name)
            table.notes.append(f"{name}: {at_most(count, most, '', ' bytes a key')}")
        table.notes += [f"{who}: {why}" for who, why in one["missing"].items()]
        table.notes += _said(one)
    table.notes = list(dict.fromkeys(table.notes))
    return table


def _said(one: Record) -> list[str]:
    """Give what contenders say of themselves, such as the options of a compiler."""
    return [f"* {NAMES.get(who, who)}: {note}" for who, note in one.get("notes", {}).items()]


def _against(one: Record, rival: str, ours: str, suite: Suite) -> str:
    """Say how many times the time of ours a rival takes, and whether that is enough."""
    times = one["times"]
    if rival not in times or ours not in times or rival == ours:
        return ""
    found = ratio(times[rival], times[ours]).median
    place = Place(one["set"], one["length"])
    bounds = suite.bounds(record.key(one)[2], place)
    if rival not in bounds:
        return f" · {found:.2f}x"
    floor = bounds[rival].floor
    return f" · {found:.2f}x {'of' if found >= floor else MISSED} {floor:.3g}"


def by_contender(title: str, one: Record, suite: Suite = NO_SUITE) -> Table:
    times, nbytes = one["times"], one.get("bytes", {})
    base = suite.baseline if suite.baseline in times else next(iter(times), None)
    columns = ["contender", one.get("unit", "ns"), "ratio", "(low-high)", "bytes", "build"]
    table = Table(title, columns)
    for name, rounds in times.items():
        spread = ratio(rounds, times[base])
        table.add(
            NAMES.get(name, name),
            _median(rounds),
            three_digits(spread.median),
            f"({three_digits(spread.low)}-{three_digits(spread.high)})",
            ("~" if name in one.get("grown", ()) else "") + bytes_text(nbytes.get(name)),
            seconds_text(one["built"][name]) if name in one.get("built", {}) else "-",
        )
    for name, why in one["missing"].items():
        table.add_missing(NAMES.get(name, name), why)
    if base is not None:
        note = f"ratio: time / time of {base} in the same round; median, lowest, highest"
        table.notes.append(note)
    table.notes += _said(one)
    if one.get("chose"):
        table.notes.append(f"auto chose {one['chose']}")
    return table


def _median(rounds: Sequence[float] | None) -> str:
    return three_digits(statistics.median(rounds)) if rounds else "-"
