"""Records as tables of text: one for each suite and place, with floors where a suite has them."""

import re
import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks import machine, record
from benchmarks.plan import Place
from benchmarks.record import Record
from benchmarks.report.measured import NAMES
from benchmarks.rounds import ratio
from benchmarks.suite import Suite
from benchmarks.suites import SUITES
from benchmarks.tables import MISSED, Table, at_most, bytes_text, seconds_text, three_digits

WIDE = 8  # contenders that have columns of their own; more of them have rows


def newest(lines: Iterable[Record], suites: Sequence[str] | None = None) -> list[Record]:
    """Give the newest record of each cell and card, of all suites or some, with its machine."""
    found: dict[str, dict[record.Key, Record]] = {}
    for one in record.measured(lines):
        if suites is None or one.get("suite") in suites:
            found.setdefault(one["card"], {})[record.key(one)] = one
    return [one for cells in found.values() for one in cells.values()]


def tables(lines: Sequence[Record]) -> list[Table]:
    """Lay records out: a table for each place, unless a suite lays out all of a card by itself."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for one in lines:
        if record.is_cell(one):
            name = one.get("suite", "")
            place = (one["set"], f"{one['length']:,}", one.get("unit", "ns"))
            key = (one["card"], name, *(() if _lays_out(name) else place))
            groups.setdefault(key, []).append(one)
    made = []
    for (_, name, *where), group in groups.items():
        lay_out = _lays_out(name)
        found = _of_place(group, name, *where) if lay_out is None else lay_out(group)
        found[-1].notes += _machine(group, SUITES.get(name))
        made += found
    return made


def _machine(group: Sequence[Record], suite: Suite | None) -> list[str]:
    """Name the machine of cells of one card, with their dates and commits; and a caveat."""
    known = [one[record.MACHINE] for one in group if one.get(record.MACHINE)]
    if not known:
        return []
    date, commit = (
        ", ".join(sorted({described.get(field, machine.UNKNOWN) for described in known}))
        for field in ("date", "commit")
    )
    said = [f"{machine.one_line({**known[-1], 'date': date})} · commit {commit}"]
    return [*said, caveat] if suite is not None and (caveat := suite.caveat(date)) else said


def floors(made: Iterable[Table]) -> str:
    """Count the floors that some tables name."""
    texts = [text for table in made for row in table.rows for text in row]
    texts += [text for table in made for text in table.notes]
    missed = sum(MISSED in text for text in texts)
    met = sum(re.search(r"x of [\d.]+$|\(at most", text) is not None for text in texts)
    return f"{met} of {met + missed} floors met, {missed} missed"


def _lays_out(name: str) -> Callable[[Sequence[Record]], list[Table]] | None:
    suite = SUITES.get(name)
    return None if suite is None else suite.tables


def _of_place(group: Sequence[Record], name: str, keys: str, length: str, unit: str) -> list[Table]:
    """Lay out a place: cells in rows where few contenders took part, else contenders in rows."""
    suite = SUITES.get(name)
    title = f"{name} · {keys} · {length} {group[0]['dtype']} · {unit}"
    contenders = dict.fromkeys(who for one in group for who in one["times"])
    if 0 < len(contenders) <= WIDE and len(group) > 1:
        return [_by_cell(title, group, suite, list(contenders))]
    return [by_contender(f"{title} · {_label(one)}", one, suite) for one in group]


def _label(one: Record) -> str:
    return record.key(one)[2].label


def _by_cell(title: str, group: Sequence[Record], suite: Suite | None, names: list[str]) -> Table:
    table = Table(title, ["what", *(NAMES.get(name, name) for name in names)])
    for one in group:
        if one["times"]:
            ours = next(iter(one["times"]))
            cells = [
                f"{_median(one['times'].get(name))}{_against(one, name, ours, suite)}"
                for name in names
            ]
            table.add(_label(one), *cells)
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


def _against(one: Record, rival: str, ours: str, suite: Suite | None) -> str:
    """Say how many times the time of ours a rival takes, and whether that is enough."""
    times = one["times"]
    if rival not in times or ours not in times or rival == ours:
        return ""
    found = ratio(times[rival], times[ours]).median
    place = Place(one["set"], one["length"])
    bounds = {} if suite is None else suite.bounds(record.key(one)[2], place)
    if rival not in bounds:
        return f" · {found:.2f}x"
    floor = bounds[rival].floor
    return f" · {found:.2f}x {'of' if found >= floor else MISSED} {floor:.3g}"


def by_contender(title: str, one: Record, suite: Suite | None) -> Table:
    times, nbytes = one["times"], one.get("bytes", {})
    base = suite.baseline if suite is not None and suite.baseline in times else None
    base = base or next(iter(times), None)
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
