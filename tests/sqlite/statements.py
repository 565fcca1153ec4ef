"""Random statements over a table {t}: every operator, operand, order and limit that SQL has."""

import random
import sqlite3
from typing import Any

OPERATORS = ("=", "==", "<", "<=", ">", ">=", "IS")
NUMBERS = [None, 0, -1, 2**63 - 1, -(2**63), 0.5, -0.0, 1e300, -1e300, float("inf"), -float("inf")]
NUMBERS += [9.223372036854775807e18, -9.223372036854775808e18, 2.0**53 + 2, 256, 255.5, 3.4e38]
TEXTS = ["", "abc", "12", " 12 ", "1e1", "0x10", "9223372036854775808", "-3.5", "é", "B", "b\0c"]
BLOBS = [b"", b"abc", b"12", b"\xff", b"b\0", b"b"]
JOINED = ("i", "r", "t", "b", "n")
JOINS: tuple[str, ...] = ("JOIN", "LEFT JOIN", "CROSS JOIN")
if sqlite3.sqlite_version_info >= (3, 39):
    JOINS += ("RIGHT JOIN", "FULL JOIN")


class Statements:
    """Makes statements for keys of which some are given; the text has {t} where the table goes."""

    def __init__(self, keys: list[Any], seed: int) -> None:
        self.random = random.Random(seed)
        self.keys = keys
        self.parameters: list[Any] = []

    def operand(self) -> Any:
        """Give a key, a value near one, or one that is far off or of another type."""
        pick = self.random.random()
        if pick < 0.45 and self.keys:
            return self.random.choice(self.keys)
        if pick < 0.7 and self.keys:
            return self.near(self.random.choice(self.keys))
        return self.random.choice([*NUMBERS, *TEXTS, *BLOBS])

    def near(self, key: Any) -> Any:
        """Give a value that lies close to a key, or the same one in another type."""
        if isinstance(key, (str, bytes)):
            text: Any = key
            more = text[:1] * self.random.randint(0, 2)
            return self.random.choice([text + more, text[:-1], text + text, text.upper()])
        steps = [key + 1, key - 1, key + 0.5, key - 0.5, float(key), str(key), f" {key}.0"]
        step = self.random.choice(steps)
        fits = not isinstance(step, int) or -(2**63) <= step < 2**63
        return step if fits else float(step)

    def place(self, value: Any) -> str:
        """Write an operand as a parameter or, if it can be written, as a literal."""
        if self.random.random() < 0.5 or isinstance(value, float):
            self.parameters.append(value)
            return f"?{len(self.parameters)}"
        if value is None:
            return "NULL"
        if isinstance(value, bytes):
            return f"x'{value.hex()}'"
        if isinstance(value, str):
            quoted = value.replace("'", "''")
            return f"'{quoted}'" if "\0" not in value else self.place(value)
        return str(value) if value != -(2**63) else self.place(float(value))

    def row(self) -> Any:
        """Give a position, or something near one."""
        n = max(1, len(self.keys))
        return self.random.choice([self.random.randrange(n), -1, n, n + 5, 2.5, "3", None, "x"])

    def condition(self) -> str:
        """Write one condition on the key, the row or the value."""
        pick = self.random.random()
        if pick < 0.4:
            return f"key {self.random.choice(OPERATORS)} {self.place(self.operand())}"
        if pick < 0.5:
            return f"key BETWEEN {self.place(self.operand())} AND {self.place(self.operand())}"
        if pick < 0.65:
            values = [self.place(self.operand()) for _ in range(self.random.randint(0, 6))]
            return f"key IN ({', '.join(values)})"
        if pick < 0.7:
            return f"key IN (SELECT {self.random.choice(JOINED)} FROM aux)"
        if pick < 0.85:
            return f"rowid {self.random.choice(OPERATORS)} {self.place(self.row())}"
        if pick < 0.88:
            return f"rowid IN ({', '.join(self.place(self.row()) for _ in range(3))})"
        return self.other()

    def other(self) -> str:
        """Write a condition that no index serves, or only in part."""
        if self.random.random() < 0.2:
            column = self.random.choice(("value", "rowid"))
            if self.random.random() < 0.3:
                return f"(key, {column}) IN (SELECT {self.random.choice(JOINED)}, i % 7 FROM aux)"
            operator = self.random.choice(("<", ">=", "=", "IS"))
            return f"(key, {column}) {operator} ({self.place(self.operand())}, {self.place(3)})"
        kinds = ["key IS NULL", "key IS NOT NULL", "+key > ", "key <> ", "key || '' > "]
        kinds += ["key COLLATE NOCASE = ", "key COLLATE NOCASE < "]
        kinds += ["value = 3", "value % 2 = 0", "value IN (1, 4)", "value > 2", "value < "]
        kind = self.random.choice(kinds)
        return kind + self.place(self.operand()) if kind.endswith(" ") else kind

    def where(self) -> str:
        """Join conditions."""
        conditions = [self.condition() for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3)))]
        if not conditions:
            return ""
        word = " OR " if self.random.random() < 0.15 else " AND "
        text = word.join(conditions)
        return " WHERE NOT (" + text + ")" if self.random.random() < 0.05 else " WHERE " + text

    def order(self) -> str:
        """Give an order that leaves nothing open."""
        way, other = self.random.choice((("", ""), ("DESC", "DESC"), ("ASC", "DESC"), ("DESC", "")))
        first = self.random.choice(
            ("", f"key {way}, ", f"value {way}, ", f"key {way}, key {way}, ")
        )
        return f" ORDER BY {first}rowid {other}"

    def limit(self) -> str:
        """Limit the rows, or not."""
        pick = self.random.random()
        if pick < 0.5:
            return ""
        limit = self.place(self.random.choice((0, 1, 3, 10, -1)))
        if pick < 0.65:
            return f" LIMIT {limit}"
        return f" LIMIT {limit} OFFSET {self.place(self.random.choice((0, 1, 2, 7, 50, -3)))}"

    def one(self) -> tuple[str, list[Any]]:
        """Make a statement and its parameters."""
        self.parameters = []
        pick = self.random.random()
        if pick < 0.6:
            text = "SELECT rowid, key, value FROM {t}" + self.where() + self.order() + self.limit()
        elif pick < 0.7:
            text = self.grouped()
        elif pick < 0.85:
            text = self.joined()
        else:
            what = "count(*), min(key), max(key), sum(value), total(rowid)"
            text = f"SELECT {what} FROM {{t}}" + self.where()
        return text, self.parameters

    def grouped(self) -> str:
        """Group by key, or leave out what is there twice."""
        if self.random.random() < 0.5:
            way = self.random.choice(("", " DESC"))
            return (
                "SELECT DISTINCT key FROM {t}" + self.where() + f" ORDER BY key{way}" + self.limit()
            )
        return (
            "SELECT key, count(*), sum(value) FROM {t}"
            + self.where()
            + " GROUP BY key ORDER BY key"
        )

    def joined(self) -> str:
        """Join with operands of a column's affinity."""
        column = self.random.choice(JOINED)
        operator = self.random.choice(("=", "=", "=", "<", ">="))
        kind = self.random.choice(JOINS)
        order = " ORDER BY aux.rowid, x.rowid"
        what = f"SELECT aux.rowid, x.rowid, key FROM aux {kind} {{t}} AS x"
        return f"{what} ON key {operator} aux.{column}{order}{self.limit()}"
