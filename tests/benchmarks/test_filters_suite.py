"""The suite of filters: ranges without keys are that, and floors say when they are missed."""

import numpy as np
import pytest

from benchmarks.contenders.text import TextKeys
from benchmarks.plan import FULL, TINY, Cell, Place
from benchmarks.record import Record
from benchmarks.suite import Subject
from benchmarks.suites import filters
from benchmarks.suites import filters_tables as tables
from datasets import text
from datasets.text.texts import Text

SUBJECT = Subject(filters.load("clusters", 3_000, 1), ())


def line(cell: Cell, subject: Subject = SUBJECT) -> Record:
    timed = filters.FILTERS.measure(subject, cell, TINY)
    keys = subject.keyset
    of = {"set": keys.name, "length": len(keys.keys), "dtype": keys.kind, **cell._asdict()}
    return {**of, "times": timed.times, **timed.facts}


@pytest.mark.parametrize("beginning", filters.BEGINNINGS)
@pytest.mark.parametrize("length", filters.LENGTHS)
def test_absent_ranges_hold_no_key(beginning: str, length: int) -> None:
    keys = np.array([0, 5, 6, 2**40, 2**64 - 3], np.uint64)
    low, high = filters.absent(keys, beginning, length, 1)
    assert len(low) and (high - low == length - 1).all()
    assert not any(((low <= key) & (key <= high)).any() for key in keys)
    if beginning == "near":
        assert (low - keys[np.searchsorted(keys, low) - 1] <= 32).all()


def test_dense_keys_leave_no_gaps_to_ask() -> None:
    low, _ = filters.absent(np.arange(100, dtype=np.uint64), "gap", 16, 1)
    assert len(low) == 0


def test_every_cell_has_a_table_with_its_filters() -> None:
    place = Place("clusters", 3_000)
    cells = [cell for cell in filters.FILTERS.cells(TINY) if filters.FILTERS.goes_with(place, cell)]
    lines = [line(cell) for cell in cells]
    made = tables.tables(lines)
    assert len(made) == len(cells) == 3
    for one, table in zip(lines, made, strict=True):
        assert [row[0] for row in table.rows][1:] == list(one["bytes"])
        assert all(f"{name} build" in one["times"] for name in one["bytes"])
        assert "at most" not in table.plain() or one["workload"] == "ranges"
    (ranges,) = (one for one in lines if one["workload"] == "ranges")
    assert ranges["strategy"]["auto"] == "exact" and ranges["shares"]["auto"]["gap"] == [0.0] * 4
    assert any("auto is exact here" in note for note in made[0].notes)


def test_floors_are_kept_to_or_missed() -> None:
    uniform = Subject(filters.load("uniform", 3_000, 1), ())
    one = line(tables.RANGES, uniform) | {"length": tables.LEAST}
    one["bytes"]["robust"] = 13 * tables.LEAST // 8
    one["shares"]["robust"]["gap"][0] = 2 * one["promise"]["robust"][0]
    (table,) = tables.tables([one])
    robust = next(row for row in table.rows if row[0] == "robust")
    assert "MISSED" in robust[1] and "at most 80" in robust[2] and "at most 3" in robust[4]
    assert any("allowed" in note and "MISSED" in note for note in table.notes)
    one["shares"]["robust"]["gap"][0] = one["promise"]["robust"][0]
    (table,) = tables.tables([one])
    assert any("allowed" in note and "MISSED" not in note for note in table.notes)


def test_bucketing_takes_the_fewest_bits_that_err_as_seldom() -> None:
    keys = filters.load("uniform", 20_000, 1).keys
    gaps = filters.absent(keys, "gap", filters.ASKED, 1)
    few, many = (filters.bucketing(keys, share, gaps) for share in (0.05, 0.01))
    assert few is not None and many is not None and 2 < few < many < 15
    assert filters.bucketing(keys, 0.0, gaps) is None


def test_names_are_asked_for_by_their_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    sets = {
        "mail_domains": [b"mail-%d.example.com" % i for i in range(900)],
        "words": [b"it's", *(b"word%d" % (i * i) for i in range(2_000)), b"mail-7.example"],
    }
    monkeypatch.setattr(text, "load", lambda name: Text.of(sets[name]))
    names = filters.load("mail_domains", None, 1)
    assert isinstance(names.keys, TextKeys)
    assert len(names.keys) == 900 and names.keys.whole.tolist()[0] == b"mail-0.example"
    one = line(tables.LOOKS, Subject(names, ()))
    (table,) = tables.tables([one])
    assert [row[0] for row in table.rows] == ["find text", "learned", "compact", "split 1 %"]
    assert any("held out: 0.0" in note and "at most 0.012" in note for note in table.notes)
    one["shares"]["learned"]["held out"] = [0.02]
    one["bytes"]["learned"] = 900
    (table,) = tables.tables([one])
    assert sum("MISSED" in note for note in table.notes if "ns" not in note) == 2


def test_names_and_numbers_have_cells_of_their_own() -> None:
    goes = filters.FILTERS.goes_with
    assert goes(Place("mail_domains", None), tables.LOOKS)
    assert not goes(Place("mail_domains", None), tables.POINTS)
    assert goes(Place("osm", 10**6), tables.POINTS) and not goes(Place("osm", 10**6), tables.LOOKS)


def test_places_are_made_and_real() -> None:
    places = list(filters.FILTERS.places(FULL))
    assert Place("clusters", 10**6) in places and Place("gshhg_coast", None) in places
    assert Place("mail_domains", None) in places
    assert {place.n for place in filters.FILTERS.places(TINY)} == {5_000}
