"""Tables of SQL over files: ``CREATE VIRTUAL TABLE events USING learnedidx('events.lidx')``."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

from learnedidx.paths import sqlite_extension

__all__ = ["register"]

OLDEST = (3, 38)
_lock = threading.Lock()  # folders are given just before the connection that they are for


def register(connection: Any = None, allow: Iterable[str | os.PathLike[str]] | None = None) -> None:
    """Give a connection the module ``learnedidx`` and the function ``lidx_count``.

    Parameters
    ----------
    connection : sqlite3.Connection or apsw.Connection, optional
        A connection that can load extensions; loading is switched off afterwards. None: every
        connection that `sqlite3` opens in this process from now on, which needs no loading.
    allow : iterable of paths, optional
        The folders whose files SQL may name, and those below them. Without it, the folder of the
        database file and the working folder, unless that is the root, as they are when a table is
        created or first used.

    Raises
    ------
    sqlite3.NotSupportedError
        This SQLite is older than 3.38; this Python's connections cannot load extensions, and one
        was given; or its SQLite is hidden inside another library, and none was given.
    TypeError
        ``connection`` is no connection, or ``allow`` no iterable of paths.
    OSError
        A folder is not there, or the extension was not installed.

    Examples
    --------
    >>> import os, sqlite3, tempfile, numpy as np, learnedidx as lx, learnedidx.sqlite
    >>> folder = tempfile.mkdtemp()
    >>> path = os.path.join(folder, "events.lidx")
    >>> lx.LearnedIndex(np.array([2, 3, 5, 7])).save(path, values=np.array([0.5, 1, 1.5, 2]))
    >>> learnedidx.sqlite.register(allow=[folder])
    >>> db = sqlite3.connect(":memory:")
    >>> _ = db.execute(f"CREATE VIRTUAL TABLE events USING learnedidx('{path}')")
    >>> db.execute("SELECT rowid, key, value FROM events WHERE key BETWEEN 3 AND 6").fetchall()
    [(1, 3, 1.0), (2, 5, 1.5)]
    >>> db.close()
    >>> learnedidx.sqlite.register()    # the usual folders again
    """
    extension = str(sqlite_extension())
    library = ctypes.CDLL(extension)
    folders = _folders(allow)
    if connection is None:
        _serve_all(library, folders)
        return
    if not hasattr(connection, "cursor"):
        raise TypeError(
            "connection: must be a connection of sqlite3 or apsw, or None, got "
            f"{type(connection).__name__}"
        )
    if not hasattr(connection, "enable_load_extension"):
        raise sqlite3.NotSupportedError(
            "connection: has no enable_load_extension, so that nothing can be loaded into it; call "
            "learnedidx.sqlite.register() before sqlite3.connect(), it serves all later connections"
        )
    with _lock:
        connection.enable_load_extension(True)
        try:
            _allow(library, folders, once=True)
            connection.load_extension(extension)
        finally:
            library.lidx_sqlite_allow(None, -1, 1)
            connection.enable_load_extension(False)


def _folders(allow: Iterable[str | os.PathLike[str]] | None) -> list[bytes] | None:
    if allow is None:
        return None
    if isinstance(allow, (str, bytes, os.PathLike)):
        raise TypeError(f"allow: must be a list of folders, got one path: [{str(allow)!r}]")
    return [os.fsencode(os.path.realpath(os.fspath(folder), strict=True)) for folder in allow]


def _allow(library: ctypes.CDLL, folders: list[bytes] | None, *, once: bool) -> None:
    names = None if folders is None else (ctypes.c_char_p * len(folders))(*folders)
    if not library.lidx_sqlite_allow(names, len(folders or ()), int(once)):
        raise MemoryError("allow: no memory for the names of folders")


def _serve_all(library: ctypes.CDLL, folders: list[bytes] | None) -> None:
    """Have SQLite call the extension when it opens a connection."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise sqlite3.NotSupportedError(
            f"learnedidx needs SQLite 3.38 or newer, this Python has {sqlite3.sqlite_version}"
        )
    import _sqlite3

    # The library that the module itself is linked with, found through it.
    functions = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    auto_extension = getattr(functions, "sqlite3_auto_extension", None)
    if auto_extension is None or functions.sqlite3_compileoption_used(b"OMIT_LOAD_EXTENSION"):
        raise sqlite3.NotSupportedError(
            "this Python's SQLite is hidden or was built without extensions; use a Python whose "
            "sqlite3 has enable_load_extension, or apsw, and register(connection)"
        )
    with _lock:
        _allow(library, folders, once=False)
        if auto_extension(library.sqlite3_learnedidx_init) != 0:
            raise MemoryError("SQLite has no memory for an extension")
