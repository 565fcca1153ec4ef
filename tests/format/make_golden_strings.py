"""Golden files of strings and rows, of version 1.1: python -m tests.format.make_golden_strings

As in make_golden, keys come from integers alone and files that are there stay as they are.
"""

import ipaddress
import struct
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

import learnedidx as lx
from tests.contract.key_sets import Array
from tests.format import make_golden, row_reader
from tests.format.make_golden import spread, write_new

FOLDER = make_golden.FOLDER / "strings"
MOST_BYTES = 180_000  # of all files together: a layer takes 4 KiB at least


def addresses(n: int) -> list[str]:
    """Return sorted addresses of pages, some of which go deep."""
    hosts = ("https://example.com/", "https://example.com/a/b/c/d/e/", "https://example.org/é/")
    numbers = spread(n, 977, 5000).tolist()
    return sorted(f"{hosts[i % 3]}{'page/' * (i % 4)}{number}" for i, number in enumerate(numbers))


def raw(n: int, width: int) -> list[bytes]:
    """Return sorted bytes of one width, different ones."""
    numbers = spread(n, 31, 2**61 - 1).tolist()
    return sorted(
        (number * 0x9E3779B97F4A7C15F39CC0605CEDC835).to_bytes(32, "big")[-width:]
        for number in numbers
    )


@dataclass(frozen=True)
class Case:
    """One golden file: its keys as Python has them, how they are given, the model."""

    keys: list[Any]
    model: Any
    given: Any = None
    with_keys: bool = True
    values: Array | None = None
    size: str | None = None

    @property
    def source(self) -> Any:
        return self.keys if self.given is None else self.given

    def blob(self) -> bytes:
        """Return the file as the library writes it today."""
        saved = lx.LearnedIndex(self.source, self.model, size=self.size)
        blob = saved.save(bytes, self.with_keys, self.values)
        assert blob is not None
        return blob

    def raw(self, item: Any) -> bytes:
        """Return the bytes of a key or a query."""
        return bytes_of(item)

    def queries(self) -> list[Any]:
        """Return some keys and, where there are any, strings beside them."""
        chosen = self.keys[:: max(len(self.keys) // 12, 1)]
        if chosen and isinstance(chosen[0], str):
            chosen += [q for key in chosen for q in (key + "\0", key[:-1], key[:20] + "zz")]
        if chosen and isinstance(chosen[0], bytes):
            chosen += [q for key in chosen for q in (key + b"\1", key[:-1])]
        return chosen

    def answers(self) -> dict[str, list[int]]:
        """Return how many keys are below each query, and how many are not above it."""
        plain = [self.raw(key) for key in self.keys]
        asked = [self.raw(q) for q in self.queries()]
        return {
            "left": [sum(key < q for key in plain) for q in asked],
            "right": [sum(key <= q for key in plain) for q in asked],
        }


@dataclass(frozen=True)
class Rows(Case):
    """A file of rows: its columns, each as COLS says it."""

    said: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def columns(self) -> list[row_reader.RowColumn]:
        return row_reader.columns_in(b"".join(struct.pack("<BBBxI", *each) for each in self.said))

    def raw(self, item: Any) -> bytes:
        return row_reader.bytes_of(self.columns, item)

    def queries(self) -> list[Any]:
        chosen = self.keys[:: max(len(self.keys) // 12, 1)]
        pairs = zip(chosen, [*chosen[1:], *chosen[:1]], strict=True)
        return [*chosen, *(key[:-1] + other[-1:] for key, other in pairs)]


def rows(said: tuple[tuple[int, int, int, int], ...], columns: list[Any], **how: Any) -> Rows:
    """Return the case of sorted rows of these columns: arrays, or lists of strings."""
    read = Rows([], "none", said=said).columns
    items = [list(column) for column in columns]
    keys = sorted(zip(*items, strict=True), key=lambda row: row_reader.bytes_of(read, row))
    given: list[Any] = [list(column) for column in zip(*keys, strict=True)] or columns
    given = [
        part if column.is_string else np.array(part, np.asarray(source).dtype)
        for column, part, source in zip(read, given, columns, strict=True)
    ]
    return Rows(keys, given=lx.Columns(*given), said=said, **how)


def mixed(n: int) -> list[Any]:
    """Return columns of text, times, floats, bytes and UUIDs, NaT and NaN among them."""
    numbers = spread(n, 977, 5000)
    text = [("", "é", "a\0", "a\0b", "a")[i % 5] for i in numbers.tolist()]
    odd = [b"\xff\xfe\0"[: i % 4] + b"\xff" * (i % 3) for i in numbers.tolist()]
    times = (numbers % np.uint64(90)).astype("M8[s]")
    times[::7] = "NaT"
    real = np.where(numbers % 5 == 0, np.nan, numbers.astype("f8") % 4 - 1.5)
    real[::9], real[1::9] = -0.0, -np.inf
    ids = [uuid.UUID(bytes=b) for b in raw(n, 16)]
    return [text, times, real, odd, ids]


def many_kinds(n: int) -> list[Any]:
    """Return columns of narrow numbers, lengths of time and addresses."""
    numbers = spread(n, 31, 2**40)
    kinds = [
        (numbers >> np.uint64(9 + i)).astype(kind) for i, kind in enumerate(("u1", "i1", "i2"))
    ]
    lengths = (numbers.astype(np.int64) - 2**39).astype("m8[ms]")
    networks = [ipaddress.IPv4Address(i % 2**32) for i in numbers.tolist()]
    six = [ipaddress.IPv6Address(i) for i in numbers.tolist()]
    return [numbers % np.uint64(2) == 1, *kinds, (numbers % 9).astype("f4"), lengths, networks, six]


def cases() -> dict[str, Case]:
    """Return all golden files by name."""
    pages, short = addresses(250), sorted({b[:6].rstrip(b"\0") for b in raw(150, 16)})
    return {
        "text-auto": Case(pages, "auto"),
        "text-rmi-keyless": Case(pages[:120], lx.RMI(n_leaves=8), with_keys=False),
        "text-nested-pgm": Case(["a" * i for i in range(60)], lx.PGM(epsilon=1)),
        "text-empty": Case([], "none", np.array([], "U1")),
        "bytes-values": Case(
            [*short, b"\xff" * 9], "none", None, True, np.arange(len(short) + 1) / 4
        ),
        "bytes-trimmed-spline": Case(short, lx.RadixSpline(epsilon=1), np.array(short, "S6")),
        "bytes-fixed-btree": Case(raw(90, 5), lx.BTree(node=8), np.array(raw(90, 5), "V5")),
        "uuid-rmi": Case([uuid.UUID(bytes=b) for b in raw(120, 16)], lx.RMI(n_leaves=8)),
        "ipv4-none": Case([ipaddress.IPv4Address(b) for b in raw(70, 4)], "none"),
        "text-small": Case(pages, lx.BTree(node=8), size="small"),
        **row_cases(),
        "ipv6-keyless": Case([ipaddress.IPv6Address(b) for b in raw(70, 16)], "auto", None, False),
    }


def bytes_of(item: Any) -> bytes:
    """Return the bytes of an item, whatever it is."""
    if isinstance(item, str):
        return item.encode()
    if isinstance(item, bytes):
        return item
    return bytes(item.bytes if isinstance(item, uuid.UUID) else item.packed)


def row_cases() -> dict[str, Case]:
    """Return the golden files of rows."""
    numbers = spread(200, 31, 2**61 - 1)
    pairs = [numbers % np.uint64(40), numbers.astype("i4")]
    narrow = ((0, 1, 0, 0), (0, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0), (8, 0, 0, 0))
    others = ((10, 0, 0, 0), (7, 2, 8, 1), (9, 0, 0, 0), (11, 0, 0, 0), (12, 0, 0, 0))
    both = ((7, 0, 0, 0), (10, 0, 0, 0))
    return {
        "rows-pairs-rmi": rows(
            ((3, 0, 0, 0), (6, 0, 0, 0)), pairs, model=lx.RMI(n_leaves=8), values=np.arange(200)
        ),
        "rows-mixed": rows(others, mixed(120), model="auto"),
        "rows-kinds-keyless": rows(
            (*narrow, (7, 3, 9, 1), (13, 0, 0, 0), (14, 0, 0, 0)),
            many_kinds(80),
            model="none",
            with_keys=False,
        ),
        "rows-empty": rows(both, [np.empty(0, "i8"), np.array([], "U1")], model="none"),
    }


if __name__ == "__main__":
    write_new(FOLDER, cases(), lambda path, case: case.answers())
