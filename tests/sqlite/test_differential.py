"""Random SQL gives over a file what it gives over a table of SQLite's own."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sqlite.statements import BLOBS, NUMBERS, TEXTS, Statements
from tests.sqlite.tables import beside

random = np.random.default_rng(5)


def runs(keys: Any) -> Any:
    """Repeat some of the keys, in order."""
    return np.sort(np.concatenate([keys, keys[::3], keys[::7], keys[:1].repeat(40)]))


def integers(dtype: str, low: int, high: int, n: int = 300) -> Any:
    """Make integers with duplicates."""
    return runs(random.integers(low, high, n, dtype=np.dtype(dtype)))


@dataclasses.dataclass
class Set:
    """Keys, and the type that a table of SQLite declares for them."""

    declared: str
    make: Callable[[], Any]
    listed: Callable[[Any], list[Any]] = lambda keys: keys.tolist()
    words: tuple[str, ...] = ()


def words() -> list[str]:
    """Make text: prefixes of each other, numbers, other cases, NUL."""
    some = ["b" * i for i in range(20)] + [str(i) for i in range(-20, 60)] + TEXTS
    some += [f"user{i:03d}" for i in range(100)] + ["B", "Bb", "É", "１", "\U0001f600", "1.0", "+1"]
    return sorted([*some, *some[::4]], key=str.encode)


def blobs() -> list[bytes]:
    """Make byte strings."""
    return sorted([*BLOBS, *(word.encode() for word in words())])


SETS = {
    "int64": Set("INTEGER", lambda: integers("i8", -(2**63), 2**63 - 1)),
    "small": Set("INTEGER", lambda: integers("i8", -40, 60)),
    "uint8": Set("INTEGER", lambda: integers("u1", 0, 256)),
    "int32": Set("INTEGER", lambda: integers("i4", -300, 300)),
    "uint64": Set("INTEGER", lambda: integers("u8", 0, 2**63)),
    "float64": Set(
        "REAL", lambda: runs(np.r_[random.normal(0, 20, 200), -np.inf, np.inf, -0.0, 3])
    ),
    "float32": Set("REAL", lambda: runs((random.integers(-40, 40, 200) / 4).astype("f4"))),
    "times": Set(
        "INTEGER", lambda: integers("i8", 0, 500).view("M8[ns]"), lambda k: k.view("i8").tolist()
    ),
    "text": Set("TEXT", words, list),
    "bytes": Set("BLOB", blobs, list),
    "fixed": Set("BLOB", lambda: np.sort(np.array(blobs(), "S")), lambda k: k.tolist()),
    "none": Set("INTEGER", lambda: np.empty(0, "i8")),
    "one": Set("INTEGER", lambda: np.array([7])),
}


def same(a: Any, b: Any) -> bool:
    """Compare answers; a float that is sum of others may differ in its last digits."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-12)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def differences(folder: Path, name: str, count: int, seed: int) -> None:
    one = SETS[name]
    keys = one.make()
    listed = one.listed(keys)
    db = beside(folder, keys, one.declared, listed)
    statements = Statements(listed, seed)
    values = [statements.operand() for _ in range(60)]
    if (
        one.declared == "TEXT"
    ):  # numeric affinity would be applied to the keys, of which no table hears
        values = [value for value in values if not isinstance(value, str)]
    values += NUMBERS
    rows = [(value, value, value, value, value) for value in values]
    db.executemany("INSERT INTO aux VALUES (?, ?, ?, ?, ?)", rows)
    for number in range(count):
        sql, parameters = statements.one()
        found = [db.execute(sql.format(t=t), parameters).fetchall() for t in ("t", "native")]
        assert same(*found), (number, sql, parameters, found)
    db.close()


@pytest.mark.parametrize("name", SETS)
def test_a_file_answers_as_a_table_does(name: str, tmp_path: Path) -> None:
    differences(tmp_path, name, 200, 1)


@pytest.mark.long
@pytest.mark.parametrize("name", SETS)
def test_a_file_answers_as_a_table_does_at_length(name: str, tmp_path: Path) -> None:
    differences(tmp_path, name, 100_000 // len(SETS) + 1, 2)
