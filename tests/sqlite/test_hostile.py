"""Damaged files are refused by CREATE, or answer; rightly where only the model is damaged."""

import contextlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

import learnedidx as lx
from tests.format import spoil
from tests.sqlite.tables import connect, connected

FLIPS, MANY_FLIPS = 4, 300
QUERIES = (
    "SELECT count(*), min(key), max(key) FROM t",
    "SELECT * FROM t ORDER BY key DESC LIMIT 5 OFFSET 3",
    "SELECT * FROM t WHERE key = ?",
    "SELECT rowid, * FROM t WHERE key >= ? LIMIT 3",
    "SELECT * FROM t WHERE key IN (?, 3, 'b', x'00') OR rowid = 4",
)
PLAIN = np.sort(np.random.default_rng(3).integers(-999, 9999, 400))
FIELDS = np.zeros(400, [("a", "U3"), ("b", "S5"), ("c", "M8[s]"), ("d", "f2"), ("e", "u8", (2,))])
FILES = {
    "rmi": (PLAIN, "rmi"),
    "pgm": (PLAIN, "pgm"),
    "radix_spline": (PLAIN / 8, "radix_spline"),
    "btree": (PLAIN.view("M8[us]"), "btree"),
    "text": ([f"user{i // 2:04d}" for i in range(400)], "auto"),
    "bytes": (np.sort(np.array([b"%d" % i for i in range(400)])), "auto"),
    "uint8": (np.sort(PLAIN.astype("u1")), "auto"),
}


def ask(path: Path, blob: bytes, mmap: int, key: object) -> bool:
    """Make a table of some bytes and ask it all; False: they were refused."""
    path.write_bytes(blob)
    db = connect(path.parent)
    try:
        db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{path}', mmap={mmap})")
    except sqlite3.OperationalError as error:
        assert str(path) in str(error)
        return False
    else:
        for sql in QUERIES:
            with contextlib.suppress(sqlite3.OperationalError):  # text that is no UTF-8 any more
                db.execute(sql, (key,) * sql.count("?")).fetchall()
        db.execute("SELECT lidx_count(?, ?, ?)", (str(path), key, key)).fetchall()
        return True
    finally:
        connected.pop().close()


def flip(folder: Path, name: str, flips: int) -> None:
    keys, model = FILES[name]
    random = np.random.default_rng([flips, *name.encode()])
    blob = bytes(lx.LearnedIndex(keys, model).save(bytes, values=FIELDS) or b"")
    key = keys[7] if isinstance(keys, list) else np.asarray(keys).view("i8").tolist()[0]
    key = bytes(key) if isinstance(key, bytes) else key
    opened = int(ask(folder / "t.lidx", blob, 1, key))
    for part in spoil.parts(blob).values():
        for number in range(flips):
            changed = spoil.flipped(blob, part, random)
            opened += ask(folder / "t.lidx", changed, number % 2, key)
            opened += ask(folder / "t.lidx", spoil.signed(changed), number % 2, key)
    assert opened > 1


@pytest.mark.parametrize("name", [name for name in FILES if name != "uint8"])
def test_changes_in_every_part(tmp_path: Path, name: str) -> None:
    flip(tmp_path, name, FLIPS)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in FILES if name != "uint8"])
def test_many_changes_in_every_part(tmp_path: Path, name: str) -> None:
    flip(tmp_path, name, MANY_FLIPS)


@pytest.mark.parametrize("name", ["rmi", "pgm", "radix_spline", "btree", "uint8"])
def test_a_bad_model_costs_time_alone(tmp_path: Path, name: str) -> None:
    keys, model = FILES[name]
    random = np.random.default_rng(9)
    blob = bytes(lx.LearnedIndex(keys, model).save(bytes) or b"")
    shown = np.asarray(keys).view("i8" if name == "btree" else np.asarray(keys).dtype)
    wanted = {key: int(n) for key, n in zip(*np.unique(shown, return_counts=True), strict=True)}
    parts = spoil.parts(blob)
    arrays = [
        name
        for name in parts
        if not name.startswith(("header", "table", "pad", "META", "MODL", "KEYS"))
    ]
    for part in arrays:
        for _ in range(3):
            changed = bytearray(blob)
            start, end = parts[part]
            changed[start:end] = random.integers(0, 256, end - start, dtype="u1").tobytes()
            (tmp_path / "t.lidx").write_bytes(spoil.signed(changed))
            db = connect(tmp_path)
            db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{tmp_path / 't.lidx'}')")
            for key, count in wanted.items():
                found = db.execute("SELECT count(*) FROM t WHERE key = ?", (key.item(),)).fetchone()
                assert found == (count,), (part, key)


META = (
    *("{}", "[]", "{", "\xff\xfe", '{"values":3}', '{"values":["<i",[]]}', '{"values":["<S0",[]]}'),
    *(
        '{"values":["<f8"]}',
        '{"values":["<f8",7]}',
        '{"values":["<f8",[2]]}',
        '{"values":["<i1",[-8]]}',
    ),
    *('{"values":["<f9",[]]}', '{"values":[">f8",[]]}', '{"values":["|V8",[]],"fields":[]}'),
    '{"values":["<U99999999999999999999",[]]}',
    '{"values":["|V8",[]],"fields":[["a",4,"<f8",[]]]}',
    '{"values":["|V8",[]],"fields":[["a",-1,"<i1",[]]]}',
    '{"values":["|V8",[]],"fields":[[1,0,"<i1",[99999999999,99999999999,99999999999]]]}',
    '{"values":["|V8",[]],"fields":[["a",0,[9,[]],[]]]}',
    '{"values":["|V8",[]],"fields":{"a":["a",0,"<i1",[]]}}{',
    *(
        '{"values":["|V8",[]],"fields":[["\x90",0,"<i1",[]]]}',
        '{"values":["|V8",[]],"fields":[["\\ud800",0,"<i1",[]]]}',
    ),
)


@pytest.mark.parametrize("meta", META, ids=range(len(META)))
def test_a_description_of_values_that_cannot_be(tmp_path: Path, meta: str) -> None:
    """The description is written over one of the same length: JSON may end with spaces."""
    fields = np.zeros(9, [("a" * 100, "f8")])
    blob = bytes(lx.LearnedIndex(np.arange(9)).save(bytes, values=fields) or b"")
    start, end = next(part for name, part in spoil.parts(blob).items() if name.startswith("META"))
    assert end - start > len(meta)
    changed = blob[:start] + meta.encode("latin-1").ljust(end - start) + blob[end:]
    (tmp_path / "t.lidx").write_bytes(spoil.signed(changed))
    with pytest.raises(sqlite3.OperationalError, match=r"t\.lidx: is damaged: its values do not"):
        connect(tmp_path).execute(
            f"CREATE VIRTUAL TABLE t USING learnedidx('{tmp_path / 't.lidx'}')"
        )
