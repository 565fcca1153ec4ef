"""What cannot be a table, may not be one, or may not be written says so, in SQLite's way."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from tests.sqlite.tables import connect, over


def create(db: sqlite3.Connection, arguments: str) -> None:
    """Make a table of some arguments."""
    db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx({arguments})")


def refusal(db: sqlite3.Connection, arguments: str) -> str:
    """Return why a table cannot be made; there is none afterwards."""
    with pytest.raises(sqlite3.OperationalError) as caught:
        create(db, arguments)
    assert not db.execute("SELECT * FROM sqlite_schema").fetchall()
    return str(caught.value)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (np.array([1.0, np.nan]), "has keys that are NaN or NaT, which SQLite would sort first"),
        (np.array(["2020-01-01", "NaT"], "M8[D]"), "has keys that are NaN or NaT"),
        (np.array([1, 2**63], "u8"), "has uint64 keys above 2^63 - 1"),
    ],
)
def test_keys_that_sqlite_has_no_place_for(tmp_path: Path, keys: Any, why: str) -> None:
    lx.LearnedIndex(keys).save(tmp_path / "t.lidx")
    path = str(tmp_path / "t.lidx")
    assert refusal(connect(tmp_path), f"'{path}'").startswith(f"{path}: {why}")


@pytest.mark.parametrize("keys", [np.arange(9), ["a", "b"]], ids=["numbers", "text"])
def test_a_file_without_its_keys(tmp_path: Path, keys: Any) -> None:
    lx.LearnedIndex(keys).save(tmp_path / "t.lidx", keys=False)
    said = refusal(connect(tmp_path), f"'{tmp_path / 't.lidx'}'")
    assert said.endswith("holds the model alone: save it with its keys")


def test_a_filter_without_keys(tmp_path: Path) -> None:
    lx.PointFilter().fit(np.arange(9)).save(tmp_path / "t.lidx")
    said = refusal(connect(tmp_path), f"'{tmp_path / 't.lidx'}'")
    assert said.endswith("holds a filter alone, and no keys to select")


def test_the_largest_integer_of_sqlite_is_taken(tmp_path: Path) -> None:
    db = over(tmp_path, np.array([0, 2**63 - 1], "u8"))
    assert db.execute("SELECT rowid FROM t WHERE key = 9223372036854775807").fetchall() == [(1,)]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_text_in_a_database_of_another_encoding(tmp_path: Path, encoding: str) -> None:
    lx.LearnedIndex(["a", "b"]).save(tmp_path / "t.lidx")
    db = connect(tmp_path)
    db.execute(f"PRAGMA encoding = '{encoding}'")
    assert "UTF-16 orders otherwise" in refusal(db, f"'{tmp_path / 't.lidx'}'")
    lx.LearnedIndex([b"a", b"b"]).save(tmp_path / "t.lidx", values=np.array(["é", "b"]))
    create(db, f"'{tmp_path / 't.lidx'}'")
    assert db.execute("SELECT * FROM t WHERE key = x'61'").fetchall() == [(b"a", "é")]


@pytest.mark.parametrize(
    "arguments", ["", "mmap=0", "'a.lidx', 'b.lidx'", "'a.lidx', mmap=2", "'a.lidx', cache=1", "''"]
)
def test_arguments(tmp_path: Path, arguments: str) -> None:
    assert "learnedidx takes a path and perhaps mmap=0" in refusal(connect(tmp_path), arguments)


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', "{}", "  '{}'  ", "'{}', mmap = 1"])
def test_ways_to_write_a_path(tmp_path: Path, quoted: str) -> None:
    lx.LearnedIndex(np.arange(3)).save(tmp_path / "t.lidx")
    db = connect(tmp_path)
    create(db, quoted.format(tmp_path / "t.lidx"))
    assert db.execute("SELECT count(*) FROM t").fetchone() == (3,)


def test_a_quote_in_a_path_is_doubled(tmp_path: Path) -> None:
    lx.LearnedIndex(np.arange(3)).save(tmp_path / "it's = one.lidx")
    create(connect(tmp_path), f"'{tmp_path}/it''s = one.lidx'")


def test_what_is_no_file(tmp_path: Path) -> None:
    db = connect(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "other").write_bytes(b"SQLite format 3\0" * 100)
    for name, why in {
        "missing": "cannot be read: No such file or directory",
        "pipe": "is no regular file",
        ".": "may be opened",
        "empty": "is no .lidx file: it does not begin with the bytes of one",
        "other": "is no .lidx file: it does not begin with the bytes of one",
    }.items():
        assert why in refusal(db, f"'{tmp_path / name}'"), name
    (tmp_path / "below").mkdir()
    assert "is no regular file" in refusal(db, f"'{tmp_path / 'below'}'")


@pytest.mark.parametrize("mmap", [0, 1])
def test_a_file_that_was_cut_short_or_grew(tmp_path: Path, mmap: int) -> None:
    blob = bytes(lx.LearnedIndex(np.arange(5_000)).save(bytes) or b"")
    path = tmp_path / "t.lidx"
    for size in (9, 100, 200, len(blob) // 2, len(blob) - 1):
        path.write_bytes(blob[:size])
        assert "is truncated: it is shorter" in refusal(connect(tmp_path), f"'{path}', mmap={mmap}")
    path.write_bytes(blob + b"\0")
    assert "is longer than its header says" in refusal(connect(tmp_path), f"'{path}', mmap={mmap}")
    path.write_bytes(blob[:40] + b"\xff" + blob[41:])
    assert "is damaged" in refusal(connect(tmp_path), f"'{path}', mmap={mmap}")


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO t VALUES (1, 2)", "UPDATE t SET value = 3", "DELETE FROM t WHERE key = 1"],
)
def test_a_table_cannot_be_written(tmp_path: Path, sql: str) -> None:
    db = over(tmp_path, np.arange(3), np.arange(3))
    with pytest.raises(sqlite3.OperationalError, match="table t may not be modified"):
        db.execute(sql)


def test_no_view_and_no_trigger_of_a_schema_reads_a_file(tmp_path: Path) -> None:
    db = over(tmp_path, np.arange(3))
    db.execute("CREATE VIEW v AS SELECT * FROM t")
    with pytest.raises(sqlite3.OperationalError, match="unsafe use of virtual table"):
        db.execute("SELECT * FROM v")
    db.execute("CREATE VIEW w AS SELECT lidx_count('a', 1, 2)")
    with pytest.raises(sqlite3.OperationalError, match="unsafe use of lidx_count"):
        db.execute("SELECT * FROM w")


def test_the_module_is_no_table_by_itself(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        connect(tmp_path).execute("SELECT * FROM learnedidx")


@pytest.mark.parametrize("arguments", [(None, 1, 2), ("", 1, 2), ("nowhere", 1, 2), ("/etc", 1, 2)])
def test_count_says_what_is_wrong(tmp_path: Path, arguments: Any) -> None:
    with pytest.raises(sqlite3.OperationalError, match="lidx_count: "):
        connect(tmp_path).execute("SELECT lidx_count(?, ?, ?)", arguments)


OUTSIDE = "lies outside the folders whose files may be opened"


def test_files_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links are followed before the folder is looked at; folders below one belong to it."""
    inside, outside = tmp_path / "in", tmp_path / "inside"
    for folder in (inside, outside, inside / "deep"):
        folder.mkdir()
    lx.LearnedIndex(np.arange(3)).save(outside / "t.lidx")
    lx.LearnedIndex(np.arange(3)).save(inside / "deep" / "t.lidx")
    (inside / "link.lidx").symlink_to(outside / "t.lidx")
    (outside / "back.lidx").symlink_to(inside / "deep" / "t.lidx")
    monkeypatch.chdir(inside)
    for db in (connect(inside), connect()):
        for path in (outside / "t.lidx", inside / "link.lidx", f"{inside}/../inside/t.lidx"):
            assert OUTSIDE in refusal(db, f"'{path}'")
            with pytest.raises(sqlite3.OperationalError, match=OUTSIDE):
                db.execute("SELECT lidx_count(?, 1, 2)", (str(path),))
        for path in (inside / "deep" / "t.lidx", outside / "back.lidx", "deep/t.lidx"):
            create(db, f"'{path}'")
            db.execute("DROP TABLE t")
    create(connect(inside, outside), f"'{outside / 't.lidx'}'")
    create(connect(Path("/")), f"'{outside / 't.lidx'}'")


def test_a_working_folder_that_is_the_root_stands_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lx.LearnedIndex(np.arange(3)).save(tmp_path / "t.lidx")
    monkeypatch.chdir("/")
    assert OUTSIDE in refusal(connect(), f"'{tmp_path / 't.lidx'}'")
    assert OUTSIDE in refusal(connect(), "'etc/passwd'")


def test_the_folder_of_the_database_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "work"):
        (tmp_path / name).mkdir()
        lx.LearnedIndex(np.arange(3)).save(tmp_path / name / f"{name}.lidx")
    monkeypatch.chdir(tmp_path / "work")
    db = connect(path=tmp_path / "data" / "a.db")
    assert "counts from the folder of the database file" in refusal(db, "'work.lidx'")
    for path in ("data.lidx", tmp_path / "work" / "work.lidx", tmp_path / "data" / "data.lidx"):
        create(db, f"'{path}'")
        db.execute("DROP TABLE t")
    db.execute("ATTACH ':memory:' AS other")
    db.execute("CREATE VIRTUAL TABLE other.t USING learnedidx('data.lidx')")


def test_a_table_whose_file_is_gone(tmp_path: Path) -> None:
    """SQLite connects to a table before it drops it, so that some file has to be there."""
    lx.LearnedIndex(np.arange(3)).save(tmp_path / "t.lidx")
    db = connect(path=tmp_path / "a.db")
    create(db, "'t.lidx'")
    db.close()
    (tmp_path / "t.lidx").unlink()
    db = connect(path=tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError, match=r"t\.lidx: cannot be read"):
        db.execute("SELECT * FROM t")
    lx.LearnedIndex(np.arange(5)).save(tmp_path / "t.lidx")
    db.execute("DROP TABLE t")
