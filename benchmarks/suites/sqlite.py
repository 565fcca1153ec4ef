"""SQL over a file of ours beside a table of SQLite's own with an INTEGER PRIMARY KEY.

Both hold the same distinct keys and values. Statements run from C, in a transaction: a round is as
many as take some hundredths of a second. ``python`` is one ``execute`` and ``fetchone`` a key from
Python's sqlite3. ``open`` is a new connection and its first lookup, in microseconds.
"""

import _sqlite3
import atexit
import contextlib
import ctypes
import functools
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import native
from benchmarks.contenders import Array
from benchmarks.contenders.library import library
from benchmarks.plan import MILLION, Cell, Place, Plan
from benchmarks.suite import Act, Bound, Subject, Suite, Timed, time_each

SIZES = {"full": (MILLION, 10 * MILLION), "small": (MILLION,), "tiny": (2_000,)}
TABLES = {"learnedidx": "learned", "native": "plain"}
QUERIES = 20_000
LISTED = 10_000  # keys of an IN
RANGE = 100  # keys of a range
SCANNED = 100_000
FLOORS = {"point": 1.7, "range": 1.2, "join": 1.3, "in": 0.9, "order by": 0.9}
VERBS = (*FLOORS, "scan", "python", "open")


def statements() -> Any:
    """Compile what runs SQL in the SQLite that Python's own module uses."""
    ctypes.CDLL(getattr(_sqlite3, "__file__", None), ctypes.RTLD_GLOBAL)
    vendored = f"-I{native.ROOT}/cpp/embed/sqlite/vendor"
    return native.extension("statements", native.HERE / "sqlite.cpp", (vendored,))


class Database:
    """A database file with both tables, and what is asked of them."""

    def __init__(self, folder: Path, keys: Array, seed: int) -> None:
        self.path = str(folder / "both.db")
        self.keys = np.unique(keys.astype(np.int64))
        rng = np.random.default_rng(seed)
        self.wanted = rng.choice(self.keys, QUERIES)
        at = rng.integers(0, max(1, len(self.keys) - RANGE), QUERIES // 10)
        ends = np.minimum(at + RANGE - 1, len(self.keys) - 1)
        self.ranges = np.ascontiguousarray(np.stack([self.keys[at], self.keys[ends]], axis=1))
        values = np.arange(len(self.keys), dtype=np.float64)
        library().LearnedIndex(self.keys).save(folder / "learned.lidx", values=values)
        library().sqlite.register(allow=[folder])
        with sqlite3.connect(self.path) as db:
            db.execute("CREATE VIRTUAL TABLE learned USING learnedidx('learned.lidx')")
            db.execute("CREATE TABLE plain(key INTEGER PRIMARY KEY, value REAL)")
            db.execute("INSERT INTO plain SELECT key, value FROM learned")
            db.execute("CREATE TABLE probes(wanted INTEGER)")
            db.executemany("INSERT INTO probes VALUES (?)", zip(self.wanted.tolist()))
        db.close()
        self.db = statements().Database(self.path)

    def sql(self, verb: str, table: str) -> str:
        """Give the statement of a verb."""
        found = {
            "point": "SELECT value FROM {} WHERE key = ?",
            "range": "SELECT sum(value) FROM {} WHERE key BETWEEN ? AND ?",
            "join": "SELECT sum(value) FROM probes CROSS JOIN {} ON key = wanted",
            "in": "SELECT sum(value) FROM {} WHERE key IN (%s)",
            "order by": f"SELECT value FROM {{}} ORDER BY key DESC LIMIT {SCANNED}",
            "scan": "SELECT sum(value) FROM {}",
        }[verb].format(table)
        return found % ",".join(map(str, self.wanted[:LISTED])) if verb == "in" else found

    def run(self, verb: str, table: str) -> float:
        """Run the statements of a round; give the sum of what they select."""
        parameters = {"point": 1, "range": 2}.get(verb, 0)
        numbers = self.ranges if verb == "range" else self.wanted
        return float(self.db.run(self.sql(verb, table), numbers, parameters))

    def queries(self, verb: str) -> int:
        """Say what a time is divided by."""
        n = len(self.keys)
        by = {"range": len(self.ranges), "in": LISTED, "scan": n, "order by": min(n, SCANNED)}
        return by.get(verb, QUERIES)

    def open(self, table: str) -> object:
        """Connect and look one key up."""
        db = sqlite3.connect(self.path)
        found = db.execute(self.sql("point", table), (int(self.wanted[0]),)).fetchone()
        db.close()
        return found


def _from_python(db: sqlite3.Connection, sql: str, wanted: list[int]) -> float:
    with db:
        db.execute("BEGIN")
        return float(sum(db.execute(sql, (key,)).fetchone()[0] for key in wanted))


def _actions(database: Database, verb: str, db: sqlite3.Connection) -> dict[str, Act]:
    wanted = database.wanted.tolist()
    found: dict[str, Callable[[], Any]] = {}
    for name, table in TABLES.items():
        if verb == "open":
            found[name] = functools.partial(database.open, table)
        elif verb == "python":
            found[name] = functools.partial(_from_python, db, database.sql("point", table), wanted)
        else:
            found[name] = functools.partial(database.run, verb, table)
    per = 1000 if verb == "open" else database.queries(verb)
    return {name: Act(action, per) for name, action in found.items()}


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time a statement over both tables, which must answer alike."""
    keys = subject.keyset.keys
    database = _database(keys.tobytes(), str(keys.dtype), plan.seed)
    with contextlib.closing(sqlite3.connect(database.path)) as db:
        actions = _actions(database, cell.verb, db)
        ours, native = (act.action() for act in actions.values())
        assert ours == native, (cell.verb, ours, native)
        timed = time_each(actions, plan.rounds_of(cell, len(keys)), {})
    return timed._replace(facts={"unit": "µs"} if cell.verb == "open" else {})


@functools.lru_cache(maxsize=1)
def _database(keys: bytes, dtype: str, seed: int) -> Database:
    """Make the database of a place once; its folder goes when the process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Database(Path(folder), np.frombuffer(keys, dtype), seed)


def _bounds(cell: Cell, place: Place) -> Mapping[str, Bound]:
    floor = FLOORS.get(cell.verb)
    return {} if floor is None else {"native": Bound(floor)}


SQLITE = Suite(
    "sqlite",
    "SQL over a file beside a table of SQLite",
    "ns",
    lambda plan: plan.usual(["uniform"], plan.pick(SIZES)),
    lambda plan: [*map(Cell, VERBS)],
    measure,
    bounds=_bounds,
    baseline="native",
)
