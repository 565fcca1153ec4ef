"""SQL over a file of ours beside a table of SQLite's own with an INTEGER PRIMARY KEY.

Both hold the same distinct keys and values. Statements run from C, in a transaction: a round is as
many as take some hundredths of a second. ``python`` is one ``execute`` and ``fetchone`` a key from
Python's sqlite3. ``open`` is a new connection and its first lookup, in microseconds.
"""

import _sqlite3
import contextlib
import ctypes
import functools
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.plan import MILLION, Cell, Plan
from benchmarks.rounds import Action
from benchmarks.suite import Bound, Subject, Suite, Timed, time_each

SIZES = {"full": (MILLION, 10 * MILLION), "small": (MILLION,), "tiny": (2_000,)}
TABLES = {"learnedidx": "learned", "native": "plain"}
QUERIES = 20_000
LISTED = 10_000  # keys of an IN
RANGE = 100  # keys of a range
SCANNED = 100_000
FLOORS = {"point": 1.7, "range": 1.2, "join": 1.3, "in": 0.9, "order by": 0.9}
STATEMENTS = {
    "point": "SELECT value FROM {table} WHERE key = ?",
    "range": "SELECT sum(value) FROM {table} WHERE key BETWEEN ? AND ?",
    "join": "SELECT sum(value) FROM probes CROSS JOIN {table} ON key = wanted",
    "in": "SELECT sum(value) FROM {table} WHERE key IN ({listed})",
    "order by": f"SELECT value FROM {{table}} ORDER BY key DESC LIMIT {SCANNED}",
    "scan": "SELECT sum(value) FROM {table}",
}


class Database:
    """A database file with both tables, and what is asked of them."""

    def __init__(self, keys: Array, seed: int) -> None:
        self.kept = tempfile.TemporaryDirectory()  # goes with this object
        folder = Path(self.kept.name)
        self.path = str(folder / "both.db")
        keys = np.unique(keys.astype(np.int64))
        rng = np.random.default_rng(seed)
        self.wanted = rng.choice(keys, QUERIES)
        at = rng.integers(0, max(1, len(keys) - RANGE), QUERIES // 10)
        ends = np.minimum(at + RANGE - 1, len(keys) - 1)
        self.ranges = np.ascontiguousarray(np.stack([keys[at], keys[ends]], axis=1))
        # What times are divided by.
        self.queries = {"range": len(self.ranges), "in": LISTED, "scan": len(keys), "open": 1000}
        self.queries["order by"] = min(len(keys), SCANNED)
        values = np.arange(len(keys), dtype=np.float64)
        library().LearnedIndex(keys).save(folder / "learned.lidx", values=values)
        library().sqlite.register(allow=[folder])
        with contextlib.closing(sqlite3.connect(self.path)) as db, db:
            db.execute("CREATE VIRTUAL TABLE learned USING learnedidx('learned.lidx')")
            db.execute("CREATE TABLE plain(key INTEGER PRIMARY KEY, value REAL)")
            db.execute("INSERT INTO plain SELECT key, value FROM learned")
            db.execute("CREATE TABLE probes(wanted INTEGER)")
            db.executemany("INSERT INTO probes VALUES (?)", zip(self.wanted.tolist()))
        # The SQLite that Python's own module uses.
        ctypes.CDLL(getattr(_sqlite3, "__file__", None), ctypes.RTLD_GLOBAL)
        vendored = f"-I{native.ROOT}/cpp/embed/sqlite/vendor"
        core = native.extension("statements", native.HERE / "sqlite.cpp", (vendored,))
        self.core = core.Database(self.path)

    def sql(self, verb: str, table: str) -> str:
        listed = ",".join(map(str, self.wanted[:LISTED]))
        return STATEMENTS[verb].format(table=table, listed=listed)

    def action(self, verb: str, table: str, db: sqlite3.Connection) -> Action:
        """Make the action of a round, which gives the sum of what it selects."""
        if verb in ("open", "python"):
            from_python = {"open": self._open, "python": self._python}[verb]
            return functools.partial(from_python, self.sql("point", table), db)
        numbers = self.ranges if verb == "range" else self.wanted
        parameters = {"point": 1, "range": 2}.get(verb, 0)
        return functools.partial(self.core.run, self.sql(verb, table), numbers, parameters)

    def _open(self, sql: str, _: Any) -> object:
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql, (int(self.wanted[0]),)).fetchone()

    def _python(self, sql: str, db: sqlite3.Connection) -> float:
        with db:
            db.execute("BEGIN")
            return float(sum(db.execute(sql, (key,)).fetchone()[0] for key in self.wanted.tolist()))


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time a statement over both tables, which must answer alike."""
    keys, verb = subject.keyset.keys, cell.verb
    database = _database(keys.tobytes(), str(keys.dtype), plan.seed)
    with contextlib.closing(sqlite3.connect(database.path)) as db:
        actions = {name: database.action(verb, table, db) for name, table in TABLES.items()}
        ours, native = (action() for action in actions.values())
        assert ours == native, (verb, ours, native)
        per = database.queries.get(verb, QUERIES)
        timed = time_each(actions, subject.rounds(cell, plan), per=per)
    return timed._replace(facts={"unit": "µs"} if verb == "open" else {})


@functools.lru_cache(maxsize=1)
def _database(keys: bytes, dtype: str, seed: int) -> Database:
    return Database(np.frombuffer(keys, dtype), seed)


SQLITE = Suite(
    "sqlite",
    "SQL over a file beside a table of SQLite",
    "ns",
    lambda plan: plan.usual(["uniform"], plan.pick(SIZES)),
    lambda plan: [*map(Cell, (*STATEMENTS, "python", "open"))],
    measure,
    bounds=lambda cell, _: {"native": Bound(FLOORS[cell.verb])} if cell.verb in FLOORS else {},
    baseline="native",
)
