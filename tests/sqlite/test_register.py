"""Connections get the module: loaded, or when they are opened; from SQLites of several copies."""

import ctypes
import re
import sqlite3
import sys
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
import learnedidx.sqlite
from learnedidx.paths import sqlite_extension
from learnedidx.sqlite import register

HEADER = Path(__file__).resolve().parents[2] / "cpp/embed/sqlite/vendor/sqlite3ext.h"
can_load = hasattr(sqlite3.Connection, "enable_load_extension")
loads = pytest.mark.skipif(not can_load, reason="this Python's sqlite3 loads no extensions")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Save a small file and return its path."""
    lx.LearnedIndex(np.array([2, 3, 5])).save(tmp_path / "t.lidx")
    return str(tmp_path / "t.lidx")


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Leave no connection of another test with the module."""
    forget()
    yield
    forget()


def forget() -> None:
    """Take back what register() told SQLite."""
    import _sqlite3

    ctypes.CDLL(getattr(_sqlite3, "__file__", None)).sqlite3_reset_auto_extension()


def keys(db: Any, path: str) -> list[int]:
    """Make a table of a file and return its keys, counted too."""
    db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS t USING learnedidx('{path}')")
    (counted,) = next(iter(db.execute("SELECT lidx_count(?, 0, 5)", (path,))))
    found = [key for (key,) in db.execute("SELECT key FROM t")]
    assert counted == sum(key < 5 for key in found)
    return found


@loads
def test_a_connection_is_loaded_and_no_other_one(path: str, tmp_path: Path) -> None:
    db, other = (sqlite3.connect(":memory:") for _ in range(2))
    register(db, allow=[tmp_path])
    assert keys(db, path) == [2, 3, 5]
    with pytest.raises(sqlite3.OperationalError, match="no such module: learnedidx"):
        keys(other, path)
    with pytest.raises(sqlite3.OperationalError, match="not authorized"):
        db.execute("SELECT load_extension('x')")
    db.close()
    other.close()


def test_later_connections_have_it(path: str, tmp_path: Path) -> None:
    before = sqlite3.connect(":memory:")
    for _ in range(2):
        register(allow=[str(tmp_path)])
    db = sqlite3.connect(":memory:")
    assert keys(db, path) == [2, 3, 5]
    with pytest.raises(sqlite3.OperationalError, match="no such module"):
        keys(before, path)
    db.close()
    before.close()


@loads
def test_folders_are_those_of_one_connection(path: str, tmp_path: Path) -> None:
    register()
    db, other = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    register(db, allow=[tmp_path])
    later = sqlite3.connect(":memory:")
    assert keys(db, path) == [2, 3, 5]
    for one in (other, later):
        with pytest.raises(sqlite3.OperationalError, match="lies outside the folders"):
            keys(one, path)
    for one in (db, other, later):
        one.close()


def test_threads_with_connections_of_their_own(path: str, tmp_path: Path) -> None:
    register(allow=[tmp_path])

    def work(number: int) -> int:
        db = sqlite3.connect(":memory:")
        try:
            if can_load and number % 2:
                register(db, allow=[tmp_path])
            db.execute(f"CREATE VIRTUAL TABLE t USING learnedidx('{path}')")
            sums = [
                db.execute("SELECT sum(key) FROM t WHERE key > ?", (i % 5,)) for i in range(200)
            ]
            return sum(answer.fetchone()[0] for answer in sums)
        finally:
            db.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(32)))) == 1


class Broken:
    """A connection that loads nothing."""

    def cursor(self) -> None: ...

    def enable_load_extension(self, on: bool) -> None:
        self.on = on

    def load_extension(self, _: str) -> None:
        raise sqlite3.OperationalError("not authorized")


def test_a_connection_that_failed_leaves_its_folders_to_none(path: str, tmp_path: Path) -> None:
    broken = Broken()
    with pytest.raises(sqlite3.OperationalError, match="not authorized"):
        register(broken, allow=[tmp_path])
    assert not broken.on
    register()
    db = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError, match="lies outside the folders"):
        keys(db, path)
    db.close()


def test_apsw_beside_sqlite3(path: str, tmp_path: Path) -> None:
    """Two copies of SQLite in one process, each called by its own functions."""
    apsw = pytest.importorskip("apsw")
    register(allow=[tmp_path])
    connections = [apsw.Connection(":memory:"), sqlite3.connect(":memory:")]
    register(connections[0], allow=[tmp_path])
    connections.append(sqlite3.connect(":memory:"))
    for db in connections * 2:
        assert keys(db, path) == [2, 3, 5]
    for db in connections:
        db.close()


def test_a_connection_that_cannot_load() -> None:
    class Connection:
        def cursor(self) -> None: ...

    with pytest.raises(sqlite3.NotSupportedError, match=r"register\(\) before sqlite3.connect"):
        register(Connection())


@pytest.mark.parametrize("connection", [1, "a.db", sqlite3])
def test_what_is_no_connection(connection: Any) -> None:
    with pytest.raises(TypeError, match="connection: must be a connection of sqlite3 or apsw"):
        register(connection)


def test_what_are_no_folders(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="allow: must be a list of folders, got one path"):
        register(allow=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        register(allow=[tmp_path / "nowhere"])
    with pytest.raises(TypeError, match="int"):
        register(allow=[1])  # type: ignore[list-item]


def test_an_old_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    with pytest.raises(sqlite3.NotSupportedError, match=r"needs SQLite 3\.38 or newer"):
        register()


def test_a_sqlite_that_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = types.SimpleNamespace(__file__=str(sqlite_extension()))
    monkeypatch.setitem(sys.modules, "_sqlite3", hidden)
    with pytest.raises(sqlite3.NotSupportedError, match="is hidden or was built without"):
        register()


@pytest.mark.skipif(not HEADER.exists(), reason="the sources of the core are not here")
def test_the_extension_refuses_an_old_sqlite_when_it_is_loaded() -> None:
    """By a table of functions of which the three exist that are called then."""
    members = HEADER.read_text().split("struct sqlite3_api_routines")[1]
    names = re.findall(r"(?m)^  [a-z][\w *]*\(\*(\w+)\)\(", members)
    said: list[bytes] = []
    text = ctypes.create_string_buffer(b"3.37.2")
    number = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 3037002)
    version = ctypes.CFUNCTYPE(ctypes.c_void_p)(lambda: ctypes.addressof(text))
    printing = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
    printed = printing(lambda form, value: said.append(form.replace(b"%s", value)))
    table = (ctypes.c_void_p * len(names))()
    functions: dict[str, Any] = {
        "libversion_number": number,
        "libversion": version,
        "mprintf": printed,
    }
    for name, function in functions.items():
        table[names.index(name)] = ctypes.cast(function, ctypes.c_void_p)
    library = ctypes.CDLL(str(sqlite_extension()))
    error = ctypes.c_void_p()
    assert library.sqlite3_learnedidx_init(None, ctypes.byref(error), ctypes.byref(table)) == 1
    assert said == [b"learnedidx needs SQLite 3.38 or newer, this is 3.37.2"]


def test_a_sqlite_without_a_table_of_functions() -> None:
    library = ctypes.CDLL(str(sqlite_extension()))
    assert library.sqlite3_learnedidx_init(None, None, None) == 1


def test_the_package_has_the_module() -> None:
    assert lx.sqlite is learnedidx.sqlite
