"""Rows of every mix of columns, and an oracle that compares tuples in Python."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

import learnedidx as lx

SECONDS = {
    "D": Fraction(86_400),
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
    "ns": Fraction(1, 10**9),
}
WORDS = ["", "a", "a\0", "a\0b", "ab", "b", "é", "\U0001f600"]
BYTES = [
    b"",
    b"\0",
    b"\0\xff",
    b"\xfe",
    b"\xfe\0",
    b"\xfe\xfe",
    b"\xff",
    b"\xff\xff",
    b"a",
    b"\xff\0",
]


def part(item: Any) -> Any:
    """Return what stands for an item in comparisons; missing times and NaN are last."""
    if isinstance(item, (str, bytes)):
        return (0, item.encode() if isinstance(item, str) else item)
    if item != item:
        return (1, 0)
    if isinstance(item, (np.datetime64, np.timedelta64)):
        unit, count = np.datetime_data(item.dtype)
        return (0, int(item.astype(np.int64)) * count * SECONDS[unit])
    item = item.item() if isinstance(item, np.generic) else item
    return (0, item if isinstance(item, float) and abs(item) == float("inf") else Fraction(item))


def row(items: Any) -> tuple[Any, ...]:
    """Return a tuple of parts."""
    return tuple(part(item) for item in items)


class Oracle:
    """Sorted rows."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = [row(items) for items in rows]

    def position(self, query: Any, right: bool = False) -> int:
        """Count the rows whose first parts are below the query, or at most it."""
        wanted = row(query)
        firsts = (items[: len(wanted)] for items in self.rows)
        return sum(first <= wanted if right else first < wanted for first in firsts)

    def find(self, query: Any) -> int:
        """Return the first row that is equal, or -1."""
        return self.rows.index(row(query)) if row(query) in self.rows else -1


def _times(unit: str, letter: str = "M") -> Any:
    return lambda item: np.array(item, "i8").view(f"{letter}8[{unit}]")[()]


NAT = np.iinfo(np.int64).min
INTS = [-(2**63), -129, -128, -2, -1, 0, 1, 2, 127, 128, 300, 2**63 - 1]
REALS = [
    -np.inf,
    -1e300,
    -2.5,
    -1.0,
    -0.5,
    -0.0,
    0.0,
    0.5,
    1.0,
    2.5,
    2.0**63,
    1e300,
    np.inf,
    np.nan,
]
# dtype of keys -> its items, then arrays that queries may be of: dtype and items.
KINDS: dict[str, tuple[Any, list[tuple[Any, list[Any]]]]] = {
    "i1": ([-128, -2, 0, 1, 127], [("i1", [-128, -1, 0, 127]), ("i8", INTS), ("f8", REALS)]),
    "u2": ([0, 1, 2, 65535], [("u8", [0, 1, 65535, 2**64 - 1]), ("i8", INTS), ("f4", REALS[4:10])]),
    "i8": (INTS, [("i8", INTS), ("u8", [0, 1, 2**63 - 1, 2**63]), ("f8", REALS)]),
    "u8": ([0, 1, 2**63, 2**64 - 1], [("u8", [0, 2**64 - 1]), ("i8", INTS), ("f8", REALS)]),
    "f4": ([-np.inf, -1.5, 0.0, -0.0, 0.1, 1.0, np.inf, np.nan], [("f8", REALS), ("i8", INTS)]),
    "f8": (REALS, [("f8", REALS), ("i8", INTS), ("u8", [2**64 - 1])]),
    "f2": ([-1.0, 0.5, 2.0, np.nan], [("f2", [0.5, 1.0, np.nan]), ("f8", REALS)]),
    "?": ([False, True], [("?", [False, True]), ("f8", REALS)]),
    "M8[ms]": (
        [NAT, NAT + 1, -1, 0, 1, 1000, 2**63 - 1],
        [
            ("M8[ms]", [NAT, -1, 0, 2**63 - 1]),
            ("M8[s]", [NAT, -(2**62), 0, 1, 2**62]),
            ("M8[ns]", [1, 10**6]),
        ],
    ),
    "m8[s]": ([NAT, -1, 0, 5], [("m8[s]", [NAT, 0]), ("m8[D]", [0, 1]), ("m8[ms]", [1, 5000])]),
    "str": (WORDS, [("str", WORDS)]),
    "bytes": (BYTES, [("bytes", BYTES)]),
}


def array_of(dtype: str, items: list[Any]) -> Any:
    """Return items as a column; strings as a list."""
    if dtype in ("str", "bytes"):
        return list(items)
    if dtype[0] in "mM":
        return np.array(items, np.int64).view(dtype)
    return np.array(items, dtype)


@st.composite
def questions(draw: st.DrawFn) -> tuple[lx.Columns, list[Any], lx.Columns]:
    """Return sorted keys, their rows and queries of any formats, perhaps of fewer columns."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
    n, m = draw(st.integers(1, 24)), draw(st.integers(1, 6))
    columns = [_column(draw, kind, KINDS[kind][0], n) for kind in kinds]
    rows = list(zip(*columns, strict=True))
    order = sorted(range(n), key=lambda i: row(rows[i]))
    keys = [[c[i] for i in order] if isinstance(c, list) else c[order] for c in columns]
    queries = []
    for kind in kinds[: draw(st.integers(1, len(kinds)))]:
        own = (kind, KINDS[kind][0])
        dtype, items = draw(st.sampled_from([own, own, *KINDS[kind][1]]))
        queries.append(_column(draw, dtype, items, m))
    return lx.Columns(*keys), [rows[i] for i in order], lx.Columns(*queries)


def _column(draw: st.DrawFn, dtype: str, items: list[Any], n: int) -> Any:
    return array_of(dtype, draw(st.lists(st.sampled_from(items), min_size=n, max_size=n)))
