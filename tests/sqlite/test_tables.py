"""What a table over a file shows: columns, types, times, values, plans."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import learnedidx as lx
from tests.sqlite.tables import connect, over

UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")
NAMES = (
    *("years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"),
    *("microseconds", "nanoseconds", "picoseconds", "femtoseconds", "attoseconds"),
)


def columns(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the names and declared types of the table's columns."""
    return [row[1:3] for row in db.execute("PRAGMA table_info(t)")]


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    """Return the steps of a statement's plan."""
    return [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql)]


def test_a_file_without_values_has_one_column(tmp_path: Path) -> None:
    db = over(tmp_path, np.array([2, 3, 3, 7]))
    assert columns(db) == [("key", "INTEGER")]
    assert db.execute("SELECT rowid, * FROM t WHERE key = 3").fetchall() == [(1, 3), (2, 3)]


VALUES: list[tuple[Any, str, list[Any]]] = [
    (np.array([True, False]), "INTEGER", [1, 0]),
    (np.array([-5, 127], "i1"), "INTEGER", [-5, 127]),
    (np.array([-(2**63), 2**63 - 1]), "INTEGER", [-(2**63), 2**63 - 1]),
    (np.array([2**63, 2**63 - 1], "u8"), "INTEGER", ["9223372036854775808", 2**63 - 1]),
    (np.array([65535, 0], "u2"), "INTEGER", [65535, 0]),
    (np.array([0.1, np.nan], "f4"), "REAL", [float(np.float32(0.1)), None]),
    (np.array([np.inf, 6e-8], "f2"), "REAL", [np.inf, float(np.float16(6e-8))]),
    (np.array([1.5, -65504], "f2"), "REAL", [1.5, -65504.0]),
    (np.array([1.5, -0.25]), "REAL", [1.5, -0.25]),
    (np.array(["2024-02-29", "NaT"], "M8[D]"), "INTEGER", [19782, None]),
    (np.array([-7, 7], "m8[ms]"), "INTEGER", [-7, 7]),
    (np.array(["é\U0001f600b", ""]), "TEXT", ["é\U0001f600b", ""]),
    (np.array([b"ab", b"a\0b\0"]), "BLOB", [b"ab", b"a\0b"]),
    (np.array([1 + 2j, 0]), "BLOB", [np.array([1.0, 2.0]).tobytes(), bytes(16)]),
    (np.array([[1, 2], [3, 4]], "i2"), "BLOB", [b"\1\0\2\0", b"\3\0\4\0"]),
]


@pytest.mark.parametrize(("values", "declared", "shown"), VALUES, ids=lambda v: str(v)[:20])
def test_values_of_every_dtype(tmp_path: Path, values: Any, declared: str, shown: Any) -> None:
    db = over(tmp_path, np.array([1, 2]), values)
    assert columns(db) == [("key", "INTEGER"), ("value", declared)]
    assert [value for (value,) in db.execute("SELECT value FROM t")] == shown


def test_fields_are_columns_and_names_are_made_to_differ(tmp_path: Path) -> None:
    inner = np.dtype([("x", "i1"), ("y", "i1")])
    fields = [("key", "f8"), ("A", "i4"), ("a", "U2"), ('q"', inner), ("many", "i2", (2,))]
    values = np.zeros(2, np.dtype(fields, align=True))
    values["A"], values["a"], values["key"], values["many"] = [7, -7], ["b", "é"], 0.5, [[1, 2]] * 2
    db = over(tmp_path, np.array([1, 2]), values)
    names = [("key", "INTEGER"), ("key_2", "REAL"), ("A", "INTEGER"), ("a_2", "TEXT")]
    assert columns(db) == [*names, ('q"', "BLOB"), ("many", "BLOB")]
    assert db.execute("SELECT * FROM t WHERE a_2 = 'é'").fetchall() == [
        (2, 0.5, -7, "é", b"\0\0", b"\1\0\2\0")
    ]


def test_a_field_called_rowid_hides_no_position(tmp_path: Path) -> None:
    values = np.array([(70,), (80,), (90,)], [("RowID", "i4")])
    db = over(tmp_path, np.array([1, 2, 3]), values)
    assert columns(db) == [("key", "INTEGER"), ("RowID_2", "INTEGER")]
    assert db.execute("SELECT rowid, * FROM t WHERE rowid = 1").fetchall() == [(1, 2, 80)]


def test_rows_of_several_numbers_without_keys(tmp_path: Path) -> None:
    db = over(tmp_path, np.empty(0, "f8"), np.empty((0, 3), "f4"))
    assert columns(db) == [("key", "REAL"), ("value", "BLOB")]
    assert db.execute("SELECT * FROM t WHERE key > 1").fetchall() == []


@pytest.mark.parametrize("unit", UNITS)
def test_instants_have_a_column_of_iso_text(tmp_path: Path, unit: str) -> None:
    far = 5 if unit == "Y" else 30_000
    steps = np.r_[np.random.default_rng(1).integers(-far, far, 50), -1]
    if unit in UNITS[6:10]:  # and a time of today, to the last digit
        steps = np.r_[steps, 1719878399 * 1000 ** (UNITS.index(unit) - 6) + 999]
    steps = np.sort(steps)
    keys = steps.astype("i8").view(f"M8[{unit}]")
    db = over(tmp_path, keys)
    name = NAMES[UNITS.index(unit)]
    assert columns(db) == [("key", f"INTEGER {name}"), ("iso", "TEXT")]
    found = db.execute("SELECT key, iso FROM t").fetchall()
    assert [key for key, _ in found] == keys.view("i8").tolist()
    shown = np.datetime_as_string(keys).tolist()
    ends = {"Y": "-01-01", "M": "-01", "h": ":00:00", "m": ":00"}
    assert [iso for _, iso in found] == [text + ends.get(unit, "") for text in shown]


def test_instants_with_a_zone_have_iso_text_in_utc(tmp_path: Path) -> None:
    keys = pd.Series(pd.date_range("2026-01-01", periods=3, freq="20min", tz="Europe/Berlin"))
    db = over(tmp_path, keys.astype("datetime64[s, Europe/Berlin]"))
    assert columns(db) == [("key", "INTEGER seconds"), ("iso", "TEXT")]
    found = db.execute("SELECT iso FROM t WHERE key = unixepoch(iso)").fetchall()
    assert found == [(f"2025-12-31T23:{minute}:00Z",) for minute in ("00", "20", "40")]


@pytest.mark.parametrize("days", [-(10**6), -719529, -719528, 0, 11016, 2932896, 2932897, 10**6])
def test_dates_far_away(tmp_path: Path, days: int) -> None:
    keys = np.array([days], "M8[D]")
    (text,) = np.datetime_as_string(keys).tolist()
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    year, _, rest = digits.partition("-")
    shown = f"{int(sign + year):04d}-{rest}"
    assert over(tmp_path, keys).execute("SELECT iso FROM t").fetchone() == (shown,)


def test_steps_of_several_units_and_lengths_of_time(tmp_path: Path) -> None:
    db = over(tmp_path, np.array([3, 4], "M8[25s]"))
    assert columns(db) == [("key", "INTEGER seconds(25)"), ("iso", "TEXT")]
    assert db.execute("SELECT * FROM t").fetchone() == (3, "1970-01-01T00:01:15")
    db = over(tmp_path, np.array([-3, 4], "m8[us]"))
    assert columns(db) == [("key", "INTEGER microseconds")]


def test_an_instant_that_no_calendar_has_is_null(tmp_path: Path) -> None:
    db = over(tmp_path, np.array([-(2**62), 0, 2**62], "M8[D]"))
    assert db.execute("SELECT iso FROM t").fetchall() == [(None,), ("1970-01-01",), (None,)]


def test_uuids_and_addresses_are_blobs(tmp_path: Path) -> None:
    import ipaddress

    keys = [ipaddress.IPv4Address("10.0.0.1"), ipaddress.IPv4Address("10.0.0.9")]
    db = over(tmp_path, keys)
    assert columns(db) == [("key", "BLOB")]
    assert db.execute("SELECT rowid FROM t WHERE key > x'0a000001'").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM t WHERE key = 5", "0:k="),
        ("SELECT * FROM t WHERE key BETWEEN 3 AND 7 ORDER BY key DESC", "1:kgkl"),
        ("SELECT * FROM t WHERE rowid = 5", "0:r="),
        ("SELECT * FROM t WHERE key IN (1, 2, 3) ORDER BY key", "0:ki"),
        ("SELECT * FROM t ORDER BY key DESC, rowid DESC", "1:"),
        ("SELECT key, count(*) FROM t GROUP BY key", "0:"),
        ("SELECT * FROM t WHERE key > 5 LIMIT 5 OFFSET 7", "0:k>ro"),
        ("SELECT * FROM t WHERE key > 5 AND value = 1 LIMIT 5 OFFSET 7", "0:k>"),
    ],
)
def test_one_scan_answers(tmp_path: Path, sql: str, index: str) -> None:
    db = over(tmp_path, np.arange(1000), np.arange(1000))
    assert plan(db, sql) == [f"SCAN t VIRTUAL TABLE INDEX {index}"]


def test_an_offset_is_not_skipped_where_a_row_is_compared(tmp_path: Path) -> None:
    """SQLite gives a table the first comparison alone, and skips the rest itself."""
    db = over(tmp_path, np.repeat(np.arange(10), 10), np.arange(100))
    sql = "SELECT value FROM t WHERE (key, rowid) > (?, ?) ORDER BY rowid LIMIT 2 OFFSET 3"
    assert db.execute(sql, (2, 27)).fetchall() == [(31,), (32,)]
    order = "ORDER BY key DESC, rowid DESC LIMIT 1 OFFSET 3"
    sql = f"SELECT value FROM t WHERE (key, rowid) < (2, 27) {order}"
    assert db.execute(sql).fetchall() == [(23,)]


def test_mixed_orders_are_sorted_by_sqlite(tmp_path: Path) -> None:
    db = over(tmp_path, np.arange(10))
    assert "USE TEMP B-TREE" in plan(db, "SELECT * FROM t ORDER BY key, rowid DESC")[1]


@pytest.mark.parametrize("near", ["t.key = small.x", "t.key BETWEEN small.x AND small.x + 1"])
def test_a_join_begins_with_the_smaller_side_without_analyze(tmp_path: Path, near: str) -> None:
    db = over(tmp_path, np.arange(100_000))
    db.execute("CREATE TABLE small(x)")
    db.executemany("INSERT INTO small VALUES (?)", [(i,) for i in range(10)])
    assert plan(db, f"SELECT * FROM t JOIN small ON {near}")[0].startswith("SCAN small")


def test_literals_are_looked_up_by_the_planner(tmp_path: Path) -> None:
    """A range that holds few keys comes first, and one that holds many does not."""
    folders = [tmp_path / name for name in "ab"]
    keys = np.concatenate([np.arange(1000), np.arange(10**6, 10**6 + 50_000)])
    for folder in folders:
        folder.mkdir()
        lx.LearnedIndex(keys).save(folder / "t.lidx")
    db = connect(tmp_path)
    for name, folder in zip("ab", folders, strict=True):
        db.execute(f"CREATE VIRTUAL TABLE {name} USING learnedidx('{folder / 't.lidx'}')")
    for first, second in ("ab", "ba"):
        where = f"a.rowid = b.rowid AND {first}.key < 10 AND {second}.key > 1000"
        assert plan(db, f"SELECT * FROM a, b WHERE {where}")[0].startswith(f"SCAN {first} ")


@pytest.mark.parametrize("model", ["none", "rmi", "pgm", "radix_spline", "btree"])
def test_every_model_serves(tmp_path: Path, model: str) -> None:
    keys = np.sort(np.random.default_rng(2).integers(0, 10**9, 5_000))
    db = over(tmp_path, keys, np.arange(5_000), model=model)
    for key in keys[::97].tolist():
        first = np.searchsorted(keys, key)
        assert db.execute("SELECT min(value) FROM t WHERE key = ?", (key,)).fetchone() == (first,)


def test_count_is_two_lookups(tmp_path: Path) -> None:
    db = over(tmp_path, np.array([2, 3, 3, 7, 20]))
    path = str(tmp_path / "t.lidx")
    count = "SELECT lidx_count(?, ?, ?)"
    for lo, hi in ((2, 7), (3, 3.5), ("3", 100), (7, 2), (None, 7), (2, None), (-1e300, 1e300)):
        where = "SELECT count(*) FROM t WHERE key >= ? AND key < ?"
        assert (
            db.execute(count, (path, lo, hi)).fetchone() == db.execute(where, (lo, hi)).fetchone()
        )
    lx.LearnedIndex(["10", "5", "a"]).save(tmp_path / "w.lidx")
    word = str(tmp_path / "w.lidx")
    assert db.execute(count, (word, 5, "b")).fetchone() == (2,)
    assert db.execute(count, (word, "10", b"")).fetchone() == (3,)


def test_a_temporary_table_and_a_view_of_the_connection(tmp_path: Path) -> None:
    db = over(tmp_path, np.arange(5))
    db.execute(f"CREATE VIRTUAL TABLE temp.u USING learnedidx('{tmp_path / 't.lidx'}')")
    db.execute("CREATE TEMP VIEW v AS SELECT * FROM u WHERE key > 2")
    assert db.execute("SELECT key FROM v").fetchall() == [(3,), (4,)]
    db.execute("ALTER TABLE t RENAME TO other")
    assert db.execute("SELECT count(*) FROM other").fetchone() == (5,)


def test_the_table_is_there_when_the_database_is_opened_again(tmp_path: Path) -> None:
    lx.LearnedIndex(np.arange(5)).save(tmp_path / "e.lidx")
    for attempt in range(2):
        db = connect(path=tmp_path / "a.db")
        if attempt == 0:  # a relative path counts from the folder of the database
            db.execute("CREATE VIRTUAL TABLE t USING learnedidx('e.lidx')")
        assert db.execute("SELECT count(*) FROM t").fetchone() == (5,)
        db.close()


def test_a_file_that_is_replaced_keeps_its_old_content_while_it_is_open(tmp_path: Path) -> None:
    for mmap in (0, 1):
        lx.LearnedIndex(np.arange(5)).save(tmp_path / "e.lidx")
        db = connect(tmp_path)
        db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{tmp_path / 'e.lidx'}', mmap={mmap})")
        lx.LearnedIndex(np.arange(50)).save(tmp_path / "e.lidx")
        assert db.execute("SELECT count(*) FROM t").fetchone() == (5,)


def test_a_file_that_is_read_may_be_cut_short_later(tmp_path: Path) -> None:
    path = tmp_path / "e.lidx"
    lx.LearnedIndex(np.arange(100_000)).save(path)
    db = connect(tmp_path)
    db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{path}', mmap=0)")
    with open(path, "r+b") as file:
        file.truncate(10)
    assert db.execute("SELECT sum(key) FROM t").fetchone() == (99_999 * 50_000,)
