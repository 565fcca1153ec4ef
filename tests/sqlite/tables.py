"""A file of ours and a table of SQLite's own with the same rows, side by side in one database."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

import learnedidx as lx
import learnedidx.sqlite

connected: list[sqlite3.Connection] = []  # closed when the test is over


def connect(*folders: Path, path: str | Path = ":memory:") -> sqlite3.Connection:
    """Connect with the extension; transactions are SQLite's own."""
    learnedidx.sqlite.register(allow=folders or None)
    try:
        connected.append(sqlite3.connect(path, isolation_level=None))
    finally:
        learnedidx.sqlite.register()
    return connected[-1]


def over(folder: Path, keys: Any, values: Any = None, **options: Any) -> sqlite3.Connection:
    """Save keys and make a table `t` of them."""
    lx.LearnedIndex(keys, **options).save(folder / "t.lidx", values=values)
    db = connect(folder)
    db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{folder / 't.lidx'}')")
    return db


def beside(folder: Path, keys: Any, declared: str, rows: list[Any]) -> sqlite3.Connection:
    """Make `t` over a file and `native` of the same rows, with an index on its keys.

    The value of a row is its position modulo 7; `aux` holds operands of every affinity.
    """
    values = np.arange(len(rows), dtype=np.int64) % 7
    db = over(folder, keys, values)
    db.execute(f"CREATE TABLE native(key {declared}, value INTEGER)")
    numbered = [(i, key, i % 7) for i, key in enumerate(rows)]
    db.executemany("INSERT INTO native(rowid, key, value) VALUES (?, ?, ?)", numbered)
    db.execute("CREATE INDEX by_key ON native(key)")
    db.execute("CREATE TABLE aux(i INTEGER, r REAL, t TEXT, b BLOB, n)")
    return db
